/** Seconds without launch gaps where a program is another one while a CUDA graph captures it. */
import { Unknown } from "../../base/unknown.ts";
import type { TimeReport } from "../report.ts";

/**
 * The faster of two forms, which is what a person would run: the captured form without what the CPU takes, and the form
 * that runs eagerly with it. Where the eager one is faster, what it waits for the CPU counts as launches.
 */
export function fasterForm(eager: TimeReport, captured: TimeReport): TimeReport {
  const { seconds, eagerSeconds } = eager;
  if (seconds instanceof Unknown || eagerSeconds instanceof Unknown || captured.seconds instanceof Unknown)
    return eager;
  if (captured.seconds < eagerSeconds) {
    const { seconds, interval, bound, kinds, parts, operations, calls } = captured;
    return { ...eager, seconds, interval, bound, kinds, parts, operations, calls };
  }
  const waits = eagerSeconds - seconds;
  return {
    ...eager,
    seconds: eagerSeconds,
    interval: eager.interval && [eager.interval[0] + waits, eager.interval[1] + waits],
    bound: { ...eager.bound, launch: eager.bound.launch + waits },
    parts: { ...eager.parts, forward: (eager.parts.forward ?? 0) + waits },
  };
}
