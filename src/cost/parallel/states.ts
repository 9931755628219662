/** Bytes of weights, gradients, optimizer state and communication buffers on a rank of one pipeline stage. */
import type { Scenario } from "../../base/scenario.ts";
import { type Known, Unknown } from "../../base/unknown.ts";
import type { Degrees } from "./degrees.ts";
import type { Layout, Weight } from "./layout.ts";
import { stateShares, unshardedParameters } from "./modelStates.ts";
import type { SingleMemory } from "./rankMemory.ts";
import type { Splits } from "./splits.ts";
import type { Staging } from "./stages.ts";

export interface States {
  readonly weightBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  /** Weights that are whole while they are used, under full sharding. */
  readonly unshardedBytes: number;
  /** Buckets of gradients on their way, and the gradients of a unit before they are scattered. */
  readonly bucketBytes: number;
  /** Trained elements whose optimizer state lies here. */
  readonly updated: number;
  /** Elements of the weights that a rank computes with, and of these the trained ones, before ZeRO shards anything. */
  readonly elements: number;
  readonly trained: number;
  /** Of these, what belongs to experts. */
  readonly expertElements: number;
  readonly expertTrained: number;
}

/** What a device keeps beside the weights, for each trained parameter's byte. */
export interface Kept {
  readonly gradient: number;
  readonly optimizer: number;
}

/** From the single device's report; unknown where it is. */
export function keptOf(
  { weights }: Layout,
  { gradientBytes, optimizerBytes }: Pick<SingleMemory, "gradientBytes" | "optimizerBytes">,
): Known<Kept> {
  if (gradientBytes instanceof Unknown) return gradientBytes;
  if (optimizerBytes instanceof Unknown) return optimizerBytes;
  const trained = weights.reduce((sum, { trainable, bytes }) => sum + (trainable ? bytes : 0), 0);
  return trained > 0
    ? { gradient: gradientBytes / trained, optimizer: optimizerBytes / trained }
    : { gradient: 0, optimizer: 0 };
}

/** DeepSpeed's default `reduce_bucket_size` and `stage3_max_live_parameters` (deepspeed/runtime/zero/config.py), in elements. */
const bucketElements = 5e8;
const liveElements = 1e9;

/** The part of one parameter that a rank has after tensor and expert parallelism, and after ZeRO: of its weight, gradient and state. */
export function sharesOf(weight: Weight, { split }: Splits, degrees: Degrees) {
  const { tensor, expert, data, context, shard, zero } = degrees;
  const spread = weight.experts > 0 ? Math.min(expert, Math.max(weight.experts, 1)) : 1;
  const local = 1 / ((split.has(weight.storage) ? tensor : 1) * spread);
  // An expert's copies are fewer, so it is sharded over fewer ranks.
  const group = weight.experts > 0 ? Math.max(1, Math.min(shard, (data * context) / expert)) : shard;
  const zeroShares = stateShares(zero, group);
  return { local, ...zeroShares };
}

