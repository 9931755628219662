/** Seconds of each layer in the scenario's pass. */
import type { TimeReport, TimeShare } from "../cost/report.ts";
import type { Trace } from "../trace/trace.ts";

/** By module: all its calls together, and what the longest of them is bound by. Empty where the time is not known. */
export function layerTimes({ calls }: Trace, time: TimeReport | undefined): ReadonlyMap<object, TimeShare> {
  const found = new Map<object, TimeShare>();
  if (!time || typeof time.seconds !== "number") return found;
  const longest = new Map<object, number>();
  for (const { id, module } of calls.slice(1)) {
    const share = time.calls.get(id);
    if (!share) continue;
    const before = found.get(module);
    const isLongest = share.seconds > (longest.get(module) ?? -1);
    if (isLongest) longest.set(module, share.seconds);
    found.set(module, {
      seconds: (before?.seconds ?? 0) + share.seconds,
      bound: isLongest || !before ? share.bound : before.bound,
    });
  }
  return found;
}
