import { narrow } from "../numbers.ts";

/** The integer that `int(text, base)` reads, a bigint where it is large; `undefined` where the text is none. */
export function integerOf(text: string, base: number): number | bigint | undefined {
  const match = /^([+-]?)([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(text.trim());
  if (!match) return undefined;
  const [, sign, digits = ""] = match;
  const [prefix = "", named] = prefixes.find(([letters]) => digits.slice(0, 2).toLowerCase() === letters) ?? [];
  if (named !== undefined && (base === 0 || base === named)) return valueOf(sign, digits.slice(prefix.length), named);
  return valueOf(sign, digits, base === 0 ? 10 : base);
}

const prefixes: readonly (readonly [string, number])[] = [
  ["0x", 16],
  ["0o", 8],
  ["0b", 2],
];

function valueOf(sign: string | undefined, digits: string, base: number): number | bigint | undefined {
  let total = 0n;
  for (const char of digits.replaceAll("_", "").toLowerCase()) {
    const digit = Number.parseInt(char, 36);
    if (!(digit < base)) return undefined;
    total = total * BigInt(base) + BigInt(digit);
  }
  return narrow(sign === "-" ? -total : total);
}

/** The number that `float(text)` reads; `undefined` where the text is none. */
export function floatOf(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  const named = /^([+-]?)(inf|infinity|nan)$/.exec(trimmed);
  if (named) return named[2] === "nan" ? Number.NaN : named[1] === "-" ? -Infinity : Infinity;
  return /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/.test(trimmed)
    ? Number(trimmed.replaceAll("_", ""))
    : undefined;
}
