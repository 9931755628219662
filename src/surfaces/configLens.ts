/** One line over a config: its totals, what it caches, and how large a batch the device takes. */
import { known } from "../base/unknown.ts";
import type { ModelReport } from "../cost/report.ts";
import { perDevice } from "./fit.ts";
import { bytes, count, flops, total, type View, weightType } from "./view.ts";

/** What the line is made of: a whole report, or the totals that come ahead of it. */
export type ConfigFigures = Pick<
  ModelReport,
  "scenario" | "device" | "memory" | "ranks" | "fit" | "complete" | "unknowns" | "activeParams" | "quantization"
> & { readonly root: Pick<ModelReport["root"], "params" | "flops"> };

/** The largest batch that fits the scenario's device; 0 where none does. */
export interface FittingBatch {
  readonly value: number;
  /** Whether memory ends it; else it is only what was looked at. */
  readonly isEnd: boolean;
}

/** `8.03 B params · 16.1 GB bf16 · KV 131 kB/token · 8k context 1.07 GB · RTX 4090 batch ≤ 17`. */
export function configSummary(model: ConfigFigures, view: View, batch?: FittingBatch): string {
  const { root, memory, activeParams } = model;
  const params = known(root.params);
  const active = known(activeParams ?? root.params);
  const facts = [
    `${total(model, "params", root.params, count)} params`,
    ...(active === undefined || params === undefined || active >= params ? [] : [`${count(active)} active`]),
    `${total(model, "weights", memory.weightBytes, bytes(view))} ${weightType(model)}${perDevice(model)}`,
    ...(memory.kvBytesPerToken === undefined ? passFacts(model, view) : cacheFacts(model, view)),
    ...batchFact(model, batch),
  ];
  return facts.join(" · ");
}

function cacheFacts(model: ConfigFigures, view: View): string[] {
  const { kvBytesPerToken, kvCacheBytes } = model.memory;
  const show = (value: typeof kvCacheBytes) => (value === undefined ? "?" : total(model, "cache", value, bytes(view)));
  return [
    `KV ${show(kvBytesPerToken)}/token`,
    ...(kvCacheBytes === undefined ? [] : [`${context(model.scenario)} ${show(kvCacheBytes)}`]),
  ];
}

/** `8k context`; `4 × 8k context` for a batch. */
function context({ batch, sequence }: ModelReport["scenario"]): string {
  const tokens = sequence >= 1024 && sequence % 1024 === 0 ? `${sequence / 1024}k` : String(sequence);
  return `${batch > 1 ? `${batch} × ` : ""}${tokens} context`;
}

/** A model without a cache is known by what one pass takes. */
function passFacts(model: ConfigFigures, view: View): string[] {
  const { root, memory } = model;
  return [
    ...(known(root.flops) === undefined ? [] : [total(model, "flops", root.flops, flops)]),
    ...(known(memory.peakBytes) === undefined
      ? []
      : [`peak ${total(model, "memory", memory.peakBytes, bytes(view))}${perDevice(model)}`]),
  ];
}

function batchFact({ device, fit }: ConfigFigures, batch: FittingBatch | undefined): string[] {
  if (!device || !fit || fit.kind === "unknown") return [];
  if (!batch) return [`${fit.kind} ${device.name}`];
  if (batch.value === 0) return [`does not fit ${device.name}`];
  return [`${device.name} batch ${batch.isEnd ? "≤" : "≥"} ${batch.value}`];
}
