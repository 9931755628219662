import { raise } from "./errors.ts";
import { floatText, pad } from "./text.ts";

/**
 * A number by Python's format mini-language: `[[fill]align][sign][#][0][width][,_][.precision][type]`. `plainText` gives
 * what `str` gives, for a spec without a type. Raises ValueError for a spec that does not fit.
 */
export function formatNumber(spec: string, value: number, isFloat: boolean, plainText: () => string): string {
  const match = /^(?:(.)?([<>^=]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su.exec(spec);
  if (!match) return raise("ValueError", `Invalid format specifier '${spec}'`);
  const [, fill, align, sign, alternate, zero, width = "0", grouping, precision, kind = ""] = match;
  const negative = value < 0 || Object.is(value, -0);
  let body = digits(
    Math.abs(value),
    kind,
    precision === undefined ? undefined : Number(precision),
    isFloat,
    Boolean(alternate),
    plainText,
  );
  if (grouping) body = grouped(body, grouping);
  const lead = negative ? "-" : sign === "+" || sign === " " ? sign : "";
  const wide = Number(width);
  if (align === "=" || (zero && !align)) return lead + body.padStart(wide - lead.length, fill ?? "0");
  return pad(lead + body, wide, align ?? ">", fill ?? " ");
}

function digits(
  size: number,
  kind: string,
  precision: number | undefined,
  isFloat: boolean,
  alternate: boolean,
  plainText: () => string,
): string {
  switch (kind) {
    case "b":
      return (alternate ? "0b" : "") + size.toString(2);
    case "o":
      return (alternate ? "0o" : "") + size.toString(8);
    case "x":
      return (alternate ? "0x" : "") + size.toString(16);
    case "X":
      return (alternate ? "0X" : "") + size.toString(16).toUpperCase();
    case "c":
      return String.fromCodePoint(size);
    case "d":
    case "n":
      return isFloat && kind === "d"
        ? raise("ValueError", "Unknown format code 'd' for object of type 'float'")
        : String(size);
    case "f":
    case "F":
      return Number.isFinite(size) ? size.toFixed(precision ?? 6) : floatText(size);
    case "e":
    case "E": {
      const text = exponent(size, precision ?? 6);
      return kind === "E" ? text.toUpperCase() : text;
    }
    case "%":
      return `${(size * 100).toFixed(precision ?? 6)}%`;
    case "g":
    case "G":
      return general(size, precision ?? 6);
    default:
      if (precision !== undefined) return general(size, precision, isFloat);
      return plainText().replace(/^-/, "");
  }
}

function exponent(size: number, precision: number): string {
  const [mantissa = "", power = ""] = size.toExponential(precision).split("e");
  return `${mantissa}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

function general(size: number, precision: number, keepPoint = false): string {
  if (!Number.isFinite(size)) return floatText(size);
  const places = precision === 0 ? 1 : precision;
  const power = size === 0 ? 0 : Number(size.toExponential(places - 1).split("e")[1]);
  const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0+(?=e|$)/, "") : text);
  if (power < -4 || power >= places) return trim(exponent(size, places - 1));
  const text = trim(size.toFixed(Math.max(0, places - 1 - power)));
  return keepPoint && !text.includes(".") ? `${text}.0` : text;
}

function grouped(body: string, mark: string): string {
  const [whole = "", rest] = body.split(".");
  const marked = whole.replace(/\B(?=(\d{3})+(?!\d))/g, mark);
  return rest === undefined ? marked : `${marked}.${rest}`;
}
