/** Between which bytes a true peak lies, by how far measured ones were from what was predicted. */
import type { Scenario } from "../../base/scenario.ts";
import type { Device } from "../devices/device.ts";
import { peakErrors } from "./errors.ts";

/**
 * Families whose definition here keeps a tensor more or less than the library's own were this far off before they were
 * mended: a model that nobody measured may be, although nearly all that were are within a hundredth.
 */
const unmeasuredFamily = 0.04;
/** Kernels of other devices than the one measured take other scratch memory. */
const unmeasuredDevice = 0.02;
/** The device on which memory.jsonl was measured. */
const measuredDevice = "nvidia-h200-sxm-141gb";

/**
 * The predicted peak less and more the error that 95 of 100 measured rows of its phase stay below (`errors.ts`), but no less
 * than what a family that was not measured may be off.
 */
export function peakInterval(
  peakBytes: number,
  { phase }: Pick<Scenario, "phase">,
  device: Pick<Device, "id"> | undefined,
): readonly [number, number] {
  const measured = peakErrors[phase === "train" ? "train" : "prefill"].most;
  const share = Math.max(measured, unmeasuredFamily) + (device?.id === measuredDevice ? 0 : unmeasuredDevice);
  return [Math.round((1 - share) * peakBytes), Math.round((1 + share) * peakBytes)];
}
