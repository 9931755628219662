/**
 * A piece of a trace that can be done again elsewhere: what it recorded, and what it left alive. A piece that holds anything
 * which a copy could not say exactly is none.
 */
import { ops } from "../ops/catalogue.ts";
import type { Arg, Op } from "../ops/op.ts";
import { type GradCall, type GradNode, isTensor, type Storage, type Tensor } from "../tensor/tensor.ts";
import { isPartOp, partOfBase } from "./graph.ts";
import type { Drop, ModuleCall, Operation, Release, TensorNote } from "./trace.ts";
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
}

/** Holders by storage and by node; `tensors` are those of the storage's that the program itself holds. */
export interface Counts {
  readonly holders: Map<Storage | GradNode, number>;
  readonly tensors: Map<Storage, number>;
}

/** What was there before a piece: which of its objects are known, and how often they were held when first seen. */
export interface Before {
  has(object: object): boolean;
  holders(object: Storage | GradNode): number | undefined;
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
  const events: (Operation | Release)[] = [];
  for (const event of tracer.events.slice(mark.events)) {
    const fits =
      event.kind === "operation"
        ? event.pass === mark.pass && survey.operation(event)
        : event.kind === "release" && survey.made.has(event.storage);
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
  if (!known) return "it reached a tensor or a module in a way that was not followed";
  if (!survey.allNodes()) return "it put a node into the graph that cannot be copied";
  if (!savedWithEvents(tracer, mark, events)) return "it kept for autograd what no operation keeps";
  const counts = count(survey.nodes, held, kept, storages);
  for (const one of storages)
    if (one.holders !== (counts.holders.get(one) ?? 0) || one.tensors !== (counts.tensors.get(one) ?? 0)) return untold;
  const alive = [...survey.nodes].filter(({ holders }) => holders > 0);
  for (const node of alive) if (node.holders !== (counts.holders.get(node) ?? 0)) return untold;
  const raised: Counts = { holders: new Map(), tensors: new Map() };
  for (const [one, more] of counts.holders) {
    if (survey.made.has(one as Storage) || survey.nodes.has(one as GradNode)) continue;
    const then = before.holders(one);
    if (then === undefined || one.holders !== then + more) return untold;
    raised.holders.set(one, more);
  }
  for (const [one, more] of counts.tensors) if (!survey.made.has(one)) raised.tensors.set(one, more);
  return {
    mark,
    events,
    calls,
    drops,
    storages: storages.map((storage) => ({ ...storage, storage })),
    nodes: alive.map((node) => ({ node, saved: node.saved, holders: node.holders })),
    raised,
  };
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
  made: readonly Storage[],
): Counts {
  const holders = new Map<Storage | GradNode, number>();
  const tensors = new Map<Storage, number>();
  const add = (one: Storage | GradNode) => holders.set(one, (holders.get(one) ?? 0) + 1);
  for (const { storage, node } of [...held, ...kept]) {
    add(storage);
    if (node) add(node);
  }
  for (const { storage } of held) tensors.set(storage, (tensors.get(storage) ?? 0) + 1);
  for (const { writer } of made) if (writer) add(writer);
  for (const node of nodes) {
    if (node.holders <= 0) continue;
    for (const storage of node.saved) add(storage);
    for (const input of node.inputs) add(input);
  }
  return { holders, tensors };
}

/** Looks through what a piece refers to: all of it is made in the piece, or was known before. */
class Survey {
  readonly nodes = new Set<GradNode>();
  private readonly waiting: GradNode[] = [];
  private readonly seen = new Set<object>();

  constructor(
    readonly made: ReadonlySet<Storage>,
    private readonly before: Before,
  ) {}

  knows(storage: Storage): boolean {
    return this.made.has(storage) || this.before.has(storage);
  }

  notes(notes: readonly TensorNote[]): boolean {
    for (const { storage } of notes) if (!this.knows(storage)) return false;
    return true;
  }

  operation({ inputs, outputs, made, saved, call }: Operation): boolean {
    if (!this.notes(inputs) || !this.notes(outputs)) return false;
    for (const one of made) if (!this.made.has(one)) return false;
    for (const one of saved) if (!this.knows(one)) return false;
    return this.args(call.args) && this.args(call.out);
  }

  storage({ role, base, writer }: Storage): boolean {
    if (writer) this.node(writer);
    return role === "activation" && (!base || this.tensor(base));
  }

  args(args: readonly unknown[]): boolean {
    if (this.seen.has(args)) return true;
    this.seen.add(args);
    for (const arg of args) {
      if (Array.isArray(arg)) {
        for (const one of arg) if (isTensor(one) && !this.tensor(one)) return false;
      } else if (isTensor(arg) && !this.tensor(arg)) return false;
    }
    return true;
  }

  tensor(tensor: Tensor): boolean {
    if (this.seen.has(tensor) || this.before.has(tensor)) return true;
    this.seen.add(tensor);
    if (!this.knows(tensor.storage)) return false;
    if (tensor.node) this.node(tensor.node);
    return true;
  }

  private node(node: GradNode): void {
    if (this.nodes.has(node) || this.before.has(node)) return;
    this.nodes.add(node);
    this.waiting.push(node);
  }

  /** Nodes behind nodes, too. */
  allNodes(): boolean {
    for (let node = this.waiting.pop(); node; node = this.waiting.pop()) {
      if (!this.call(node.call) || !node.saved.every((one) => this.knows(one))) return false;
      for (const input of node.inputs) this.node(input);
    }
    return true;
  }

  private call({ op, args, out, kept, own, again }: GradCall): boolean {
    if (own || again || !this.isShared(op as Op)) return false;
    return this.args(args as readonly Arg[]) && this.args(out) && this.args(kept);
  }

  private isShared(op: Op): boolean {
    if (isPartOp(op)) return this.tensor(op.part.target) && this.isShared(op.part.op);
    return op === partOfBase || ops.get(op.name) === op;
  }
}
