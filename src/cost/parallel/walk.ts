/** Bytes alive on one rank over a step: the trace's storages walked as on one device, each by the part that the rank holds. */
import { type Known, Unknown } from "../../base/unknown.ts";
import { type Size, SymInt } from "../../tensor/size.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { Operation, TensorNote, Trace } from "../../trace/trace.ts";
import type { Axes, Degrees } from "./degrees.ts";
import type { Layout } from "./layout.ts";
import type { Splits } from "./splits.ts";
import type { Staging } from "./stages.ts";
import { sharesOf } from "./states.ts";

/** One pipeline stage's bytes, for one micro-batch. */
export interface Walk {
  /** Alive when its forward pass has ended: what each further micro-batch in flight adds. */
  readonly keptBytes: number;
  /** The highest sum of inputs, activations, gradients of activations and workspace. */
  readonly peakBytes: number;
  /** As well, with the gradients of parameters as they come, each by the part that is given. */
  readonly peakWithGradients: number;
}

/** The first input's axes: samples, and tokens where it is a matrix of integers or has three axes. */
export function axesOf({ calls }: Trace): Axes {
  const [first] = calls[1]?.inputs ?? [];
  const [batch, sequence] = (first?.shape ?? []).map(hint);
  const rank = first?.shape.length ?? 0;
  const hasTokens = rank === 3 || (rank === 2 && /^(int|uint)/.test(first?.dtype ?? ""));
  return { batch, sequence: hasTokens ? sequence : undefined };
}

/** The walk of each stage; unknown where a storage's size is. */
export function walksOf(
  trace: Trace,
  layout: Layout,
  splits: Splits,
  staging: Staging,
  degrees: Degrees,
): Known<readonly Walk[]> {
  const share = shares(trace, layout, splits, degrees);
  const alive = new Map<Storage, { stage: number; bytes: number; kind: Kind }>();
  const stages = Array.from({ length: degrees.stages }, () => ({
    activation: 0,
    gradient: 0,
    input: 0,
    kept: 0,
    peak: 0,
    both: 0,
  }));
  const hold = (storage: Storage, event: Operation): Unknown | undefined => {
    if (storage.device === "cpu" || storage.device === "meta") return undefined;
    if (storage.bytes instanceof Unknown) return storage.bytes;
    const at = staging.stageOf(event);
    const { part, kind } = share(storage, event);
    const bytes = storage.bytes * part;
    alive.set(storage, { stage: at, bytes, kind });
    (stages[at] as (typeof stages)[number])[kind] += bytes;
    return undefined;
  };
  // What the caller hands in is there before anything runs, where it is first used.
  for (const event of trace.events) {
    if (event.kind !== "operation") continue;
    for (const { storage } of event.inputs) {
      if (storage.role !== "input" || alive.has(storage)) continue;
      const unknown = hold(storage, event);
      if (unknown) return unknown;
    }
  }
  let isForward = true;
  const endForward = () => {
    if (isForward) for (const stage of stages) stage.kept = stage.activation;
    isForward = false;
  };
  const own = new Set(layout.weights.map(({ storage }) => storage));
  for (const event of trace.events) {
    if (event.kind === "unknown") return event.reason;
    if (event.kind === "release") {
      const one = alive.get(event.storage);
      const stage = one && stages[one.stage];
      if (!stage) continue;
      stage[one.kind] -= one.bytes;
      alive.delete(event.storage);
      continue;
    }
    if (event.pass !== "forward") endForward();
    if (event.pass === "optimizer") break;
    for (const storage of [...event.made, ...event.saved]) {
      if (alive.has(storage) || own.has(storage) || !/^(activation|gradient)$/.test(storage.role)) continue;
      const unknown = hold(storage, event);
      if (unknown) return unknown;
    }
    const stage = stages[staging.stageOf(event)] as (typeof stages)[number];
    const workspace = event.workspaceBytes instanceof Unknown ? 0 : (event.workspaceBytes ?? 0);
    const moving = stage.activation + stage.input + workspace;
    stage.peak = Math.max(stage.peak, moving);
    stage.both = Math.max(stage.both, moving + stage.gradient);
  }
  endForward();
  return stages.map(({ kept, peak, both }) => ({ keptBytes: kept, peakBytes: peak, peakWithGradients: both }));
}

type Kind = "activation" | "gradient" | "input";
type Share = (storage: Storage, maker: Operation) => { part: number; kind: Kind };

function shares(trace: Trace, layout: Layout, splits: Splits, degrees: Degrees): Share {
  const { split, casts } = splits;
  const { calls } = trace;
  const { data, tensor, context, microbatches, sequenceParallel, zero, engine } = degrees;
  const axes = axesOf(trace);
  // A gradient is known by its shape, and by its block where others have parameters of that shape.
  const trained = layout.weights.filter(({ trainable }) => trainable);
  const byShape = new Map(
    trained.flatMap((weight) => [
      [String(weight.shape), weight] as const,
      [`${weight.block}:${String(weight.shape)}`, weight] as const,
    ]),
  );
  const gathered = engine === "pytorch" && zero >= 2;
  return (storage, maker) => {
    const note = [...maker.outputs, ...maker.inputs].find((one) => one.storage === storage);
    if (storage.role === "gradient") {
      const shape = String((note ?? maker.outputs[0])?.shape.map(hint));
      const weight =
        byShape.get(`${layout.blockOf.get(calls[maker.module]?.module as object)}:${shape}`) ?? byShape.get(shape);
      const { local, gradient } = weight ? sharesOf(weight, splits, degrees) : { local: 1, gradient: 1 };
      return { part: local * gradient, kind: "gradient" };
    }
    // FSDP gathers weights in the type of the computation: there is no cast of the whole model.
    if (casts.has(storage)) return { part: gathered ? 0 : 1 / (split.has(storage) ? tensor : 1), kind: "activation" };
    const parts = partsOf(note ?? maker.outputs[0], axes);
    const isDivided = split.has(storage) || (sequenceParallel && parts.sequence);
    const part =
      (parts.batch ? 1 / (data * microbatches) : 1) * (parts.sequence ? 1 / context : 1) * (isDivided ? 1 / tensor : 1);
    return { part, kind: storage.role === "input" ? "input" : "activation" };
  };
}

/** Whether a tensor has an axis of samples and one of tokens, alone or folded with others. */
function partsOf(note: TensorNote | undefined, { batch, sequence }: Axes): { batch: boolean; sequence: boolean } {
  const sizes = (note?.shape ?? []).map(hint);
  const has = (of: number | undefined) =>
    of !== undefined && sizes.some((size) => size !== undefined && size % of === 0);
  const samples = sizes.length > 0 && has(batch);
  return { batch: samples, sequence: sequence !== undefined && has(sequence) };
}

function hint(size: Size): number | undefined {
  return size instanceof SymInt ? size.hint : size instanceof Unknown ? undefined : size;
}
