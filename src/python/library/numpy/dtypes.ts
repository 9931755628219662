/** NumPy's scalar types and dtype objects. */
import { toFloat, toInt } from "../../builtins/numbers.ts";
import { define, defineProperty, defineStatic } from "../../native.ts";
import { truth } from "../../operators.ts";
import { nativeClass, types } from "../../types.ts";
import { type PyClass, PyInstance, type Value } from "../../values.ts";
import { asArray, dtypeNamed, NdArray } from "./array.ts";
import { floating, generic, integer, numberClass, order, scalarClasses, scalarOf } from "./scalars.ts";

for (const [name, cls] of scalarClasses) {
  defineStatic(cls, "__new__(cls, value=0)", (py, _cls, value: Value) => {
    if (value instanceof NdArray || (typeof value === "object" && value !== null && "items" in value))
      return asArray(py, value, name);
    if (name === "bool") return truth(py, value);
    return scalarOf(name.startsWith("float") ? toFloat(py, value) : toInt(py, value), name);
  });
}

export const dtypeClass = nativeClass("dtype", "object", types.object, "numpy");
const objects = new Map<string, PyInstance>();

/** The dtype object of a name, one for each. */
export function dtypeObject(name: string): PyInstance {
  const known = objects.get(name);
  if (known) return known;
  const bits = Number(/\d+$/.exec(name)?.[0] ?? 8);
  const made = new PyInstance(
    dtypeClass,
    new Map<string, Value>([
      ["name", name],
      ["type", scalarClasses.get(name) ?? null],
      ["itemsize", bits / 8],
      ["kind", name === "bool" ? "b" : (name[0] ?? "")],
    ]),
  );
  objects.set(name, made);
  return made;
}

defineStatic(dtypeClass, "__new__(cls, dtype)", (_py, _cls, value: Value) =>
  dtypeObject(dtypeNamed(value) ?? "float64"),
);
define(dtypeClass, {
  "__init__(self, dtype)": () => null,
  "__eq__(self, other)": (_py, self: PyInstance, other: Value) => self.attrs.get("name") === (dtypeNamed(other) ?? ""),
  "__hash__(self)": (_py, self: PyInstance) => order.indexOf(String(self.attrs.get("name"))),
  "__repr__(self)": (_py, self: PyInstance) => `dtype('${String(self.attrs.get("name"))}')`,
  "__str__(self)": (_py, self: PyInstance) => String(self.attrs.get("name")),
});
defineProperty(dtypeClass, "char", (_py, self: PyInstance) => self.attrs.get("kind") ?? null);

export const scalarTypes: Record<string, Value> = {
  ...Object.fromEntries(scalarClasses),
  bool_: scalarClasses.get("bool") as PyClass,
  long: scalarClasses.get("int64") as PyClass,
  longlong: scalarClasses.get("int64") as PyClass,
  intc: scalarClasses.get("int32") as PyClass,
  short: scalarClasses.get("int16") as PyClass,
  byte: scalarClasses.get("int8") as PyClass,
  ubyte: scalarClasses.get("uint8") as PyClass,
  uint: scalarClasses.get("uint64") as PyClass,
  cdouble: scalarClasses.get("complex128") as PyClass,
  csingle: scalarClasses.get("complex64") as PyClass,
  int_: scalarClasses.get("int64") as PyClass,
  intp: scalarClasses.get("int64") as PyClass,
  float_: scalarClasses.get("float64") as PyClass,
  double: scalarClasses.get("float64") as PyClass,
  single: scalarClasses.get("float32") as PyClass,
  half: scalarClasses.get("float16") as PyClass,
  generic,
  number: numberClass,
  integer,
  signedinteger: integer,
  floating,
  dtype: dtypeClass,
  ndarray: NdArray.type,
};
