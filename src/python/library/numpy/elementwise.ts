/** Arithmetic and functions that work element by element. */
import { Unknown } from "../../../base/unknown.ts";
import { raise } from "../../errors.ts";
import type { Interpreter } from "../../interpreter.ts";
import type { Value } from "../../values.ts";
import { asArray, converted, countOf, made, NdArray, promoted } from "./array.ts";
import { scalarDType } from "./scalars.ts";

/** How two elements make one, and the dtype of the result where it is not the promoted one. */
export interface Rule {
  readonly run: (a: number, b: number) => number;
  readonly dtype?: "bool" | "float";
}

const floorMod = (a: number, b: number) => a - Math.floor(a / b) * b;

export const rules: Readonly<Record<string, Rule>> = {
  add: { run: (a, b) => a + b },
  subtract: { run: (a, b) => a - b },
  multiply: { run: (a, b) => a * b },
  divide: { run: (a, b) => a / b, dtype: "float" },
  floor_divide: { run: (a, b) => Math.floor(a / b) },
  mod: { run: floorMod },
  power: { run: (a, b) => a ** b },
  maximum: { run: Math.max },
  minimum: { run: Math.min },
  less: { run: (a, b) => Number(a < b), dtype: "bool" },
  less_equal: { run: (a, b) => Number(a <= b), dtype: "bool" },
  greater: { run: (a, b) => Number(a > b), dtype: "bool" },
  greater_equal: { run: (a, b) => Number(a >= b), dtype: "bool" },
  equal: { run: (a, b) => Number(a === b), dtype: "bool" },
  not_equal: { run: (a, b) => Number(a !== b), dtype: "bool" },
  logical_and: { run: (a, b) => Number(Boolean(a && b)), dtype: "bool" },
  logical_or: { run: (a, b) => Number(Boolean(a || b)), dtype: "bool" },
  logical_xor: { run: (a, b) => Number(Boolean(a) !== Boolean(b)), dtype: "bool" },
  arctan2: { run: Math.atan2, dtype: "float" },
  hypot: { run: Math.hypot, dtype: "float" },
};

/** Functions of one element; those in `keepsDtype` give what they were given. */
export const unaries: Readonly<Record<string, (x: number) => number>> = {
  sqrt: Math.sqrt,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  tanh: Math.tanh,
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  rint: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  abs: Math.abs,
  absolute: Math.abs,
  fabs: Math.abs,
  sign: Math.sign,
  square: (x) => x * x,
  negative: (x) => -x,
  deg2rad: (x) => (x * Math.PI) / 180,
  isnan: (x) => Number(Number.isNaN(x)),
  isinf: (x) => Number(Math.abs(x) === Infinity),
  isfinite: (x) => Number(Number.isFinite(x)),
  logical_not: (x) => Number(!x),
};
const keepsDtype = new Set(["abs", "absolute", "sign", "square", "negative"]);

/** The result of a function of one argument on a number or an array. */
export function onEach(py: Interpreter, name: string, value: Value): Value {
  const array = asArray(py, value);
  if (array instanceof Unknown) return array;
  const { shape, data } = array;
  const dtype = /^is|logical/.test(name)
    ? "bool"
    : keepsDtype.has(name) || array.dtype.startsWith("float")
      ? array.dtype
      : "float64";
  const run = unaries[name] as (x: number) => number;
  return made(
    shape,
    dtype,
    data?.map((x) => converted(run(x), dtype)),
    py,
  );
}

/** The result of a rule on two numbers or arrays, spread to one shape. */
export function combine(py: Interpreter, rule: Rule, left: Value, right: Value): Value {
  const a = asArray(py, left);
  const b = asArray(py, right);
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  const shape = broadcastShape(a.shape, b.shape);
  // A plain number takes the dtype of the array it meets.
  const weak =
    isPlain(left) && a.shape.length === 0 ? b.dtype : isPlain(right) && b.shape.length === 0 ? a.dtype : undefined;
  const both = weak?.startsWith("float") ? weak : promoted(a.dtype, b.dtype);
  const dtype = rule.dtype === "bool" ? "bool" : rule.dtype === "float" && !both.startsWith("float") ? "float64" : both;
  if (!a.data || !b.data) return new NdArray(shape, dtype, undefined);
  const x = spread(a, shape);
  const y = spread(b, shape);
  return made(
    shape,
    dtype,
    x.map((one, i) => converted(rule.run(one, y[i] as number), dtype)),
    py,
  );
}

/** Whether it has no dtype of its own that counts. */
const isPlain = (value: Value) => !(value instanceof NdArray) && scalarDType(value) === undefined;

export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, i) => {
    const x = a[a.length - length + i] ?? 1;
    const y = b[b.length - length + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      raise("ValueError", `operands could not be broadcast together with shapes (${a.join(",")}) (${b.join(",")})`);
    return x === 1 ? y : x;
  });
}

/** The elements repeated to fill a larger shape. */
export function spread(array: NdArray, shape: readonly number[]): number[] {
  const data = array.data as readonly number[];
  const missing = shape.length - array.shape.length;
  return Array.from({ length: countOf(shape) }, (_, flat) => {
    let rest = flat;
    let at = 0;
    let step = 1;
    for (let axis = shape.length - 1; axis >= missing; axis--) {
      const size = shape[axis] as number;
      const own = array.shape[axis - missing] as number;
      at += (own === 1 ? 0 : rest % size) * step;
      step *= own;
      rest = Math.floor(rest / size);
    }
    return data[at] as number;
  });
}
