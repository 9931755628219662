/** How figures are printed, the same in the editor and in the terminal: few digits, always with their unit. */
import { type Known, Unknown } from "./unknown.ts";

/** Which units of memory a person reads: powers of 1000 or of 1024. */
export type ByteUnits = "GB" | "GiB";

/** `124.4 M`: how many; whole below a thousand. */
export function showCount(count: number): string {
  return scaled(count, 1000, ["", "K", "M", "B", "T"], 4);
}

/** `293 GFLOPs`. */
export function showFlops(flops: number): string {
  return `${scaled(flops, 1000, ["", "K", "M", "G", "T", "P", "E"], 3, true)}FLOPs`;
}

/** `249 MB` or `237 MiB`. */
export function showBytes(bytes: number, units: ByteUnits): string {
  const decimal = units === "GB";
  const prefixes = decimal ? ["", "k", "M", "G", "T", "P"] : ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
  return `${scaled(bytes, decimal ? 1000 : 1024, prefixes, 3, true)}B`;
}

/** `3.2 ms`: seconds in the unit that keeps few digits. */
export function showTime(seconds: number): string {
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
  return seconds >= 1e-3
    ? `${Number((1e3 * seconds).toPrecision(3))} ms`
    : `${Number((1e6 * seconds).toPrecision(3))} µs`;
}

/** `57 %`; `<1 %` for little, and nothing to say where the whole is nothing. */
export function showShare(part: number, whole: number): string {
  if (!(whole > 0)) return "";
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 0.5 ? "<1 %" : `${Math.round(percent)} %`;
}

/**
 * A figure with what it is worth in front: `≥` where something unknown is missing from it, `~` where something was
 * assumed, and `?` where there is none.
 */
export function showFigure(
  value: Known<number>,
  show: (value: number) => string,
  worth: "exact" | "at least" | "about" = "exact",
): string {
  if (value instanceof Unknown) return "?";
  return { exact: "", "at least": "≥ ", about: "~ " }[worth] + show(value);
}

/** The number in its largest fitting unit, with at most so many digits; a space stands before the unit. */
function scaled(value: number, base: number, prefixes: readonly string[], digits: number, always = false): string {
  let step = 0;
  let rest = value;
  while (step < prefixes.length - 1 && Number(rounded(Math.abs(rest), step === 0 ? 0 : digits)) >= base) {
    rest /= base;
    step++;
  }
  const number = rounded(rest, step === 0 ? 0 : digits);
  return step === 0 && !always ? number : `${number} ${prefixes[step]}`;
}

/** Two decimals below ten, one below a hundred, then as many as `digits` leave; none of them a closing zero. */
function rounded(value: number, digits: number): string {
  const whole = Math.max(1, Math.floor(Math.log10(Math.abs(value) || 1)) + 1);
  const decimals = digits === 0 ? 0 : Math.max(0, Math.min(whole < 2 ? 2 : 1, digits - whole));
  return String(Number(value.toFixed(decimals)));
}
