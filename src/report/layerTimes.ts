/** Seconds of each layer in the scenario's pass. */
import { Unknown } from "../base/unknown.ts";
import type { Bound, LayerWork, TimeReport, TimeShare } from "../cost/report.ts";
import type { Trace } from "../trace/trace.ts";

/** By module: the time of its calls, and what its own operations do. Empty where the time is not known. */
export interface LayerTimes {
  readonly times: ReadonlyMap<object, TimeShare>;
  readonly work: ReadonlyMap<object, LayerWork>;
}

export function layerTimes(trace: Trace, time: TimeReport | undefined): LayerTimes {
  return { times: callTimes(trace, time), work: ownWork(trace, time) };
}

/** All calls together, and what the longest of them is bound by. */
function callTimes({ calls }: Trace, time: TimeReport | undefined): ReadonlyMap<object, TimeShare> {
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

/** A module with an operation of which something is not known has no entry. */
function ownWork({ calls, events }: Trace, time: TimeReport | undefined): ReadonlyMap<object, LayerWork> {
  const found = new Map<object, LayerWork & { readonly bounds: Map<Bound, number> }>();
  if (!time || typeof time.seconds !== "number") return found;
  const unclear = new Set<object | undefined>();
  events.forEach((event, index) => {
    if (event.kind === "release" || event.module === 0) return;
    const module = calls[event.module]?.module;
    const share = time.operations.get(index);
    if (event.kind === "unknown" || !module) {
      unclear.add(module);
      return;
    }
    const { macs, bytesRead, bytesWritten } = event;
    if (macs instanceof Unknown || bytesRead instanceof Unknown || bytesWritten instanceof Unknown) {
      unclear.add(module);
      return;
    }
    const before = found.get(module);
    const bounds = before?.bounds ?? new Map<Bound, number>();
    if (share) bounds.set(share.bound, (bounds.get(share.bound) ?? 0) + share.seconds);
    const [most] = [...bounds].sort((a, b) => b[1] - a[1]);
    found.set(module, {
      flops: (before?.flops ?? 0) + 2 * macs,
      trafficBytes: (before?.trafficBytes ?? 0) + (share ? bytesRead + bytesWritten : 0),
      seconds: (before?.seconds ?? 0) + (share?.seconds ?? 0),
      bound: most?.[0] ?? "launch",
      bounds,
    });
  });
  for (const module of unclear) if (module) found.delete(module);
  return new Map([...found].map(([module, { bounds: _, ...work }]) => [module, work]));
}
