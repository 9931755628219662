/** The KV cache in a type of its own: what is stored of it, and which copies in the model's type live while it is read. */
import type { Scenario } from "../../base/scenario.ts";
import { type Known, Unknown } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { Storage, type Tensor } from "../../tensor/tensor.ts";
import type { TraceEvent } from "../../trace/trace.ts";
import { storedItemBytes } from "./caches/layout.ts";
import { residualTokens } from "./caches/transformers.ts";
import { sizesOf } from "./holdings.ts";

/** How a runtime keeps cached keys and values. */
export interface CacheForm {
  /** Of one stored element, its part of a scale and a zero point included. */
  readonly itemBytes: number;
  /** Whether attention's kernels read the stored form; otherwise each layer's cache is written out in the model's type. */
  readonly direct: boolean;
  /** The newest tokens, which stay in the model's type. */
  readonly residual: number;
  /** In words, with its source. */
  readonly source: string;
}

/** Undefined where the cache has the model's own type. */
export function cacheForm({ dtype, kvDtype, runtime, phase }: Scenario): CacheForm | undefined {
  const own = dtype === "fp32" || dtype === "fp16" ? dtype : "bf16";
  if (kvDtype === undefined || kvDtype === own || phase === "train") return undefined;
  const isInteger = kvDtype === "int8" || kvDtype === "int4";
  const stored = storedItemBytes(kvDtype);
  if (runtime === "vllm" || runtime === "llama.cpp" || kvDtype === "fp8")
    return {
      itemBytes: stored,
      direct: true,
      residual: 0,
      source: `in ${kvDtype}, which attention reads as it is stored (${runtime === "llama.cpp" ? "llama.cpp" : "vLLM, FlashInfer"})`,
    };
  return {
    itemBytes: stored,
    direct: false,
    residual: isInteger ? residualTokens : 0,
    source: isInteger
      ? `in ${kvDtype} in groups of 64 as transformers' QuantizedCache keeps it: its newest ${residualTokens} tokens stay in the model's type, and each layer writes its whole cache out in that type where it attends`
      : `in ${kvDtype}; each layer writes its whole cache out in the model's type where it attends`,
  };
}

/** What is stored of one layer's keys or values; what its own tensor takes where the cache has the model's type. */
export function storedBytes(tensor: Tensor, form: CacheForm | undefined): Known<number> {
  const { storage, dtype } = tensor;
  if (!form) return storage.bytes;
  const sizes = sizesOf(tensor);
  if (!sizes)
    return storage.bytes instanceof Unknown ? storage.bytes : new Unknown("a cached tensor's size is not known");
  const elements = sizes.reduce((product, size) => product * size, 1);
  const tokens = sizes.at(-2) ?? 1;
  const newest = elements * Math.min(1, form.residual / Math.max(1, tokens));
  return Math.ceil((elements - newest) * form.itemBytes + newest * itemBytes(dtype));
}

/** A pass's events with the copies that a stored form needs, and what each storage of the cache takes in it. */
export interface StoredCache {
  readonly events: readonly TraceEvent[];
  /** Of storages of the cache, and of what stands for the stored form. */
  readonly bytes: ReadonlyMap<Storage, number>;
}

/**
 * Where attention reads the stored form, each storage takes fewer bytes. Otherwise what was handed in lies stored for the whole
 * pass; the operation that reads it first makes a copy in the model's type, and what that operation makes of it lives until
 * it is read for the last time. Caches that the pass lets go of by itself are none.
 */
export function storedCache(
  events: readonly TraceEvent[],
  handedIn: readonly Tensor[],
  after: readonly Tensor[],
  form: CacheForm | undefined,
): StoredCache {
  const bytes = new Map<Storage, number>();
  if (!form) return { events, bytes };
  const stored = (tensor: Tensor) => {
    const size = storedBytes(tensor, form);
    return size instanceof Unknown ? undefined : size;
  };
  const released = new Set(events.flatMap((event) => (event.kind === "release" ? [event.storage] : [])));
  const made = after.filter(({ storage }) => storage.role !== "input" && !released.has(storage));
  for (const tensor of [...handedIn, ...made]) {
    const size = stored(tensor);
    if (size !== undefined) bytes.set(tensor.storage, size);
  }
  if (form.direct) return { events, bytes };
  return written(events, handedIn, made, bytes);
}

