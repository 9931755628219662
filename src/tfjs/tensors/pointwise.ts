/** Functions of each element: `tf.relu`, `tf.add`, `tf.where`. */
import type { Op } from "../../ops/op.ts";
import { Float } from "../../tensor/scalar.ts";
import { isTensor } from "../../tensor/tensor.ts";
import type { Machine } from "../language/machine.ts";
import type { Native, Value } from "../language/values.ts";
import { numberOf, operand, tensorFunction, tensorOf, tensorsOf } from "./arguments.ts";
import { elementwise } from "./kernels.ts";
import { apply, dtypeOf, tensorValue } from "./tensorValue.ts";

const unary: Readonly<Record<string, string | Op>> = {
  ...Object.fromEntries(
    "abs neg exp expm1 log log1p sqrt rsqrt reciprocal relu relu6 sigmoid tanh erf sin cos tan asin acos atan sinh cosh asinh acosh atanh floor ceil round sign softplus selu square"
      .split(" ")
      .map((name) => [name, `aten.${name}`]),
  ),
  square: elementwise("square", 1),
  isNaN: "aten.isnan",
  isFinite: "aten.isfinite",
  isInf: "aten.isinf",
  logicalNot: "aten.logical_not",
  elu: "aten.elu",
  swish: "aten.silu",
  gelu: "aten.gelu",
  mish: "aten.mish",
  step: elementwise("step", 1),
  logSigmoid: elementwise("logSigmoid", 20),
  hardSigmoid: elementwise("hardSigmoid", 3),
};

const binary: Readonly<Record<string, string | Op>> = {
  add: "aten.add",
  sub: "aten.sub",
  mul: "aten.mul",
  div: "aten.div",
  divNoNan: elementwise("divNoNan", 2),
  floorDiv: elementwise("floorDiv", 2),
  mod: "aten.remainder",
  pow: "aten.pow",
  maximum: "aten.maximum",
  minimum: "aten.minimum",
  squaredDifference: elementwise("squaredDifference", 2),
  atan2: elementwise("atan2", 10),
  prelu: elementwise("prelu", 2),
  equal: "aten.eq",
  notEqual: "aten.ne",
  greater: "aten.gt",
  greaterEqual: "aten.ge",
  less: "aten.lt",
  lessEqual: "aten.le",
  logicalAnd: "aten.logical_and",
  logicalOr: "aten.logical_or",
  logicalXor: "aten.logical_xor",
};

/** PyTorch's take tensors alone. */
const tensorsAlone = new Set(["maximum", "minimum", "logicalAnd", "logicalOr", "logicalXor"]);

export function pointwiseFunctions(machine: Machine): Record<string, Native> {
  const found: Record<string, Native> = {};
  for (const [name, op] of Object.entries(unary))
    found[name] = tensorFunction(machine, name, ([x]) => apply(machine, op, [tensorOf(machine, x)]));
  for (const [name, op] of Object.entries(binary)) {
    found[name] = tensorFunction(machine, name, ([a, b]) => {
      const [left, right] = [operand(machine, a), operand(machine, b)];
      const whole = typeof op !== "string" || tensorsAlone.has(name);
      if (isTensor(left) && (isTensor(right) || !whole)) return apply(machine, op, [left, right]);
      return apply(machine, op, [tensorOf(machine, a), tensorOf(machine, b)]);
    });
    found[`${name}Strict`] = found[name];
  }
  return {
    ...found,
    leakyRelu: tensorFunction(machine, "leakyRelu", ([x, alpha]) =>
      apply(machine, "aten.leaky_relu", [tensorOf(machine, x), new Float(numberOf(alpha, 0.2))]),
    ),
    clipByValue: tensorFunction(machine, "clipByValue", ([x, low, high]) =>
      apply(machine, "aten.clamp", [
        tensorOf(machine, x),
        new Float(numberOf(low, 0)),
        new Float(numberOf(high, Number.MAX_VALUE)),
      ]),
    ),
    cast: tensorFunction(machine, "cast", ([x, dtype]) => {
      const value = tensorOf(machine, x);
      const type = dtypeOf(dtype, value.dtype);
      return type === value.dtype ? (x as Value) : apply(machine, "aten._to_copy", [value, type]);
    }),
    where: tensorFunction(machine, "where", ([test, a, b]) =>
      apply(machine, "aten.where", [tensorOf(machine, test), tensorOf(machine, a), tensorOf(machine, b)]),
    ),
    addN: tensorFunction(machine, "addN", ([list]) => apply(machine, elementwise("addN", 1), tensorsOf(machine, list))),
    batchNorm: tensorFunction(machine, "batchNorm", ([x, ...rest]) =>
      apply(
        machine,
        elementwise("fusedBatchNorm", 4),
        [x, ...rest.slice(0, 4)]
          .filter((one) => typeof one === "object" && one !== null)
          .map((one) => tensorOf(machine, one)),
      ),
    ),
    dropout: tensorFunction(machine, "dropout", ([x, rate]) => {
      const value = tensorOf(machine, x);
      return numberOf(rate, 0) === 0
        ? tensorValue(machine, value)
        : apply(machine, "aten.native_dropout", [value, new Float(numberOf(rate, 0)), true]);
    }),
  };
}
