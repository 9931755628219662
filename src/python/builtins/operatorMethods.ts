/** `__add__` and its kin on int, float, str and bool, for code that calls them by name. */
import type { BinaryOperator } from "../../syntax/ast.ts";
import { arithmetic } from "../arithmetic.ts";
import { compare } from "../comparisons.ts";
import { native } from "../native.ts";
import { numberOf, plain } from "../numbers.ts";
import { unary } from "../operators.ts";
import { sequenceOperation } from "../sequences.ts";
import { notImplemented, types } from "../types.ts";
import type { Value } from "../values.ts";

const names: Readonly<Record<string, BinaryOperator>> = {
  add: "+",
  sub: "-",
  mul: "*",
  truediv: "/",
  floordiv: "//",
  mod: "%",
  pow: "**",
  lshift: "<<",
  rshift: ">>",
  and: "&",
  or: "|",
  xor: "^",
};
const orders = { lt: "<", le: "<=", gt: ">", ge: ">=", eq: "==", ne: "!=" } as const;

for (const cls of [types.int, types.float, types.complex]) {
  for (const [name, op] of Object.entries(names)) {
    set(`__${name}__`, (py, a, b) => arithmetic(py, op, a, b) ?? notImplemented);
    set(`__r${name}__`, (py, a, b) => arithmetic(py, op, b, a) ?? notImplemented);
  }
  for (const [name, op] of Object.entries(orders)) {
    set(`__${name}__`, (py, a, b) =>
      numberOf(b) === undefined ? notImplemented : compare(py, op, plain(a), plain(b)),
    );
  }
  for (const [name, op] of [
    ["neg", "-"],
    ["pos", "+"],
    ["invert", "~"],
  ] as const) {
    cls.dict.set(
      `__${name}__`,
      native(`__${name}__(self)`, (py, self) => unary(py, op, plain(self))),
    );
  }
  cls.dict.set(
    "__abs__",
    native("__abs__(self)", (py, self) =>
      compare(py, "<", plain(self), 0) === true ? unary(py, "-", self) : plain(self),
    ),
  );

  function set(name: string, run: Parameters<typeof native>[1]): void {
    cls.dict.set(name, native(`${name}(self, other)`, run));
  }
}

for (const [name, op] of [
  ["add", "+"],
  ["mul", "*"],
] as const) {
  const run: Parameters<typeof native>[1] = (py, a: Value, b: Value) =>
    sequenceOperation(py, op, plain(a), plain(b)) ?? notImplemented;
  types.str.dict.set(`__${name}__`, native(`__${name}__(self, other)`, run));
}
for (const [name, op] of Object.entries(orders)) {
  const run: Parameters<typeof native>[1] = (py, a: Value, b: Value) =>
    typeof plain(b) === "string" ? compare(py, op, plain(a), plain(b)) : notImplemented;
  types.str.dict.set(`__${name}__`, native(`__${name}__(self, other)`, run));
}
types.str.dict.set(
  "__contains__",
  native("__contains__(self, part)", (py, self, part) => compare(py, "in", part, plain(self))),
);
