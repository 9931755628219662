import { toFloat } from "../builtins/numbers.ts";
import { float, integerValue } from "../builtins/plain.ts";
import { call, specialMethod } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { iterate, toArray } from "../iteration.ts";
import { native } from "../native.ts";
import { asIndex, intOf, narrow, numberOf, plain } from "../numbers.ts";
import { binary } from "../operators.ts";
import { typeOf } from "../types.ts";
import { type NativeFunction, PyTuple, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";
import { errorFunction, gamma, logGamma } from "./specialFunctions.ts";

/** The number that a function of `math` works on. */
function real(py: Interpreter, value: Value): number {
  const number = numberOf(value) ?? numberOf(specialMethod(py, value, "__float__") ? toFloat(py, value) : null);
  return number ?? raise("TypeError", `must be real number, not ${typeOf(value).name}`);
}

/** Functions of one float; NaN from a number means that the domain was left. */
const simple: Readonly<Record<string, (x: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  exp: Math.exp,
  expm1: Math.expm1,
  fabs: Math.abs,
  erf: errorFunction,
  erfc: (x) => 1 - errorFunction(x),
  gamma,
  lgamma: logGamma,
  degrees: (x) => (x * 180) / Math.PI,
  radians: (x) => (x * Math.PI) / 180,
  exp2: (x) => 2 ** x,
};

function oneFloat(name: string, run: (x: number) => number): NativeFunction {
  return native(`${name}(x)`, (py, value) => {
    const x = real(py, value);
    const result = run(x);
    if (Number.isNaN(result) && !Number.isNaN(x)) raise("ValueError", "math domain error");
    if (!Number.isFinite(result) && Number.isFinite(x)) raise("OverflowError", "math range error");
    return float(result);
  });
}

function logarithm(name: string, run: (x: number) => number): NativeFunction {
  return native(`${name}(x, *base)`, (py, value, { items }) => {
    const of = (one: Value) => {
      const x = real(py, one);
      if (!(x > 0) && !Number.isNaN(x)) raise("ValueError", "math domain error");
      return run(x);
    };
    return float(items[0] === undefined ? of(value) : of(value) / of(items[0]));
  });
}

/** `ceil`, `floor`, `trunc`: ints, and sizes as they are. */
function toWhole(name: string, run: (x: number) => number): NativeFunction {
  return native(`${name}(x)`, (py, value) => {
    const bare = plain(value);
    if (intOf(bare) !== undefined) return typeof bare === "boolean" ? Number(bare) : bare;
    const method = specialMethod(py, value, `__${name}__`);
    if (numberOf(bare) === undefined && method !== undefined) return call(py, method, []);
    const x = real(py, value);
    if (!Number.isFinite(x)) {
      raise(
        Number.isNaN(x) ? "ValueError" : "OverflowError",
        `cannot convert float ${Number.isNaN(x) ? "NaN" : "infinity"} to integer`,
      );
    }
    return integerValue(run(x) + 0);
  });
}

export const math = nativeModule("math", () => ({
  pi: float(Math.PI),
  e: float(Math.E),
  tau: float(2 * Math.PI),
  inf: float(Infinity),
  nan: float(Number.NaN),
  ...functions(
    ...Object.entries(simple).map(([name, run]) => oneFloat(name, run)),
    ...[
      logarithm("log", Math.log),
      logarithm("log2", Math.log2),
      logarithm("log10", Math.log10),
      logarithm("log1p", Math.log1p),
    ],
    ...[toWhole("ceil", Math.ceil), toWhole("floor", Math.floor), toWhole("trunc", Math.trunc)],
    native("pow(x, y)", (py, x, y) => float(real(py, x) ** real(py, y))),
    native("atan2(y, x)", (py, y, x) => float(Math.atan2(real(py, y), real(py, x)))),
    native("fmod(x, y)", (py, x, y) => float(real(py, x) % real(py, y))),
    native("copysign(x, y)", (py, x, y) => {
      const sign = real(py, y);
      return float(Math.abs(real(py, x)) * (sign < 0 || Object.is(sign, -0) ? -1 : 1));
    }),
    native("hypot(*coordinates)", (py, { items }) => float(Math.hypot(...items.map((one: Value) => real(py, one))))),
    native("dist(p, q)", (py, p, q) => {
      const other = toArray(py, q);
      return float(Math.hypot(...toArray(py, p).map((one, i) => real(py, one) - real(py, other[i] ?? null))));
    }),
    native("modf(x)", (py, x) => {
      const value = real(py, x);
      return new PyTuple([float(value - Math.trunc(value)), float(Math.trunc(value))]);
    }),
    native("frexp(x)", (py, x) => {
      const value = real(py, x);
      if (value === 0 || !Number.isFinite(value)) return new PyTuple([float(value), 0]);
      const exponent = Math.floor(Math.log2(Math.abs(value))) + 1;
      return new PyTuple([float(value / 2 ** exponent), exponent]);
    }),
    native("ldexp(x, i)", (py, x, i) => float(real(py, x) * 2 ** real(py, i))),
    native("isnan(x)", (py, x) => Number.isNaN(real(py, x))),
    native("isinf(x)", (py, x) => Math.abs(real(py, x)) === Infinity),
    native("isfinite(x)", (py, x) => Number.isFinite(real(py, x))),
    native("isclose(a, b, *, rel_tol=1e-9, abs_tol=0.0)", (py, a, b, relative, absolute) => {
      const [x, y] = [real(py, a), real(py, b)];
      if (x === y) return true;
      return Math.abs(x - y) <= Math.max(real(py, relative) * Math.max(Math.abs(x), Math.abs(y)), real(py, absolute));
    }),
    native("fsum(seq)", (py, seq) => float(toArray(py, seq).reduce<number>((sum, one) => sum + real(py, one), 0))),
    native("sumprod(p, q)", (py, p, q) => {
      const other = toArray(py, q);
      return toArray(py, p).reduce<Value>(
        (sum, one, i) => binary(py, "+", sum, binary(py, "*", one, other[i] ?? 0)),
        0,
      );
    }),
    native("prod(iterable, *, start=1)", (py, iterable, start) => {
      let total: Value = start;
      const next = iterate(py, iterable);
      for (let one = next(); one !== undefined; one = next()) total = binary(py, "*", total, one);
      return total;
    }),
    native("gcd(*integers)", (py, { items }) =>
      items.reduce((a: number, b: Value) => greatestDivisor(a, asIndex(py, b)), 0),
    ),
    native("lcm(*integers)", (py, { items }) =>
      items.reduce((a: number, b: Value) => {
        const other = Math.abs(asIndex(py, b));
        return a === 0 || other === 0 ? 0 : (a / greatestDivisor(a, other)) * other;
      }, 1),
    ),
    native("factorial(n)", (py, n) => {
      const top = asIndex(py, n);
      if (top < 0) raise("ValueError", "factorial() not defined for negative values");
      if (top > 2000) return py.unknown("a factorial too large to work out");
      let product = 1n;
      for (let i = 2; i <= top; i++) product *= BigInt(i);
      return narrow(product);
    }),
    native("comb(n, k)", (py, n, k) => chosen(asIndex(py, n), asIndex(py, k), true)),
    native("perm(n, k=None)", (py, n, k) =>
      chosen(asIndex(py, n), k === null ? asIndex(py, n) : asIndex(py, k), false),
    ),
    native("isqrt(n)", (py, n) => {
      const value = asIndex(py, n);
      if (value < 0) raise("ValueError", "isqrt() argument must be nonnegative");
      return Math.floor(Math.sqrt(value));
    }),
  ),
}));

/** Euclid's algorithm. */
function greatestDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function chosen(n: number, k: number, unordered: boolean): Value {
  if (n < 0 || k < 0) raise("ValueError", "must be non-negative integers");
  if (k > n) return 0;
  const few = unordered ? Math.min(k, n - k) : k;
  let product = 1n;
  for (let i = 0; i < few; i++) {
    product *= BigInt(n - i);
    if (unordered) product /= BigInt(i + 1);
  }
  return narrow(product);
}
