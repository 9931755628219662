/** What the table of a config's key is made of, and the largest batch of a config's model. */
import type { AskedScenario } from "../base/scenario.ts";
import { Unknown } from "../base/unknown.ts";
import type { ConfigCost } from "../configs/index.ts";
import { deviceOf } from "../cost/deviceList.ts";
import { largest } from "../cost/fit/largest.ts";
import { type Weighed, weighedOf } from "../cost/fit/weighed.ts";
import { configTotals } from "./config.ts";
import type { ModelTotals } from "./modelTotals.ts";
import type { Asked, Workspace } from "./request.ts";

type Values = Readonly<Record<string, unknown>>;

/** The figures of a config's object: what the hover on a key asks for at each neighbouring value. */
export function configCost(config: Values, asked: Asked, workspace: Workspace): ConfigCost | Unknown {
  const totals = configTotals(config, asked, workspace);
  if (totals instanceof Unknown) return totals;
  const { root, memory, attentionParams } = totals;
  return {
    params: root.params,
    attentionParams,
    activeParams: totals.activeParams,
    flops: root.flops,
    weightBytes: memory.weightBytes,
    kvBytesPerToken: memory.kvBytesPerToken,
    largestBatch: largestBatchOf(totals, config, asked, workspace)?.value,
  };
}

/** The largest batch that fits a device. */
export interface LargestBatch {
  /** 0 where not even a batch of 1 fits. */
  readonly value: number;
  /** Whether memory ends it; else nobody looked further, or more is not known. */
  readonly isEnd: boolean;
}

/** Undefined where the device or the memory is not known. `totals` are the config's own, which are not weighed again. */
export function largestBatchOf(
  totals: ModelTotals,
  config: Values,
  asked: Asked,
  workspace: Workspace,
): LargestBatch | undefined {
  const { scenario, fit } = totals;
  const device = deviceOf(scenario.device, workspace.project);
  if (!device || !fit || fit.kind === "unknown") return undefined;
  const weighed = new Map<number, Weighed>([[scenario.batch, weighedOf({ ...totals, time: undefined })]]);
  const weigh = ({ batch }: AskedScenario): Weighed => {
    const before = weighed.get(batch);
    if (before) return before;
    const other = configTotals(config, { ...asked, scenario: { ...asked.scenario, batch } }, workspace);
    const one =
      other instanceof Unknown
        ? { ...weighedOf({ ...totals, time: undefined }), bytes: other }
        : weighedOf({ ...other, time: undefined });
    weighed.set(batch, one);
    return one;
  };
  const { value, end } = largest(weigh, scenario, "batch", device);
  return { value: value ?? 0, isEnd: end === "memory" };
}
