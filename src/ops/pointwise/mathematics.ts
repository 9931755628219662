/** Functions of one number, as `math` has them: integers become floats, the gradient needs the input or the result. */
import { inFloat } from "../shared/dtypes.ts";
import { chained } from "../shared/gradients.ts";
import { type Pointwise, pointwise } from "../shared/pointwise.ts";
import { type Saves, savesResult, savesSelf } from "../shared/saving.ts";
import { erf, erfc, sigmoid } from "../shared/specialFunctions.ts";

/** A transcendental function costs about this many simple operations. */
const series = 10;

const fromSelf: readonly (readonly [name: string, work: number, fold?: Pointwise["fold"]])[] = [
  ["log", series, Math.log],
  ["log2", series, Math.log2],
  ["log10", series, Math.log10],
  ["log1p", series, Math.log1p],
  ["sin", series, Math.sin],
  ["cos", series, Math.cos],
  ["asin", series, Math.asin],
  ["acos", series, Math.acos],
  ["atan", series, Math.atan],
  ["sinh", series, Math.sinh],
  ["cosh", series, Math.cosh],
  ["asinh", series, Math.asinh],
  ["acosh", series, Math.acosh],
  ["atanh", series, Math.atanh],
  ["erf", series, erf],
  ["erfc", series, erfc],
  ["erfinv", series],
  ["lgamma", series],
  ["digamma", series],
  ["sinc", series, (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))],
  ["i0", series],
  ["logit", series],
];

const fromResult: typeof fromSelf = [
  ["exp", series, Math.exp],
  ["exp2", series, (x) => 2 ** x],
  ["expm1", series, Math.expm1],
  ["sqrt", 2, Math.sqrt],
  ["rsqrt", 2, (x) => 1 / Math.sqrt(x)],
  ["reciprocal", 2, (x) => 1 / x],
  ["tan", series, Math.tan],
  ["tanh", series, Math.tanh],
  ["sigmoid", series, sigmoid],
  ["special_ndtri", series],
];

const fromNothing: typeof fromSelf = [
  ["deg2rad", 1, (x) => (x * Math.PI) / 180],
  ["rad2deg", 1, (x) => (x * 180) / Math.PI],
];

/** Kernels that give the gradient, the last one's result; the others' are let go of at the end. */
const gradients: Readonly<Record<string, readonly string[]>> = {
  log: ["div"],
  log2: ["mul", "div"],
  log10: ["mul", "div"],
  log1p: ["add", "div"],
  sin: ["cos", "mul"],
  cos: ["sin", "neg", "mul"],
  sinh: ["cosh", "mul"],
  cosh: ["sinh", "mul"],
  erf: ["pow", "neg", "exp", "mul", "mul"],
  exp: ["mul"],
  exp2: ["mul", "mul"],
  expm1: ["add", "mul"],
  sqrt: ["mul", "div"],
  rsqrt: ["pow", "mul", "mul"],
  reciprocal: ["neg", "mul", "mul"],
  tan: ["pow", "add", "mul"],
  tanh: ["tanh_backward"],
  sigmoid: ["sigmoid_backward"],
  deg2rad: ["mul"],
  rad2deg: ["mul"],
};

const mathematics = [
  ...fromSelf.map((line) => record(line, savesSelf)),
  ...fromResult.map((line) => record(line, savesResult)),
  ...fromNothing.map((line) => record(line)),
];
export default mathematics;

function record([name, work, fold]: (typeof fromSelf)[number], saves?: Saves) {
  const steps = gradients[name];
  const backward = steps && chained(...steps);
  return pointwise({
    name,
    work,
    ...(backward && { backward }),
    dtype: inFloat,
    ...(fold && { fold }),
    ...(saves && { saves }),
  });
}
