/** The totals of a model by the words of budgets: what changes, budgets, comparisons and exports go through. */
import type { Unit } from "../base/amounts.ts";
import { type Known, known, Unknown } from "../base/unknown.ts";
import { type LimitWord, limitOrder, limitWords } from "../configs/project/limits.ts";
import { isComplete } from "../cost/complete.ts";
import type { Complete, ModelReport } from "../cost/report.ts";

/** One total of a model. */
export interface Total {
  readonly figure: LimitWord;
  /** `peak memory`. */
  readonly label: string;
  readonly unit: Unit;
  readonly value: Known<number>;
  /** Exact; a lower bound, since something unknown is missing from it; or resting on what was assumed. */
  readonly worth: "exact" | "at least" | "about";
}

/** A total; undefined where the model has none, as a KV cache of a model that caches nothing. */
export function totalOf(model: ModelReport, figure: LimitWord): Total | undefined {
  const value = readings[figure](model);
  if (value === undefined) return undefined;
  const worth = isComplete(model.complete, sure[figure]) ? "exact" : model.unknowns.length > 0 ? "at least" : "about";
  const { label, unit } = limitWords[figure];
  return { figure, label, unit, value, worth };
}

/** All totals that a model has, in the order of printing. */
export function totalsOf(model: ModelReport): Total[] {
  return limitOrder.flatMap((figure) => totalOf(model, figure) ?? []);
}

const noTime = new Unknown("the pass did not come to its end, or the device is not known");

const readings: Readonly<Record<LimitWord, (model: ModelReport) => Known<number> | undefined>> = {
  params: ({ root }) => root.params,
  trained: ({ trainableParams }) => trainableParams,
  flops: ({ root }) => root.flops,
  weights: ({ memory }) => memory.weightBytes,
  buffers: ({ memory }) => memory.bufferBytes,
  gradients: inTraining(({ memory }) => memory.gradientBytes),
  optimizer: inTraining(({ memory }) => memory.optimizerBytes),
  activations: ({ memory }) => memory.activationBytes,
  saved: ({ root }) => root.savedBytes,
  kv: ({ memory }) => memory.kvCacheBytes,
  kvPerToken: ({ memory }) => memory.kvBytesPerToken,
  peak: ({ memory }) => memory.peakBytes,
  reserved: ({ memory }) => memory.reservedBytes,
  device: ({ memory }) => memory.deviceBytes,
  time: ({ time, scenario }) => (scenario.compile ? time?.seconds : time?.eagerSeconds) ?? noTime,
  kernels: ({ time }) => time?.seconds ?? noTime,
};

const sure: Readonly<Record<LimitWord, keyof Complete>> = {
  params: "params",
  trained: "params",
  flops: "flops",
  weights: "weights",
  buffers: "params",
  gradients: "memory",
  optimizer: "memory",
  activations: "memory",
  saved: "savedBytes",
  kv: "memory",
  kvPerToken: "memory",
  peak: "memory",
  reserved: "memory",
  device: "memory",
  time: "time",
  kernels: "time",
};

/** A figure that is nothing outside training. */
function inTraining(read: (model: ModelReport) => Known<number>): (model: ModelReport) => Known<number> | undefined {
  return (model) => (model.scenario.phase === "train" || (known(read(model)) ?? 0) > 0 ? read(model) : undefined);
}
