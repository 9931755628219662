/** Which figures of a model are exact. */
import type { Complete } from "./report.ts";

/** Whether a figure is exact; unless something else is said of them, weights are where the parameters are, the cache where memory is. */
export function isComplete(complete: Complete, figure: keyof Complete): boolean {
  return complete[figure] ?? (figure === "cache" ? complete.memory : complete.params);
}
