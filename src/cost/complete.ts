/** Which figures of a model are exact. */
import type { Complete } from "./report.ts";

/** Whether a figure is exact; weights are where the parameters are, unless something else is said of them. */
export function isComplete(complete: Complete, figure: keyof Complete): boolean {
  return complete[figure] ?? complete.params;
}
