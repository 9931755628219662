/** The largest batch, or the longest sequence, that fits a device. */
import type { AskedScenario } from "../../base/scenario.ts";
import type { Device } from "../devices/device.ts";
import { type Verdict, verdict } from "./verdict.ts";
import type { Weighed } from "./weighed.ts";

/** Interprets the model anew for another scenario. */
export type Weigh = (scenario: AskedScenario) => Weighed;

export interface Largest {
  readonly along: "batch" | "sequence";
  /** The largest size that was weighed and fits; undefined where not even 1 does. */
  readonly value: number | undefined;
  /** What ends it: memory, figures that are not known beyond (a table of positions ends, say), or that no one looked further. */
  readonly end: "memory" | "unknown" | "search";
  /** Of the size at `value`, or of size 1 where that does not fit. */
  readonly at: Verdict;
  /** The term that grows most per step; undefined where nothing grew. */
  readonly growing: string | undefined;
  /** Why the next size is not known. */
  readonly reason?: string | undefined;
  /** How many scenarios were interpreted. */
  readonly weighed: number;
}

interface Probe {
  readonly size: number;
  readonly weighed: Weighed;
  readonly verdict: Verdict;
}

/** Nobody asks for more. */
const most = { batch: 2 ** 20, sequence: 2 ** 24 };
/** Interpretations until the bracket is only halved, and in all. */
const guesses = 16;
const mostProbes = 40;

/**
 * Searches with few interpretations: a parabola through the sizes weighed so far says where memory ends, and each answer
 * narrows the bracket; both its ends are weighed, so that no fit is extrapolated. Bigger is taken never to need less.
 */
export function largest(weigh: Weigh, scenario: AskedScenario, along: "batch" | "sequence", device: Device): Largest {
  const probes: Probe[] = [];
  const probe = (size: number): Probe => {
    const weighed = weigh({ ...scenario, [along]: size });
    const one = { size, weighed, verdict: verdict(weighed, device) };
    probes.push(one);
    probes.sort((a, b) => a.size - b.size);
    return one;
  };
  let fits: Probe | undefined;
  let fails: Probe | undefined;
  const take = (one: Probe) => {
    if (one.verdict.kind === "fits") fits = one;
    else fails = one;
  };
  take(probe(1));
  while (fits && probes.length < mostProbes) {
    const low = fits.size;
    const high = fails?.size ?? most[along] + 1;
    if (high - low <= 1) break;
    // Nothing says where figures cease to be known, and a curve that misleads twice is not asked a third time.
    const guess = fails?.verdict.kind !== "unknown" && probes.length < guesses && probes.length % 4 !== 3;
    take(probe(within(next(probes, low, high, guess), low, high)));
  }
  const end = !fails ? "search" : fails.verdict.kind === "unknown" ? "unknown" : "memory";
  const at = (fits ?? fails)?.verdict as Verdict;
  return {
    along,
    value: fits?.size,
    end,
    at,
    growing: growing(probes),
    reason: fails?.verdict.reason,
    weighed: probes.length,
  };
}

/** The size at which the curve through what is known reaches the limit; the middle where it says nothing. */
function next(probes: readonly Probe[], low: number, high: number, guess: boolean): number {
  const points = probes.flatMap(({ size, verdict: { overBytes } }) =>
    overBytes === undefined ? [] : [{ size, over: overBytes }],
  );
  const isOpen = high > probes.at(-1)!.size;
  if (!guess) return isOpen ? 2 * low : (low + high) / 2;
  // The ends of the bracket and the nearest point below.
  const at = points.findIndex(({ size }) => size === low);
  const [a, b, c] = [points[at - 1], points[at], points[at + 1]];
  if (!b) return isOpen ? 2 * low : (low + high) / 2;
  const [near, far] = c ? [b, c] : a ? [a, b] : [b, undefined];
  if (!far) return Math.max(2, Math.min(2 * low, high - 1));
  const slope = (far.over - near.over) / (far.size - near.size);
  if (slope <= 0) return isOpen ? 16 * low : (low + high) / 2;
  const straight = near.size - near.over / slope;
  return bent(points.slice(Math.max(0, at - 1), at + 2), straight, low);
}

/** The same by a parabola through three points where it bends upwards, as attention's scores do. */
function bent(points: readonly { size: number; over: number }[], straight: number, low: number): number {
  const [p, q, r] = points;
  if (!p || !q || !r) return straight;
  const first = (q.over - p.over) / (q.size - p.size);
  const second = ((r.over - q.over) / (r.size - q.size) - first) / (r.size - p.size);
  if (second <= 0) return straight;
  // over = p + first·(x − p) + second·(x − p)(x − q): its larger root.
  const b = first - second * (p.size + q.size);
  const c = p.over - first * p.size + second * p.size * q.size;
  const root = (-b + Math.sqrt(Math.max(0, b * b - 4 * second * c))) / (2 * second);
  return root > low ? root : straight;
}

function within(size: number, low: number, high: number): number {
  return Math.min(high - 1, Math.max(low + 1, Math.floor(size)));
}

/** The term that differs most between the smallest and the largest size that were weighed. */
function growing(probes: readonly Probe[]): string | undefined {
  const known = probes.filter(({ weighed }) => weighed.interval);
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || first === last) return undefined;
  const before = new Map(first.weighed.terms.map(({ name, bytes }) => [name, bytes]));
  const grown = last.weighed.terms.map(({ name, bytes }) => ({ name, by: bytes - (before.get(name) ?? 0) }));
  const [most] = grown.toSorted((a, b) => b.by - a.by);
  return most && most.by > 0 ? most.name : undefined;
}
