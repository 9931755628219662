/** The methods and operators of NumPy's scalars: those of an array without axes. */

import { toInt } from "../../builtins/numbers.ts";
import { float } from "../../builtins/plain.ts";
import { define, defineProperty } from "../../native.ts";
import { numberOf, plain } from "../../numbers.ts";
import { unary } from "../../operators.ts";
import { format, repr } from "../../text.ts";
import { notImplemented } from "../../types.ts";
import { type PyInstance, PyTuple, type Value } from "../../values.ts";
import { asArray, dtypeNamed, NdArray } from "./array.ts";
import { dtypeObject } from "./dtypes.ts";
import { combine, type Rule, rules } from "./elementwise.ts";
import { generic, integer, scalarOf } from "./scalars.ts";

/** Python's operators by the rule that they follow. */
export const operators: Readonly<Record<string, string>> = {
  add: "add",
  sub: "subtract",
  mul: "multiply",
  truediv: "divide",
  floordiv: "floor_divide",
  mod: "mod",
  pow: "power",
  lt: "less",
  le: "less_equal",
  gt: "greater",
  ge: "greater_equal",
  eq: "equal",
  ne: "not_equal",
  and: "logical_and",
  or: "logical_or",
};

for (const [name, rule] of Object.entries(operators)) {
  const of = rules[rule] as Rule;
  const known = (other: Value) => numberOf(other) !== undefined || other instanceof NdArray;
  define(generic, {
    [`__${name}__(self, other)`]: (py, a, b) => (known(b) ? combine(py, of, a, b) : notImplemented),
    [`__r${name}__(self, other)`]: (py, a, b) => (known(b) ? combine(py, of, b, a) : notImplemented),
  });
}
define(generic, {
  "astype(self, dtype, **kwargs)": (_py, self: PyInstance, dtype) =>
    scalarOf(plain(self), dtypeNamed(dtype) ?? self.cls.name),
  "item(self)": (_py, self) => plain(self),
  "tolist(self)": (_py, self) => plain(self),
  "copy(self)": (_py, self) => self,
  "reshape(self, *shape)": (py, self, { items }: PyTuple) => {
    const array = asArray(py, self);
    const shape = items[0] instanceof PyTuple ? items[0].items : items;
    return array instanceof NdArray
      ? new NdArray(
          shape.map(() => 1),
          array.dtype,
          array.data,
        )
      : array;
  },
  "round(self, decimals=0)": (_py, self: PyInstance, decimals) => {
    const scale = 10 ** (numberOf(decimals) ?? 0);
    return scalarOf(float(Math.round((numberOf(self) ?? 0) * scale) / scale), self.cls.name);
  },
  "__neg__(self)": (py, self: PyInstance) => scalarOf(unary(py, "-", plain(self)), self.cls.name),
  "__abs__(self)": (_py, self: PyInstance) => scalarOf(float(Math.abs(numberOf(self) ?? 0)), self.cls.name),
  "__int__(self)": (py, self) => toInt(py, plain(self)),
  "__float__(self)": (_py, self) => float(numberOf(self) ?? 0),
  "__bool__(self)": (_py, self) => numberOf(self) !== 0,
  "__repr__(self)": (py, self) => repr(py, plain(self)),
  "__format__(self, spec)": (py, self, spec) => format(py, plain(self), String(spec)),
});
define(integer, { "__index__(self)": (_py, self) => plain(self) });
defineProperty(generic, "dtype", (_py, self: PyInstance) => dtypeObject(self.cls.name));
defineProperty(generic, "shape", () => new PyTuple([]));
defineProperty(generic, "ndim", () => 0);
defineProperty(generic, "size", () => 1);
defineProperty(generic, "real", (_py, self) => self);
