/** What Python's operators do with tensors. */
import { Unknown } from "../../base/unknown.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { native } from "../../python/native.ts";
import { numberOf } from "../../python/numbers.ts";
import { notImplemented } from "../../python/types.ts";
import type { NativeFunction, Value } from "../../python/values.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { applyInPlace } from "../apply.ts";
import { plainArgument } from "../arguments.ts";
import { run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

const binary: Readonly<Record<string, string>> = {
  add: "add",
  sub: "sub",
  mul: "mul",
  matmul: "matmul",
  floordiv: "floor_divide",
  mod: "remainder",
  pow: "pow",
  and: "bitwise_and",
  or: "bitwise_or",
  xor: "bitwise_xor",
  lshift: "bitwise_left_shift",
  rshift: "bitwise_right_shift",
};
const comparisons: Readonly<Record<string, string>> = { lt: "lt", le: "le", gt: "gt", ge: "ge", eq: "eq", ne: "ne" };
/** Whether a scalar may stand first: then the operation takes it so. */
const commutes = new Set(["add", "mul", "and", "or", "xor"]);

/** The operators' methods by name. */
export const operators: ReadonlyMap<string, NativeFunction> = new Map([
  ...Object.entries(binary).flatMap(([name, op]) => [
    method(`__${name}__`, (py, self, other) => run(py, op, self, other)),
    method(`__r${name}__`, (py, self, other) =>
      commutes.has(name) ? run(py, op, self, other) : reflected(py, op, self, other),
    ),
    method(`__i${name}__`, (py, self, other) =>
      op === "matmul" ? run(py, op, self, other) : applyInPlace(py, `aten.${op}`, [self, plainArgument(other)]),
    ),
  ]),
  ...Object.entries(comparisons).map(([name, op]) =>
    method(`__${name}__`, (py, self, other) => run(py, op, self, other)),
  ),
  method("__truediv__", (py, self, other) => run(py, "div", self, other, null)),
  method("__div__", (py, self, other) => run(py, "div", self, other, null)),
  method("__itruediv__", (py, self, other) => applyInPlace(py, "aten.div", [self, plainArgument(other), null])),
  method("__rtruediv__", (py, self, other) => run(py, "mul", run(py, "reciprocal", self), other)),
  unary("__neg__", (py, self) => run(py, "neg", self)),
  unary("__pos__", (_py, self) => self),
  unary("__abs__", (py, self) => run(py, "abs", self)),
  unary("__invert__", (py, self) => run(py, "bitwise_not", self)),
]);

function method(name: string, body: (py: Interpreter, self: Value, other: Value) => Value): [string, NativeFunction] {
  const func = native(
    `${name}(self, other)`,
    (py, self: Value, other: Value) => (isOperand(other) ? body(py, self, other) : notImplemented),
    { lenient: true },
  );
  return [name, func];
}

function unary(name: string, body: (py: Interpreter, self: Value) => Value): [string, NativeFunction] {
  return [name, native(`${name}(self)`, body)];
}

function isOperand(value: Value): boolean {
  return (
    value instanceof TensorObject ||
    value instanceof Unknown ||
    value instanceof Complex ||
    value instanceof Float ||
    numberOf(value) !== undefined
  );
}

/** The operation with the number first. */
function reflected(py: Interpreter, op: string, self: Value, other: Value): Value {
  return op === "sub" ? run(py, "rsub", self, other) : run(py, op, other, self);
}
