/** Whether a model fits, and of which device its bytes are: the same words on every surface. */
import { Unknown } from "../base/unknown.ts";
import type { ModelReport } from "../cost/report.ts";
import { showDegrees } from "./ranks.ts";

/** `fits RTX 4090`, `may not fit 8 × H200`, `does not fit H200`; nothing where the memory is not known well enough to say. */
export function fitText(model: Pick<ModelReport, "fit" | "device" | "ranks">): string[] {
  const { fit, device } = model;
  if (!fit || !device || fit.kind === "unknown") return [];
  return [`${fit.kind} ${devicesText(model)}`];
}

/** `8 × H200`, or `RTX 4090` where one does all the work. */
function devicesText({ device, ranks }: Pick<ModelReport, "device" | "ranks">): string {
  const count = ranks === undefined || ranks instanceof Unknown ? 1 : ranks.degrees.ranks;
  return `${count > 1 ? `${count} × ` : ""}${device?.name ?? "device"}`;
}

/** ` per GPU` behind bytes that are one rank's; nothing where one device does all the work. */
export function perDevice({ device, ranks }: Pick<ModelReport, "device" | "ranks">): string {
  if (ranks === undefined || ranks instanceof Unknown) return "";
  return device?.kind === "gpu" ? " per GPU" : " per device";
}

/** `per GPU, 8 × H200, data 8 · ZeRO-3`: whose bytes are shown; nothing where one device does all the work. */
export function spreadText(model: Pick<ModelReport, "device" | "ranks">): string[] {
  const { ranks } = model;
  if (ranks === undefined || ranks instanceof Unknown) return [];
  return [`${perDevice(model).trim()}, ${devicesText(model)}, ${showDegrees(ranks.degrees)}`];
}
