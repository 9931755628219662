/** Built-in functions on numbers: `min`, `max`, `sum`, `abs`, `round`, `divmod`, `pow`, and number texts. */
import { Unknown } from "../../base/unknown.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { largest, type Size, SymInt, smallest } from "../../tensor/size.ts";
import { call, specialMethod } from "../calls.ts";
import { compare } from "../comparisons.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { iterate, toArray } from "../iteration.ts";
import { native } from "../native.ts";
import { asIndex, intOf, narrow, numberOf } from "../numbers.ts";
import { binary, truth, unary } from "../operators.ts";
import { isFollowed } from "../remember/buildTags.ts";
import { typeOf } from "../types.ts";
import { PyBytes, PyTuple, type Value } from "../values.ts";
import { float, integerValue, plain, textOf } from "./plain.ts";

const lenient = { lenient: true };

export const arithmetic = [
  native(
    "min(*args, key=None, default=())",
    (py, { items }, key, otherwise) => extremeOf(py, "<", items, key, otherwise),
    lenient,
  ),
  native(
    "max(*args, key=None, default=())",
    (py, { items }, key, otherwise) => extremeOf(py, ">", items, key, otherwise),
    lenient,
  ),
  native("sum(iterable, start=0)", (py, iterable, start) => {
    if (typeof plain(start) === "string") raise("TypeError", "sum() can't sum strings [use ''.join(seq) instead]");
    const next = iterate(py, iterable);
    let total: Value = start;
    for (let value = next(); value !== undefined; value = next()) total = binary(py, "+", total, value);
    return total;
  }),
  native("abs(x)", (py, x) => absolute(py, x)),
  native("round(number, ndigits=None)", (py, number, digits) => rounded(py, number, digits)),
  native("divmod(x, y)", (py, x, y) => new PyTuple([binary(py, "//", x, y), binary(py, "%", x, y)])),
  native("pow(base, exp, mod=None)", (py, base, exponent, modulus) =>
    modulus === null
      ? binary(py, "**", base, exponent)
      : modularPower(BigInt(asIndex(py, base)), BigInt(asIndex(py, exponent)), BigInt(asIndex(py, modulus))),
  ),
  native("hex(number)", (py, number) => based(py, number, 16, "0x")),
  native("oct(number)", (py, number) => based(py, number, 8, "0o")),
  native("bin(number)", (py, number) => based(py, number, 2, "0b")),
  native("chr(i)", (py, i) => {
    const code = asIndex(py, i);
    return code >= 0 && code <= 0x10ffff
      ? String.fromCodePoint(code)
      : raise("ValueError", "chr() arg not in range(0x110000)");
  }),
  native("ord(c)", (_py, c) => {
    const text = c instanceof PyBytes ? c.text : textOf(c);
    const code = text?.codePointAt(0);
    if (code === undefined || String.fromCodePoint(code) !== text)
      return raise("TypeError", "ord() expected a character");
    return code;
  }),
];

/** The least or the greatest. Sizes keep their expressions; one unknown candidate makes the answer unknown. */
function extremeOf(py: Interpreter, op: "<" | ">", args: readonly Value[], key: Value, otherwise: Value): Value {
  const name = op === "<" ? "min" : "max";
  const [only] = args;
  if (only === undefined) return raise("TypeError", `${name} expected at least 1 argument, got 0`);
  if (args.length === 1 && only instanceof Unknown) return only;
  const values = args.length === 1 ? toArray(py, only) : args;
  const [first] = values;
  if (first === undefined) {
    const none = otherwise instanceof PyTuple && otherwise.items.length === 0;
    return none ? raise("ValueError", `${name}() iterable argument is empty`) : otherwise;
  }
  const unknown = values.find((value) => value instanceof Unknown);
  if (unknown !== undefined) return unknown;
  if (
    key === null &&
    values.some((value) => value instanceof SymInt && !isFollowed(value)) &&
    values.every((value) => intOf(value) !== undefined)
  ) {
    return values.map((value) => plain(value) as Size).reduce(op === "<" ? smallest : largest) as Value;
  }
  let best = first;
  let bestKey = key === null ? first : call(py, key, [first]);
  for (const value of values.slice(1)) {
    const valueKey = key === null ? value : call(py, key, [value]);
    const better = truth(py, compare(py, op, valueKey, bestKey));
    if (better instanceof Unknown) return better;
    if (better) [best, bestKey] = [value, valueKey];
  }
  return best;
}

/** What `abs` gives. */
export function absolute(py: Interpreter, x: Value): Value {
  if (typeof x === "number" && x !== 0) return Math.abs(x);
  const method = specialMethod(py, x, "__abs__");
  const bare = plain(x);
  if (bare instanceof Complex) return float(Math.hypot(bare.re, bare.im));
  const number = numberOf(bare);
  if (number !== undefined)
    return number < 0 || Object.is(number, -0) ? unary(py, "-", bare) : typeof bare === "boolean" ? number : bare;
  return method === undefined
    ? raise("TypeError", `bad operand type for abs(): '${typeOf(x).name}'`)
    : call(py, method, []);
}

/** Half to even, on the decimal digits that the number shows. */
function rounded(py: Interpreter, number: Value, digits: Value): Value {
  const bare = plain(number);
  if (intOf(bare) !== undefined && (digits === null || asIndex(py, digits) >= 0))
    return typeof bare === "boolean" ? Number(bare) : bare;
  const value = numberOf(bare);
  if (value === undefined) {
    const method = specialMethod(py, number, "__round__");
    if (method === undefined) return raise("TypeError", `type ${typeOf(number).name} doesn't define __round__ method`);
    return call(py, method, digits === null ? [] : [digits]);
  }
  if (digits === null) {
    if (!Number.isFinite(value))
      raise(
        Number.isNaN(value) ? "ValueError" : "OverflowError",
        `cannot convert float ${Number.isNaN(value) ? "NaN" : "infinity"} to integer`,
      );
    return integerValue(halfToEven(value));
  }
  const places = asIndex(py, digits);
  if (bare instanceof Float) return float(places > 22 || !Number.isFinite(value) ? value : toPlaces(value, places));
  return integerValue(halfToEven(value / 10 ** -places) * 10 ** -places);
}

function halfToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

function toPlaces(value: number, places: number): number {
  if (places < 0) return halfToEven(value / 10 ** -places) * 10 ** -places;
  // `toFixed` works on the exact binary value, as Python does; only true ties differ, and they go to even.
  const scaled = value * 10 ** places;
  if (
    Math.abs(scaled) < 2 ** 52 &&
    Math.abs(scaled % 1) === 0.5 &&
    scaled / 10 ** places === value &&
    isExact(value, places)
  ) {
    return halfToEven(scaled) / 10 ** places;
  }
  return Number(value.toFixed(places));
}

/** Whether the value times ten to the places is exact: only multiples of a power of two are. */
function isExact(value: number, places: number): boolean {
  return Number.isInteger(value * 2 ** (places + 1));
}

function modularPower(base: bigint, exponent: bigint, modulus: bigint): Value {
  if (modulus === 0n) return raise("ValueError", "pow() 3rd argument cannot be 0");
  let result = 1n;
  let square = ((base % modulus) + modulus) % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return narrow(result % modulus);
}

function based(py: Interpreter, number: Value, base: number, prefix: string): string {
  const bare = plain(number);
  const value = typeof bare === "bigint" ? bare : BigInt(asIndex(py, bare));
  return `${value < 0n ? "-" : ""}${prefix}${(value < 0n ? -value : value).toString(base)}`;
}
