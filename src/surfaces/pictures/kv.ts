/** The KV cache against the context's length, and how much of it the device has room for. */
import { showBytes, showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { ModelReport } from "../../cost/report.ts";
import { bytes, total, type View } from "../view.ts";

export interface KvView {
  readonly perToken: string;
  readonly bytesPerToken: number;
  readonly batch: number;
  readonly sequence: number;
  /** What weights and buffers leave of the device's memory; undefined where the device is not known. */
  readonly freeBytes?: number | undefined;
  /** The longest context drawn, in tokens. */
  readonly longest: number;
  /** Bytes at the scenario's own length and batch. */
  readonly now: string;
  /** How long a context fits beside the weights, a sentence; "" where it is not known. */
  readonly words: string;
}

/** Undefined for a model without a cache, or whose cache does not grow in proportion to the tokens. */
export function kvView(model: ModelReport, view: View): KvView | undefined {
  const { memory, scenario } = model;
  const perToken = memory.kvBytesPerToken === undefined ? undefined : known(memory.kvBytesPerToken);
  if (!perToken) return undefined;
  const { batch, sequence } = scenario;
  const held = (known(memory.weightBytes) ?? 0) + (known(memory.bufferBytes) ?? 0);
  const free = model.device && Math.max(0, model.device.memoryBytes - held);
  const most = free === undefined ? undefined : Math.floor(free / (perToken * batch));
  const show = bytes(view);
  const of = batch === 1 ? "" : ` in each of ${batch} sequences`;
  return {
    perToken: total(model, "memory", perToken, show),
    bytesPerToken: perToken,
    batch,
    sequence,
    freeBytes: free,
    longest: most !== undefined && most > sequence && most <= 128 * sequence ? Math.ceil(1.1 * most) : 4 * sequence,
    now: showBytes(perToken * batch * sequence, view.units),
    words:
      most === undefined || free === undefined
        ? ""
        : `Beside the weights ${show(free)} of ${model.device?.name} are free: room for ${showCount(most)} tokens${of}, activations left out.`,
  };
}
