/**
 * A piece of a trace that can be done again elsewhere: what it recorded, and what it left alive. A piece that holds anything
 * which a copy could not say exactly is none.
 */
import type { GradNode, Storage, Tensor } from "../tensor/tensor.ts";
import { Survey } from "./survey.ts";
import type { Drop, ModuleCall, Operation, Release } from "./trace.ts";
import type { Tracer } from "./tracer.ts";

/** Where a trace stood. */
export interface Mark {
  readonly events: number;
  readonly calls: number;
  readonly drops: number;
  readonly storages: number;
  readonly saved: number;
  readonly pass: Tracer["pass"];
}

export interface Piece {
  readonly mark: Mark;
  readonly events: readonly (Operation | Release)[];
  readonly calls: readonly ModuleCall[];
  readonly drops: readonly Drop[];
  /** Storages that it made, in order, as it left them. */
  readonly storages: readonly (Pick<
    Storage,
    "bytes" | "role" | "device" | "holders" | "tensors" | "writer" | "base"
  > & {
    readonly storage: Storage;
  })[];
  /** Nodes that it left alive. */
  readonly nodes: readonly { readonly node: GradNode; readonly saved: readonly Storage[]; readonly holders: number }[];
  /** By how much it raised the holders of what was there before. */
  readonly raised: Counts;
  /** Memory from before that it wrote to, with the node that did. */
  readonly written: readonly (readonly [Storage, GradNode | undefined])[];
}

/** Holders by storage and by node; `tensors` are those of the storage's that the program itself holds. */
export interface Counts {
  readonly holders: Map<Storage | GradNode, number>;
  readonly tensors: Map<Storage, number>;
}

/** What was there before a piece: which of its objects are known, and how often they were held when first seen. */
export interface Before {
  has(object: object): boolean;
  readonly holders: ReadonlyMap<Storage | GradNode, number>;
  /** Where the piece may let go of what was there before and write to it: how each storage was when first seen. */
  readonly storages?: ReadonlyMap<Storage, Pick<Storage, "tensors" | "writer">> | undefined;
}

export function markOf(tracer: Tracer): Mark {
  tracer.madeStorages ??= [];
  const { events, calls, drops, saved, pass, madeStorages } = tracer;
  return {
    events: events.length,
    calls: calls.length,
    drops: drops.length,
    storages: madeStorages.length,
    saved: saved.size,
    pass,
  };
}

/**
 * What was done since the mark, or why it cannot be done again. `held` are the tensors made since that the program still
 * holds, `kept` those that something else does, `others` tensors that the caller will copy too.
 */
export function pieceSince(
  tracer: Tracer,
  mark: Mark,
  held: readonly Tensor[],
  kept: readonly Tensor[],
  before: Before,
  others: readonly Tensor[],
): Piece | string {
  const storages = (tracer.madeStorages as Storage[]).slice(mark.storages);
  const survey = new Survey(new Set(storages), before);
  const free = before.storages !== undefined;
  const events: (Operation | Release)[] = [];
  for (const event of tracer.events.slice(mark.events)) {
    const fits =
      event.kind === "operation"
        ? event.pass === mark.pass && survey.operation(event)
        : event.kind === "release" && (survey.made.has(event.storage) || (free && before.has(event.storage)));
    if (!fits) return `it did what a copy cannot say: ${event.kind === "operation" ? event.name : event.kind}`;
    events.push(event as Operation | Release);
  }
  const calls = tracer.calls.slice(mark.calls);
  const drops = tracer.drops.slice(mark.drops);
  const known =
    calls.every(({ module, inputs, outputs }) => before.has(module) && survey.notes(inputs) && survey.notes(outputs)) &&
    drops.every(({ storage }) => survey.knows(storage)) &&
    [...held, ...kept, ...others].every((one) => survey.tensor(one)) &&
    storages.every((one) => survey.storage(one));
  const written = writtenIn(before);
  for (const [, writer] of written) if (writer) survey.node(writer);
  if (!known) return "it reached a tensor or a module in a way that was not followed";
  if (!survey.allNodes()) return "it put a node into the graph that cannot be copied";
  if (!savedWithEvents(tracer, mark, events)) return "it kept for autograd what no operation keeps";
  const writers = [...storages.map(({ writer }) => writer), ...written.map(([, writer]) => writer)];
  const counts = count(survey.nodes, held, kept, writers);
  for (const one of storages)
    if (one.holders !== (counts.holders.get(one) ?? 0) || one.tensors !== (counts.tensors.get(one) ?? 0)) return untold;
  const alive = [...survey.nodes].filter(({ holders }) => holders > 0);
  for (const node of alive) if (node.holders !== (counts.holders.get(node) ?? 0)) return untold;
  const raised = free ? changes(before) : raises(counts, survey, before);
  if (!raised) return untold;
  return {
    mark,
    events,
    calls,
    drops,
    storages: storages.map((storage) => ({ ...storage, storage })),
    nodes: alive.map((node) => ({ node, saved: node.saved, holders: node.holders })),
    raised,
    written,
  };
}

