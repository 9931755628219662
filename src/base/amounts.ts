/** Amounts as a person writes them in a budget: `24GB`, `100 ms`, `<= 8e9`, `7B`. */
import { type ByteUnits, showBytes, showCount, showFlops, showTime } from "./units.ts";

/** What is counted: things, floating-point operations, bytes or seconds. */
export type Unit = "count" | "flops" | "bytes" | "seconds";

/** The units of each by how they are written; letters of either case are taken. */
const scales: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  count: { K: 1e3, M: 1e6, B: 1e9, G: 1e9, T: 1e12 },
  flops: {
    K: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    FLOPs: 1,
    MFLOPs: 1e6,
    GFLOPs: 1e9,
    TFLOPs: 1e12,
    PFLOPs: 1e15,
  },
  bytes: {
    B: 1,
    kB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
    KiB: 1024,
    MiB: 1024 ** 2,
    GiB: 1024 ** 3,
    TiB: 1024 ** 4,
  },
  seconds: { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6 },
};

/** The number that is meant, in the unit's own (bytes, seconds); a sentence's end that says what is wrong where it cannot be read. */
export function readAmount(text: string, unit: Unit): number | { readonly reason: string } {
  const [, digits, word = ""] = /^\s*(?:<=?\s*)?(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-zA-Zµ]*)\s*$/.exec(text) ?? [];
  if (digits === undefined) return { reason: `${JSON.stringify(text)} is no amount; it is written ${example[unit]}` };
  const scale = word === "" ? 1 : scaleOf(word, unit);
  if (scale === undefined) return { reason: `${word} is no unit here: write ${Object.keys(scales[unit]).join(", ")}` };
  return Number(digits) * scale;
}

/** As a regular expression, for those who check a text without reading it. */
export function amountPattern(unit: Unit): string {
  const words = Object.keys(scales[unit]).map((word) => word.replaceAll(/[a-z]/gi, (c) => either(c)));
  return `^\\s*(<=?\\s*)?\\d+(\\.\\d+)?([eE][+-]?\\d+)?\\s*(${words.join("|")})?\\s*$`;
}

/** `24 GB`, `124.4 M`: an amount as every surface prints it. */
export function showAmount(value: number, unit: Unit, units: ByteUnits): string {
  if (unit === "bytes") return showBytes(value, units);
  return { count: showCount, flops: showFlops, seconds: showTime }[unit](value);
}

const example: Readonly<Record<Unit, string>> = {
  count: '"8e9" or "8B"',
  flops: '"300 GFLOPs"',
  bytes: '"24GB"',
  seconds: '"100ms"',
};

function scaleOf(word: string, unit: Unit): number | undefined {
  const exact = scales[unit][word];
  if (exact !== undefined) return exact;
  return Object.entries(scales[unit]).find(([one]) => one.toLowerCase() === word.toLowerCase())?.[1];
}

const either = (letter: string) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`;
