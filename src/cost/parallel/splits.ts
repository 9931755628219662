/**
 * How tensor parallelism cuts a traced model, found from its data flow as Megatron places it (arXiv 1909.08053, section 3): a
 * product of whole activations with a block's matrix splits its columns and gives split activations, one of split
 * activations splits its rows and gives partial sums that are added up across the ranks.
 */
import { Unknown } from "../../base/unknown.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { SymInt } from "../../tensor/size.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { Operation, TensorNote, Trace } from "../../trace/trace.ts";
import type { Layout, Weight } from "./layout.ts";

/** What a block hands over at one place, the whole tensor's bytes. */
export interface Exchange {
  readonly bytes: number;
  readonly operation: Operation;
}

export interface Splits {
  /** Activations and parameters of which a rank holds one part. */
  readonly split: ReadonlySet<Storage>;
  /** Sums after products that split rows and after look-ups in a split table: an all-reduce each, in the forward pass. */
  readonly sums: readonly Exchange[];
  /** Whole inputs of products that split columns: the sum of their gradients, an all-reduce each, in the backward pass. */
  readonly copies: readonly Exchange[];
  /** Split tensors that meet whole ones: an all-gather each. */
  readonly gathers: readonly Exchange[];
  /** Operations of whose work a rank does one part. */
  readonly divided: ReadonlySet<Operation>;
  /** Copies of parameters in another type, as autocast makes them. */
  readonly casts: ReadonlySet<Storage>;
  /** What experts take and what they give. */
  readonly dispatched: readonly Exchange[];
  readonly combined: readonly Exchange[];
}

/** Follows a trace's forward and backward operations; parts whose bytes are unknown are left out, as the memory walk is then unknown. */
export function splitsOf({ events }: Trace, { weights, experts }: Layout): Splits {
  const byStorage = new Map(weights.map((weight) => [weight.storage, weight]));
  const vocabulary = vocabularyOf(events, byStorage);
  const split = new Set<Storage>();
  const copied = new Set<Storage>();
  const taken = new Set<Storage>();
  const casts = new Set<Storage>();
  const seen = new Set<Storage>();
  const divided = new Set<Operation>();
  const found = { sums: [], copies: [], gathers: [], dispatched: [], combined: [] } as Record<
    "sums" | "copies" | "gathers" | "dispatched" | "combined",
    Exchange[]
  >;
  for (const event of events) {
    if (event.kind !== "operation") continue;
    const note = (list: Exchange[], { storage }: TensorNote) => {
      if (event.pass === "forward" && !(storage.bytes instanceof Unknown))
        list.push({ bytes: storage.bytes, operation: event });
    };
    const own = event.inputs.flatMap(({ storage }) => byStorage.get(storage) ?? []);
    const given = event.inputs.filter(({ storage }) => !byStorage.has(storage) && storage.role !== "buffer");
    const isSplit = given.some(({ storage }) => split.has(storage));
    const matrix = own.find((weight) => isProduct(event) && weight.shape.length >= 2);
    let result = isSplit;
    if (given.length === 0 && own.length === 1) {
      // A cast or a copy of a parameter stands for it.
      for (const { storage } of event.outputs) {
        if (byStorage.has(storage)) continue;
        byStorage.set(storage, own[0] as Weight);
        casts.add(storage);
      }
      result = split.has((own[0] as Weight).storage);
    } else if (matrix) {
      const cuts = (matrix.block !== undefined && !isRouter(matrix, experts)) || vocabulary.has(matrix.storage);
      result = cuts && !isSplit;
      if (cuts) divided.add(event);
      if (cuts && event.pass === "forward") {
        split.add(matrix.storage);
        if (!isSplit) for (const { storage, shape } of own) if (shape.length === 1) split.add(storage);
      }
      if (matrix.experts > 0) {
        for (const one of isSplit ? event.outputs : given.filter(hasNumbers)) {
          if (taken.has(one.storage)) continue;
          taken.add(one.storage);
          note(isSplit ? found.combined : found.dispatched, one);
        }
      }
      if (isSplit) for (const one of event.outputs) note(found.sums, one);
      else if (cuts) {
        for (const one of given.filter(hasNumbers)) {
          if (copied.has(one.storage)) continue;
          copied.add(one.storage);
          note(found.copies, one);
        }
      }
    } else if (isLookUp(event) && own[0] && vocabulary.has(own[0].storage)) {
      split.add(own[0].storage);
      result = false;
      for (const one of event.outputs) note(found.sums, one);
    } else if (isSplit && meetsWhole(event, given, split)) {
      result = false;
      for (const one of given) if (split.has(one.storage)) note(found.gathers, one);
    }
    // A loss makes its gradient whole from one number; of the scores of a split vocabulary a rank has its own part.
    if (event.pass !== "forward" && !matrix && scores(event, vocabulary, byStorage)) result = true;
    if (result) {
      divided.add(event);
      // A cache that split keys join was split before.
      if (event.name === "aten.cat") for (const { storage } of given) if (storage.role === "input") split.add(storage);
      for (const storage of event.made) split.add(storage);
      // Copies that autograd makes of what it keeps.
      for (const storage of event.saved) if (!seen.has(storage) && storage.role === "activation") split.add(storage);
    }
    for (const storage of [...event.made, ...event.saved]) seen.add(storage);
  }
  // What this pass does not run, such as an encoder beside a decoder's step, is split as well.
  const used = new Set(
    events.flatMap((event) => (event.kind === "operation" ? event.inputs : [])).map((one) => one.storage),
  );
  for (const weight of weights) {
    const isMatrix = weight.block !== undefined && weight.shape.length >= 2 && !isRouter(weight, experts);
    if (isMatrix && split.size > 0 && !used.has(weight.storage)) split.add(weight.storage);
  }
  return { split, divided, casts, ...found };
}

