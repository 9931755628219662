/** YAML's scalars as PyYAML reads them. */
import { Float } from "../../tensor/scalar.ts";
import type { Value } from "../values.ts";

const words: Readonly<Record<string, Value>> = {
  "": null,
  "~": null,
  null: null,
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** A plain scalar: null, a flag, a number, else text. `1e-3` without a dot is text, as in YAML 1.1. */
export function scalarValue(text: string): Value {
  const bare = text.trim();
  const plain = bare.toLowerCase();
  if (
    plain in words &&
    (bare === plain || bare === bare.toUpperCase() || bare === plain[0]?.toUpperCase() + plain.slice(1))
  )
    return words[plain] as Value;
  if (/^[-+]?(0|[1-9][\d_]*)$/.test(bare)) return Number(bare.replaceAll("_", ""));
  if (/^[-+]?0x[\da-fA-F_]+$/.test(bare)) return Number(bare.replaceAll("_", "").replace("+", ""));
  if (/^[-+]?0[0-7_]+$/.test(bare)) return Number.parseInt(bare.replaceAll("_", ""), 8);
  if (/^[-+]?(\d[\d_]*\.[\d_]*|\.\d[\d_]*)([eE][-+]\d+)?$/.test(bare))
    return new Float(Number(bare.replaceAll("_", "")));
  if (/^[-+]?\.inf$/i.test(bare)) return new Float(bare.startsWith("-") ? -Infinity : Infinity);
  if (/^\.nan$/i.test(bare)) return new Float(Number.NaN);
  return bare;
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "0": "\0",
  "\\": "\\",
  '"': '"',
  "/": "/",
  " ": " ",
  e: "\x1b",
};

/** A quoted scalar without its quotes. */
export function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  return text
    .slice(1, -1)
    .replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|(.))/gi, (whole, two, four, one) =>
      two || four ? String.fromCharCode(Number.parseInt(two ?? four, 16)) : (escapes[one as string] ?? whole),
    );
}
