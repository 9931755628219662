/** How costs grow with the sequence and the batch: measured at several sizes, fitted, and said in words. */
import { showCount } from "../../base/units.ts";

/** What is looked at: FLOPs of a forward pass, bytes of activations at the peak, seconds of the pass. */
export type GrowingFigure = "flops" | "memory" | "time";

/** A model weighed at one size. A figure that is not known there is left out. */
export interface SizePoint {
  readonly size: number;
  readonly flops?: number | undefined;
  readonly memory?: number | undefined;
  readonly time?: number | undefined;
}

export interface GrowthLine {
  readonly figure: GrowingFigure;
  /** Relative to the scenario's own size. */
  readonly points: readonly { readonly size: number; readonly times: number }[];
  /** Of the size, between half and twice the scenario's. */
  readonly exponent: number;
  /** `attention's T² is 12 % of it here`, `in proportion to T`. */
  readonly words: string;
}

export interface GrowthCurve {
  readonly axis: "sequence" | "batch";
  readonly symbol: "T" | "B";
  readonly now: number;
  readonly lines: readonly GrowthLine[];
  /** Sizes at which it could not be weighed. */
  readonly missing: readonly number[];
}

export interface GrowthView {
  readonly model: string;
  readonly curves: readonly GrowthCurve[];
}

/** The sizes to weigh at around a scenario's: a quarter, half, three quarters, itself, twice and four times, as far as they are whole. */
export function sizesAround(now: number): number[] {
  const sizes = now < 4 ? [1, 2, 4, 8, 16] : [0.25, 0.5, 0.75, 1, 2, 4].map((factor) => Math.round(now * factor));
  return [...new Set([...sizes, now])].sort((a, b) => a - b);
}

export function growthCurve(
  axis: GrowthCurve["axis"],
  now: number,
  points: readonly SizePoint[],
  missing: readonly number[],
): GrowthCurve {
  const symbol = axis === "sequence" ? "T" : "B";
  const figures: readonly GrowingFigure[] = ["flops", "memory", "time"];
  return { axis, symbol, now, lines: figures.flatMap((figure) => lineOf(figure, symbol, now, points)), missing };
}

function lineOf(
  figure: GrowingFigure,
  symbol: GrowthCurve["symbol"],
  now: number,
  all: readonly SizePoint[],
): GrowthLine[] {
  const points = all.flatMap((point) => {
    const value = point[figure];
    return value !== undefined && value > 0 ? [{ size: point.size, value }] : [];
  });
  const here = points.find(({ size }) => size === now);
  if (!here || points.length < 3) return [];
  const exponent = exponentAround(points, now);
  return [
    {
      figure,
      points: points.map(({ size, value }) => ({ size, times: value / here.value })),
      exponent,
      words: wordsFor(symbol, now, points, exponent),
    },
  ];
}

type Points = readonly { readonly size: number; readonly value: number }[];

/** The slope on logarithmic axes through the sizes beside the scenario's own. */
function exponentAround(points: Points, now: number): number {
  const at = points.findIndex(({ size }) => size === now);
  const before = points[Math.max(0, at - 1)]!;
  const after = points[Math.min(points.length - 1, at + 1)]!;
  return Math.log(after.value / before.value) / Math.log(after.size / before.size);
}

/** What a fit must reproduce of each point to be told. */
const goodFit = 0.01;

/** Least squares over 1, n and n² would hide a wrong model; three points decide it, and the others must agree. */
function quadratic(points: Points): { constant: number; linear: number; square: number } | undefined {
  if (points.length < 4) return undefined;
  const [a, b, c] = [points[0]!, points[Math.floor(points.length / 2)]!, points.at(-1)!];
  const first = (b.value - a.value) / (b.size - a.size);
  const second = (c.value - b.value) / (c.size - b.size);
  const square = (second - first) / (c.size - a.size);
  const linear = first - square * (a.size + b.size);
  const constant = a.value - linear * a.size - square * a.size ** 2;
  const fits = points.every(
    ({ size, value }) => Math.abs(constant + linear * size + square * size ** 2 - value) <= goodFit * value,
  );
  return fits ? { constant, linear, square } : undefined;
}

function wordsFor(symbol: string, now: number, points: Points, exponent: number): string {
  const fit = quadratic(points);
  const value = points.find(({ size }) => size === now)!.value;
  const square = fit ? (fit.square * now ** 2) / value : 0;
  if (Math.abs(exponent) < 0.05) return "hardly changes";
  if (fit && square >= 0.02 && square < 0.9 && fit.linear > 0) {
    const equal = Math.round(fit.linear / fit.square);
    const when = equal > now ? `, half of the growing part from ${symbol} ${showCount(equal)}` : "";
    return `${power(symbol, exponent)}: ${symbol}² is ${Math.round(100 * square)} % of it here${when}`;
  }
  if (Math.abs(exponent - 1) < 0.05) return `in proportion to ${symbol}`;
  if (Math.abs(exponent - 2) < 0.1) return `with ${symbol}²`;
  return exponent < 0.95 ? `${power(symbol, exponent)}, more slowly than ${symbol}` : power(symbol, exponent);
}

const raised: Readonly<Record<string, string>> = {
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
  ".": "·",
  "-": "⁻",
};

function power(symbol: string, exponent: number): string {
  const digits = exponent.toFixed(2).replace(/\.?0+$/, "");
  return `with ${symbol}${[...digits].map((digit) => raised[digit] ?? digit).join("")}`;
}