/** What a piece that lets go of nothing else raised; undefined where holders changed otherwise. */
function raises(counts: Counts, survey: Survey, { holders }: Before): Counts | undefined {
  const raised: Counts = { holders: new Map(), tensors: new Map() };
  for (const [one, more] of counts.holders) {
    if (survey.made.has(one as Storage) || survey.nodes.has(one as GradNode)) continue;
    const then = holders.get(one);
    if (then === undefined || one.holders !== then + more) return undefined;
    raised.holders.set(one, more);
  }
  for (const [one, more] of counts.tensors) if (!survey.made.has(one)) raised.tensors.set(one, more);
  return raised;
}

/** How the holders of what was there before changed; undefined where a node died that held what nobody saw. */
function changes({ holders, storages }: Before): Counts | undefined {
  const raised: Counts = { holders: new Map(), tensors: new Map() };
  for (const [one, then] of holders) {
    if ("call" in one && then > 0 && one.holders <= 0) {
      for (const held of [...one.inputs, ...one.saved]) if (!holders.has(held)) return undefined;
    }
    if (one.holders !== then) raised.holders.set(one, one.holders - then);
  }
  for (const [one, { tensors }] of storages ?? [])
    if (one.tensors !== tensors) raised.tensors.set(one, one.tensors - tensors);
  return raised;
}

function writtenIn({ storages }: Before): [Storage, GradNode | undefined][] {
  const written: [Storage, GradNode | undefined][] = [];
  for (const [one, { writer }] of storages ?? []) if (one.writer !== writer) written.push([one, one.writer]);
  return written;
}

const untold = "something else holds what it made";

/** Whether each storage that autograd began to keep is kept by an operation. */
function savedWithEvents(tracer: Tracer, mark: Mark, events: Piece["events"]): boolean {
  if (tracer.saved.size === mark.saved) return true;
  const told = new Set<Storage>();
  for (const event of events) if (event.kind === "operation") for (const one of event.saved) told.add(one);
  return [...tracer.saved].slice(mark.saved).every((one) => told.has(one));
}

/** Who holds what of all that is alive. */
function count(
  nodes: ReadonlySet<GradNode>,
  held: readonly Tensor[],
  kept: readonly Tensor[],
  writers: readonly (GradNode | undefined)[],
): Counts {
  const holders = new Map<Storage | GradNode, number>();
  const tensors = new Map<Storage, number>();
  const add = (one: Storage | GradNode) => holders.set(one, (holders.get(one) ?? 0) + 1);
  for (const { storage, node } of [...held, ...kept]) {
    add(storage);
    if (node) add(node);
  }
  for (const { storage } of held) tensors.set(storage, (tensors.get(storage) ?? 0) + 1);
  for (const writer of writers) if (writer) add(writer);
  for (const node of nodes) {
    if (node.holders <= 0) continue;
    for (const storage of node.saved) add(storage);
    for (const input of node.inputs) add(input);
  }
  return { holders, tensors };
}
