/** One token for each sequence behind a filled KV cache. */
import { Unknown } from "../base/unknown.ts";
import { type CacheRecord, cachesOf, givenIn } from "../evidence/caches.ts";
import { type Built, type Pass, runPass } from "../evidence/run.ts";
import { call } from "../python/calls.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyDict, PyList, PyTuple, type Value } from "../python/values.ts";
import { count } from "../tensor/size.ts";
import type { Storage, Tensor } from "../tensor/tensor.ts";
import { cacheNotes } from "../torch/cacheNotes.ts";
import { tensorsIn } from "../torch/moduleCalls.ts";
import { type Failure, guarded, inputTensor, isFailure, scenarioFunction } from "../torch/session.ts";
import { dtypeObject, TensorObject } from "../torch/tensorObject.ts";
import type { TraceEvent } from "../trace/trace.ts";
import type { Stage } from "./stage.ts";

type Keywords = ReadonlyMap<string, Value>;

/**
 * The pass of the next token: the model reads a prompt of `sequence` tokens first, without a trace, and keeps its cache.
 * A failure where it keeps none that can be told.
 */
export function decodePass(
  py: Interpreter,
  { model }: Built,
  args: readonly Value[],
  keywords: Keywords,
  sequence: number,
  { autocast }: Stage,
): Pass | Failure {
  const ids = [...keywords.values(), ...args].find(isTokens);
  if (!ids) return unknown("no input holds tokens, so that what the next one is cannot be told");
  const resized = (length: number) => (value: Value) => (isTokens(value) ? tokens(py, value, length) : value);
  const prompt = { args: args.map(resized(sequence)), keywords: mapped(keywords, resized(sequence)) };
  cacheNotes(py).length = 0;
  const filled = guarded(py, () =>
    call(py, scenarioFunction(py, "fill"), [
      model,
      new PyTuple(prompt.args),
      dict(prompt.keywords),
      autocast ? dtypeObject(autocast) : null,
    ]),
  );
  if (isFailure(filled)) return filled;
  const [cache = null, memory = null] = filled instanceof PyTuple ? filled.items : [];
  if (cache === null || cache instanceof Unknown)
    return unknown("forward returns no KV cache that Assay recognises, so that a decode step is not known");
  const read = givenIn([...prompt.args, ...prompt.keywords.values()].flatMap(tensorsIn));
  const filledNotes = cachesOf(py, model, undefined, read);
  const before = cachedTensors(py, cache);
  for (const { storage } of before) storage.role = "input";
  const next = mapped(keywords, resized(1));
  const given = new Map<string, Value>([...next, ["past_key_values", cache], ["use_cache", true]]);
  if (memory instanceof TensorObject) {
    memory.value.storage.role = "input";
    given.delete("input_ids");
    given.set("encoder_outputs", new PyTuple([memory]));
    given.set("decoder_input_ids", tokens(py, ids, 1));
  }
  const pass = runPass(py, model, args.map(resized(1)), given, false, { autocast });
  const after = cachedTensors(py, cache);
  // A cache that grows by itself is the same one; a plain tuple is handed on anew, with the new token.
  const lengths = [...read.lengths, ...read.lengths.map((length) => length + 1)];
  const observed = () =>
    cachesOf(py, model, pass.output, { ...read, lengths }) ?? cachesOf(py, model, holder(cache), read);
  return {
    ...pass,
    ...released(pass, before, after),
    kvCaches: pairs(after),
    caches: filledNotes ? ofStep(filledNotes, pass.caches) : observed(),
    inputs: [...pass.inputs, ...before],
  };
}

function unknown(reason: string): Failure {
  return { reason, error: undefined };
}

/** What the prompt left, with one token more: keys and values as the step makes them, so that they are the trace's own. */
function ofStep(filled: CacheRecord, step: CacheRecord | undefined): CacheRecord {
  const isKeys = ({ kind }: CacheRecord["notes"][number]) => kind === "keys";
  const made = step?.observed === false ? step.notes.filter(isKeys) : [];
  if (made.length !== filled.notes.filter(isKeys).length) return { ...filled, more: 1 };
  const next = made.values();
  const notes = filled.notes.map((note) => {
    if (!isKeys(note)) return note;
    const length = note.tensors[0]?.shape.at(-2);
    const tokens = length === undefined || length instanceof Unknown ? undefined : count([length]);
    const { tensors = note.tensors } = next.next().value ?? {};
    return tokens !== undefined ? { ...note, tensors, tokens } : note;
  });
  return { ...filled, notes, more: 1 };
}

/** A pass's output that hands on nothing but the cache. */
function holder(cache: Value): PyDict {
  return new PyDict(new Map([["past_key_values", ["past_key_values", cache] as const]]));
}

/** A batch of token numbers: integers, a row for each sequence. */
function isTokens(value: Value): value is TensorObject {
  return value instanceof TensorObject && value.value.dtype === "int64" && value.value.shape.length === 2;
}

function tokens(py: Interpreter, { value }: TensorObject, length: number): TensorObject {
  return inputTensor(py, value.dtype, [value.shape[0] ?? 1, length]);
}

function mapped(keywords: Keywords, change: (value: Value) => Value): Keywords {
  return new Map([...keywords].map(([name, value]) => [name, change(value)]));
}

function dict(keywords: Keywords): PyDict {
  return new PyDict(new Map([...keywords].map(([name, value]) => [name, [name, value] as const])));
}

/** Keys and values in turn, layer by layer. */
function cachedTensors(py: Interpreter, cache: Value): Tensor[] {
  const found = guarded(py, () => call(py, scenarioFunction(py, "cached"), [cache]));
  return found instanceof PyList ? found.items.flatMap(tensorsIn) : [];
}

function pairs(tensors: readonly Tensor[]): Tensor[][] {
  return tensors.flatMap((key, i) => (i % 2 === 0 ? [[key, tensors[i + 1] ?? key]] : []));
}

/**
 * The trace with releases of what the cache holds no more, and without those of what it holds: a cache that grows by a copy lets go of each layer's old keys
 * and values right behind the copy, which is the last operation to read them.
 */
function released(
  { trace }: Pass,
  before: readonly Tensor[],
  after: readonly Tensor[],
): Pick<Pass, "trace" | "forward"> {
  const held = new Set<Storage>(after.map(({ storage }) => storage));
  const gone = new Set(before.map(({ storage }) => storage).filter((storage) => !held.has(storage)));
  const lastRead = new Map<TraceEvent, Storage[]>();
  for (const event of [...trace.events].reverse()) {
    if (event.kind !== "operation") continue;
    const own = event.inputs.map(({ storage }) => storage).filter((storage) => gone.delete(storage));
    if (own.length > 0) lastRead.set(event, own);
  }
  const events: TraceEvent[] = [];
  /** How many events come before each of the old ones. */
  const places: number[] = [];
  for (const event of trace.events) {
    places.push(events.length);
    // The cache holds what the step's own names let go of.
    if (event.kind === "release" && held.has(event.storage)) continue;
    events.push(event);
    for (const storage of lastRead.get(event) ?? []) events.push({ kind: "release", storage });
  }
  const drops = trace.drops
    .filter(({ storage }) => !held.has(storage))
    .map((drop) => ({ ...drop, after: places[drop.after] ?? events.length }));
  const whole = { ...trace, events, drops };
  return { trace: whole, forward: whole };
}
