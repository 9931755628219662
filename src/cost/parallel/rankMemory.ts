/** Bytes by term on a rank of one pipeline stage, from the single device's report. */
import { type Known, Unknown } from "../../base/unknown.ts";
import type { Degrees } from "./degrees.ts";
import type { Layout } from "./layout.ts";
import { batchesInFlight } from "./pipeline.ts";
import type { States } from "./states.ts";
import type { Walk } from "./walk.ts";

/** What is read of the single device's report. */
export interface SingleMemory {
  readonly weightBytes: Known<number>;
  readonly bufferBytes: Known<number>;
  readonly gradientBytes: Known<number>;
  readonly optimizerBytes: Known<number>;
  readonly activationBytes: Known<number>;
  readonly peakBytes: Known<number>;
  readonly inputBytes?: Known<number> | undefined;
  readonly kvCacheBytes?: Known<number> | undefined;
  readonly peakMoment?: string | undefined;
  readonly peakInterval?: readonly [number, number] | undefined;
  readonly reservedBytes?: Known<number> | undefined;
  readonly deviceBytes?: Known<number> | undefined;
}

export interface RankMemory {
  readonly weightBytes: number;
  readonly bufferBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  /** Of all micro-batches in flight. */
  readonly activationBytes: number;
  readonly kvCacheBytes: number;
  readonly inputBytes: number;
  /** Weights that are whole while they are used, under full sharding. */
  readonly unshardedBytes: number;
  /** Buckets and buffers of gradients. */
  readonly bucketBytes: number;
  readonly peakBytes: number;
  readonly peakInterval: readonly [number, number] | undefined;
  readonly reservedBytes: number | undefined;
  readonly deviceBytes: number | undefined;
}

export interface StageFigures {
  readonly walk: Walk;
  readonly states: States;
  readonly blocks: number;
}

interface Where {
  readonly degrees: Degrees;
  readonly stage: number;
  readonly layout: Pick<Layout, "blocks">;
  /** Whether gradients of parameters come in the walk; otherwise they are there all the time. */
  readonly hasBackward: boolean;
  readonly keyHeads: number | undefined;
}

/** A share that has not been measured: so much is added to each side of the single device's interval. */
const unmeasured = 0.05;

/**
 * Each term by the share that the rank has. The peak moves by as much as the sum of what both walks hold at their peaks
 * differs, so that degrees of 1 give the single device's figures exactly.
 */
export function rankMemory(
  single: SingleMemory,
  whole: StageFigures,
  part: StageFigures,
  where: Where,
): Known<RankMemory> {
  const { degrees, stage, hasBackward } = where;
  const { data, context: sequences, tensor, stages, accumulation, microbatches } = degrees;
  const given = [single.weightBytes, single.bufferBytes, single.gradientBytes, single.optimizerBytes, single.peakBytes];
  const unknown = [...given, single.activationBytes].find((one) => one instanceof Unknown);
  if (unknown instanceof Unknown) return unknown;
  const number = (value: Known<number> | undefined) => (typeof value === "number" ? value : 0);
  const ratio = (value: Known<number> | undefined, of: number, all: number) => number(value) * (all > 0 ? of / all : 0);

  const flight = batchesInFlight(degrees, stage);
  const blockShare = stages === 1 || where.layout.blocks.length === 0 ? 1 : part.blocks / where.layout.blocks.length;
  const keySplit = where.keyHeads === undefined ? tensor : Math.min(tensor, where.keyHeads);
  const weightBytes = ratio(single.weightBytes, part.states.weightBytes, whole.states.weightBytes);
  const terms = {
    weightBytes,
    bufferBytes: number(single.bufferBytes),
    gradientBytes: ratio(single.gradientBytes, part.states.gradientBytes, whole.states.gradientBytes),
    optimizerBytes: part.states.optimizerBytes,
    activationBytes: ratio(single.activationBytes, flight * part.walk.keptBytes, whole.walk.keptBytes),
    kvCacheBytes: (number(single.kvCacheBytes) * blockShare) / (data * sequences * keySplit),
    inputBytes: number(single.inputBytes) / (data * sequences),
    unshardedBytes: part.states.unshardedBytes,
    bucketBytes: part.states.bucketBytes,
  };
  const peakOf = ({ walk, states }: StageFigures, batches: number) => {
    const isResident = !hasBackward || batches > 1 || accumulation > 1 || microbatches > 1;
    const fixed = states.weightBytes + number(single.bufferBytes) + states.optimizerBytes;
    const passes = isResident ? walk.peakBytes + states.gradientBytes : walk.peakWithGradients;
    const moving = fixed + states.unshardedBytes + states.bucketBytes + (batches - 1) * walk.keptBytes + passes;
    const step = fixed + states.bucketBytes + states.gradientBytes;
    return { moving, step };
  };
  const alone = peakOf(whole, 1);
  const here = peakOf(part, flight);
  // The optimizer's temporaries are in the size of what it updates.
  const peak = number(single.peakBytes);
  const temporaries = single.peakMoment === "optimizer step" ? Math.max(0, peak - alone.step) : 0;
  const updated = whole.states.updated > 0 ? part.states.updated / whole.states.updated : 0;
  const before = Math.max(alone.moving, alone.step + temporaries);
  const after = Math.max(here.moving, here.step + temporaries * updated);
  const peakBytes = peak >= before ? peak + (after - before) : (peak * after) / before;
  const [low, high] = single.peakInterval ?? [];
  const scale = peak > 0 ? peakBytes / peak : 1;
  const isWhole = after === before;
  const slack = isWhole ? 0 : unmeasured * peakBytes;
  const reserved = number(single.reservedBytes);
  const context = number(single.deviceBytes) - reserved;
  const rounded = Object.fromEntries(Object.entries(terms).map(([name, bytes]) => [name, Math.ceil(bytes)]));
  return {
    ...(rounded as typeof terms),
    peakBytes: Math.ceil(peakBytes),
    peakInterval:
      low === undefined || high === undefined
        ? undefined
        : [Math.floor(low * scale - slack), Math.ceil(high * scale + slack)],
    reservedBytes: reserved > 0 ? Math.ceil(reserved * scale) : undefined,
    deviceBytes: reserved > 0 ? Math.ceil(reserved * scale) + context : undefined,
  };
}