export function statesOf(
  layout: Layout,
  splits: Splits,
  staging: Staging,
  degrees: Degrees,
  stage: number,
  kept: Kept,
  { phase, autocast }: Pick<Scenario, "phase" | "autocast">,
): States {
  const { engine, zero, offload, masterWeights, data, context } = degrees;
  const trains = phase === "train";
  const own = layout.weights.filter(({ storage, block }) => staging.stagesWith(storage, block).includes(stage));
  const sum = (of: (weight: Weight) => number) => own.reduce((total, weight) => total + of(weight), 0);
  const share = new Map(own.map((weight) => [weight, sharesOf(weight, splits, degrees)]));
  const shareOf = (weight: Weight) => share.get(weight) as ReturnType<typeof sharesOf>;
  const gradient = (weight: Weight) =>
    weight.trainable && trains
      ? shareOf(weight).local *
        (masterWeights && engine === "megatron" ? 4 * weight.elements : kept.gradient * weight.bytes)
      : 0;
  const state = (weight: Weight) => {
    if (!weight.trainable || !trains) return 0;
    const bytes = masterWeights ? weight.elements * 4 * (1 + kept.optimizer) : kept.optimizer * weight.bytes;
    return shareOf(weight).local * bytes;
  };
  const unsharded = zero === 3 || (zero === 2 && engine === "pytorch");
  const item = autocast ? 2 : undefined;
  const whole = (weight: Weight) => shareOf(weight).local * (item ? item * weight.elements : weight.bytes);
  // SHARD_GRAD_OP shards weights as well, but while they are used all of them are whole.
  const sharded = ({ gradient }: { gradient: number }) => gradient;
  const elements = sum((weight) => shareOf(weight).local * weight.elements);
  const trained = sum((weight) => (weight.trainable ? shareOf(weight).local * weight.elements : 0));
  const isExpert = (weight: Weight) => weight.experts > 0;
  const gradientBytes = sum((weight) => gradient(weight) * shareOf(weight).gradient);
  const isShared = data * context > 1;
  return {
    weightBytes:
      offload === "parameters" && zero === 3
        ? 0
        : sum((weight) => shareOf(weight).local * weight.bytes * (unsharded ? sharded(shareOf(weight)) : 1)),
    gradientBytes: offload && zero >= 2 ? 0 : gradientBytes,
    optimizerBytes: offload ? 0 : sum((weight) => state(weight) * shareOf(weight).optimizer),
    unshardedBytes: unsharded ? unshardedBytes(own, whole, degrees, trains) : 0,
    bucketBytes: trains && isShared ? bucketBytes(own, gradient, degrees) : 0,
    updated: sum((weight) =>
      weight.trainable ? shareOf(weight).local * shareOf(weight).optimizer * weight.elements : 0,
    ),
    elements,
    trained,
    expertElements: sum((weight) => (isExpert(weight) ? shareOf(weight).local * weight.elements : 0)),
    expertTrained: sum((weight) =>
      isExpert(weight) && weight.trainable ? shareOf(weight).local * weight.elements : 0,
    ),
  };
}

function unshardedBytes(
  own: readonly Weight[],
  whole: (weight: Weight) => number,
  degrees: Degrees,
  trains: boolean,
): number {
  const { engine, zero } = degrees;
  const all = own.reduce((total, weight) => total + whole(weight), 0);
  if (zero === 2) return trains ? all : 0;
  const units = new Map<number, number>();
  let root = 0;
  let elements = 0;
  for (const weight of own) {
    elements += weight.elements;
    if (weight.block === undefined) root += whole(weight);
    else units.set(weight.block, (units.get(weight.block) ?? 0) + whole(weight));
  }
  const pair = unshardedParameters(
    [...units].sort(([a], [b]) => a - b).map(([, bytes]) => bytes),
    root,
  );
  // DeepSpeed lets go of nothing that is needed again soon, up to its limit.
  return engine === "deepspeed" ? Math.max(pair, all * Math.min(1, liveElements / Math.max(1, elements))) : pair;
}

function bucketBytes(own: readonly Weight[], gradient: (weight: Weight) => number, { engine, zero }: Degrees): number {
  const all = own.reduce((total, weight) => total + gradient(weight), 0);
  const trained = own.reduce((total, weight) => total + (weight.trainable ? weight.elements : 0), 0);
  if (engine === "megatron") return 0;
  if (engine === "deepspeed") return zero === 0 ? 0 : all * Math.min(1, bucketElements / Math.max(1, trained));
  // DDP keeps a flat copy of all gradients; FSDP has a unit's whole gradients and the buffer that they are scattered from.
  if (zero < 2) return all;
  const units = new Map<number | undefined, number>();
  for (const weight of own) units.set(weight.block, (units.get(weight.block) ?? 0) + gradient(weight));
  return 2 * Math.max(0, ...units.values());
}
