import type { BinaryOperator, ComparisonOperator } from "../../syntax/ast.ts";
import { getAttribute } from "../attributes.ts";
import { absolute } from "../builtins/arithmetic.ts";
import { call, callMethod } from "../calls.ts";
import { compare } from "../comparisons.ts";
import type { Interpreter } from "../interpreter.ts";
import { toArray } from "../iteration.ts";
import { define, native } from "../native.ts";
import { asIndex } from "../numbers.ts";
import { binary, binaryInPlace, truth, unary } from "../operators.ts";
import { deleteItem, getItem, setItem } from "../subscripts.ts";
import { nativeClass, types } from "../types.ts";
import { type NativeFunction, type PyDict, PyInstance, PyTuple, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";

const binaries: Readonly<Record<string, BinaryOperator>> = {
  add: "+",
  sub: "-",
  mul: "*",
  truediv: "/",
  floordiv: "//",
  mod: "%",
  pow: "**",
  matmul: "@",
  lshift: "<<",
  rshift: ">>",
  and_: "&",
  or_: "|",
  xor: "^",
  concat: "+",
};
const comparisons: Readonly<Record<string, ComparisonOperator>> = {
  lt: "<",
  le: "<=",
  eq: "==",
  ne: "!=",
  gt: ">",
  ge: ">=",
  is_: "is",
  is_not: "is not",
};
const unaries = { neg: "-", pos: "+", inv: "~", invert: "~", not_: "not" } as const;

/** A callable that remembers what to fetch. */
function getter(name: string, fetch: (py: Interpreter, value: Value, what: Value) => Value) {
  const cls = nativeClass(name, "object", types.object, "operator");
  define(cls, {
    "__init__(self, *what)": (_py, self: PyInstance, what: PyTuple) => {
      self.payload = what;
    },
    "__call__(self, obj)": (py, self: PyInstance, value) => {
      const wanted = (self.payload as PyTuple).items;
      const found = wanted.map((one) => fetch(py, value, one));
      return found.length === 1 ? (found[0] as Value) : new PyTuple(found);
    },
  });
  return cls;
}

const itemgetter = getter("itemgetter", getItem);
const attrgetter = getter("attrgetter", (py, value, path) =>
  String(path)
    .split(".")
    .reduce((owner, name) => getAttribute(py, owner, name), value),
);
const methodcaller = nativeClass("methodcaller", "object", types.object, "operator");
define(methodcaller, {
  "__init__(self, name, *args, **kwargs)": (_py, self: PyInstance, name: Value, args: PyTuple, kwargs: PyDict) => {
    self.payload = new PyTuple([name, args, kwargs]);
  },
  "__call__(self, obj)": (py, self: PyInstance, value) => {
    const [name, args, kwargs] = (self.payload as PyTuple).items as [string, PyTuple, PyDict];
    const keywords = new Map([...kwargs.entries.values()].map(([key, one]) => [String(key), one]));
    return call(py, getAttribute(py, value, name), args.items, keywords.size > 0 ? keywords : null);
  },
});

const all: NativeFunction[] = [
  ...Object.entries(binaries).map(([name, op]) => native(`${name}(a, b)`, (py, a, b) => binary(py, op, a, b))),
  ...Object.entries(binaries).map(([name, op]) =>
    native(`i${name.replace("_", "")}(a, b)`, (py, a, b) => binaryInPlace(py, op, a, b)),
  ),
  ...Object.entries(comparisons).map(([name, op]) => native(`${name}(a, b)`, (py, a, b) => compare(py, op, a, b))),
  ...Object.entries(unaries).map(([name, op]) => native(`${name}(a)`, (py, a) => unary(py, op, a))),
  native("contains(a, b)", (py, a, b) => compare(py, "in", b, a)),
  native("getitem(a, b)", (py, a, b) => getItem(py, a, b)),
  native("setitem(a, b, c)", (py, a, b, c) => setItem(py, a, b, c)),
  native("delitem(a, b)", (py, a, b) => deleteItem(py, a, b)),
  native("truth(a)", (py, a) => truth(py, a)),
  native("abs(a)", (py, a) => absolute(py, a)),
  native("index(a)", (py, a) => asIndex(py, a)),
  native("countOf(a, b)", (py, a, b) => toArray(py, a).filter((one) => compare(py, "==", one, b) === true).length),
  native("length_hint(obj, default=0)", (py, value, otherwise) =>
    value instanceof PyInstance ? callMethod(py, value, "__len__") : otherwise,
  ),
];

/** Functions that have no second name in Python's `operator`. */
const single = new Set(["is_", "is_not", "truth", "countOf", "length_hint"]);

export const operator = nativeModule("operator", () => {
  const plain = functions(...all);
  const second = Object.entries(plain).filter(([name]) => !single.has(name));
  return {
    itemgetter,
    attrgetter,
    methodcaller,
    ...plain,
    ...Object.fromEntries(second.map(([name, body]) => [`__${name.replace("_", "")}__`, body])),
  };
});
