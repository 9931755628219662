/** Bytes of one pass or step, by term. */
import type { Scenario } from "../base/scenario.ts";
import { type Known, Unknown } from "../base/unknown.ts";
import { type Figures, type LayerFigures, sum } from "../cost/figures.ts";
import type { MemoryReport } from "../cost/report.ts";
import { timeline } from "../cost/timeline.ts";
import { failureReason, type Pass } from "../evidence/run.ts";
import { itemBytes } from "../tensor/dtype.ts";
import { count } from "../tensor/size.ts";

/** Bytes per parameter of the optimizer's state, and of gradients: in the weights' type for pure precision. */
const stateFactor: Record<Scenario["optimizer"], number> = {
  adamw: 2,
  "adamw-foreach": 2,
  "adamw-8bit": 0.5,
  sgd: 0,
  "sgd-momentum": 1,
  adafactor: 0,
  lion: 1,
  muon: 1,
};

export function memoryReport(figures: Figures, pass: Pass, step: Pass | undefined, scenario: Scenario): MemoryReport {
  const whole = figures.layers.get("") as LayerFigures;
  const training = scenario.phase === "train" && step !== undefined;
  const walk = timeline((training ? step : pass).trace);
  const trained = scaled(whole.weightBytes, whole.params, whole.trainableParams);
  const gradientBytes = training ? trained : 0;
  const optimizerBytes: Known<number> = training
    ? trained instanceof Unknown
      ? trained
      : stateFactor[scenario.optimizer] * trained
    : 0;
  const terms: Known<number>[] = [
    whole.weightBytes,
    whole.bufferBytes,
    gradientBytes,
    optimizerBytes,
    inputBytes(pass),
    walk.peakBytes,
  ];
  return {
    weightBytes: whole.weightBytes,
    bufferBytes: whole.bufferBytes,
    gradientBytes,
    optimizerBytes,
    activationBytes: walk.endBytes,
    kvBytesPerToken: kvBytesPerToken(pass),
    peakBytes: pass.failure ? failureReason(pass.failure) : terms.reduce<Known<number>>(sum, 0),
    peakAt: walk.peakAt,
  };
}

function scaled(bytes: Known<number>, all: Known<number>, part: Known<number>): Known<number> {
  if (bytes instanceof Unknown) return bytes;
  if (all instanceof Unknown) return all;
  if (part instanceof Unknown) return part;
  return all === 0 ? 0 : (bytes * part) / all;
}

function inputBytes({ trace }: Pass): Known<number> {
  return (trace.calls[1]?.inputs ?? []).reduce<Known<number>>((total, { storage }) => sum(total, storage.bytes), 0);
}

/** Bytes that the layers say they cache, per token of one sequence; undefined where none says so. */
function kvBytesPerToken({ kvCaches }: Pass): Known<number> | undefined {
  if (kvCaches.length === 0) return undefined;
  let total = 0;
  for (const { shape, storage, dtype } of kvCaches.flat()) {
    const [batch, , length] = shape;
    if (storage.bytes instanceof Unknown) return storage.bytes;
    if (batch === undefined || length === undefined) continue;
    total += (count(shape) * itemBytes(dtype)) / (count([batch]) * count([length]));
  }
  return total;
}