function written(
  events: readonly TraceEvent[],
  before: readonly Tensor[],
  made: readonly Tensor[],
  stored: ReadonlyMap<Storage, number>,
): StoredCache {
  const bytes = new Map(before.flatMap(({ storage }) => [[storage, stored.get(storage) ?? 0] as const]));
  const [first, last] = uses(events, new Set([...before, ...made].map(({ storage }) => storage)));
  const begins = new Map<TraceEvent, Storage[]>();
  const ends = new Map<TraceEvent, Storage[]>();
  const put = (map: Map<TraceEvent, Storage[]>, event: TraceEvent | undefined, storage: Storage) => {
    if (event) map.set(event, [...(map.get(event) ?? []), storage]);
  };
  let numbers = 0;
  /** A storage that no operation of the trace knows. */
  const standIn = (of: Storage, size: number) => new Storage(--numbers, size, "activation", of.device);
  const size = ({ bytes: own }: Storage) => (own instanceof Unknown ? 0 : own);
  const order = new Map(events.map((event, i) => [event, i]));
  const place = (event: TraceEvent | undefined) => (event ? (order.get(event) ?? -1) : -1);
  // Keys and values of a layer are written out together, ahead of both copies that they grow by.
  for (let i = 0; i < before.length; i += 2) {
    const pair = before.slice(i, i + 2).map(({ storage }) => storage);
    const [begin] = pair.map((one) => first.get(one)).toSorted((a, b) => place(a) - place(b));
    const end = pair.map((one) => last.get(one)).toSorted((a, b) => place(b) - place(a))[0];
    for (const storage of pair) {
      const copy = standIn(storage, size(storage));
      put(begins, begin, copy);
      put(ends, end, copy);
    }
  }
  const old = before.reduce((total, { storage }) => total + (stored.get(storage) ?? 0), 0);
  const all = made.reduce((total, { storage }) => total + (stored.get(storage) ?? 0), 0);
  // What was stored before stays; only what is new takes more.
  const part = all > 0 ? Math.max(0, all - old) / all : 0;
  for (const { storage } of made) {
    const kept = standIn(storage, part * (stored.get(storage) ?? 0));
    bytes.set(kept, size(kept));
    put(begins, first.get(storage), kept);
    put(ends, last.get(storage), storage);
  }
  const kept = new Set([...before, ...made].map(({ storage }) => storage));
  const changed = events.flatMap((event): TraceEvent[] => {
    if (event.kind === "release") return kept.has(event.storage) ? [] : [event];
    const begun = begins.get(event);
    const now = event.kind === "operation" && begun ? { ...event, made: [...event.made, ...begun] } : event;
    return [now, ...(ends.get(event) ?? []).map((storage) => ({ kind: "release", storage }) as const)];
  });
  return { events: changed, bytes };
}

/** The first and the last operation that makes or reads each storage. */
function uses(
  events: readonly TraceEvent[],
  of: ReadonlySet<Storage>,
): readonly [ReadonlyMap<Storage, TraceEvent>, ReadonlyMap<Storage, TraceEvent>] {
  const first = new Map<Storage, TraceEvent>();
  const last = new Map<Storage, TraceEvent>();
  for (const event of events) {
    if (event.kind !== "operation") continue;
    for (const storage of [...event.inputs.map((one) => one.storage), ...event.made]) {
      if (!of.has(storage)) continue;
      if (!first.has(storage)) first.set(storage, event);
      last.set(storage, event);
    }
  }
  return [first, last];
}