/** Activations; positions and offsets have no gradient. */
function hasNumbers({ dtype }: TensorNote): boolean {
  return isFloating(dtype);
}

function isProduct({ name, macs }: Operation): boolean {
  return macs !== 0 && !/conv|lstm|gru|rnn|attention|bilinear/.test(name);
}

function isLookUp({ name, pass }: Operation): boolean {
  return name === "aten.embedding" && pass === "forward";
}

/** Tables that are looked up, and matrices with as many rows as one: the output layer. */
function vocabularyOf(events: Trace["events"], byStorage: ReadonlyMap<Storage, Weight>): Set<Storage> {
  const tables = new Set<Weight>();
  for (const event of events) {
    if (event.kind !== "operation" || !isLookUp(event)) continue;
    const table = event.inputs.map(({ storage }) => byStorage.get(storage)).find((weight) => weight !== undefined);
    // Positions are few and stay whole.
    if (table && table.block === undefined) tables.add(table);
  }
  const rows = Math.max(0, ...[...tables].map(({ shape }) => shape[0] ?? 0));
  const all = [...byStorage.values()].filter(
    (weight) => weight.block === undefined && weight.shape.length === 2 && weight.shape[0] === rows,
  );
  return new Set(all.map(({ storage }) => storage));
}

/** Whether an operation's result has an axis of the whole vocabulary, last. */
function scores(
  { outputs }: Operation,
  vocabulary: ReadonlySet<Storage>,
  byStorage: ReadonlyMap<Storage, Weight>,
): boolean {
  const [table] = vocabulary;
  const rows = table && byStorage.get(table)?.shape[0];
  return rows !== undefined && outputs.some((one) => one.shape.length > 1 && hints(one).endsWith(`,${rows}`));
}

/** A layer that scores experts: its rows are the experts. */
function isRouter({ shape, experts: own }: Weight, experts: number): boolean {
  return experts > 1 && own === 0 && (shape[0] === experts || shape[1] === experts);
}

function hints(one: TensorNote | undefined): string {
  return String(one?.shape.map((size) => (size instanceof SymInt ? size.hint : size)));
}

/** A sum of a split tensor and a whole one of its shape, as where a block has an odd number of products before it ends. */
function meetsWhole({ name, outputs }: Operation, given: readonly TensorNote[], split: ReadonlySet<Storage>): boolean {
  if (!/^aten\.add_?$/.test(name) || (outputs[0]?.shape.length ?? 4) > 3 || given.length < 2) return false;
  const shape = hints(outputs[0]);
  return given.every((one) => hints(one) === shape) && given.some(({ storage }) => !split.has(storage));
}
