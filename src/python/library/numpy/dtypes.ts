/** NumPy's scalar types and dtype objects. */
import { toFloat, toInt } from "../../builtins/numbers.ts";
import { define, defineProperty, defineStatic } from "../../native.ts";
import { truth } from "../../operators.ts";
import { nativeClass, types } from "../../types.ts";
import { type PyClass, PyInstance, type Value } from "../../values.ts";
import { asArray, dtypeNamed, NdArray } from "./array.ts";

const generic = nativeClass("generic", "object", types.object, "numpy");
const numberClass = nativeClass("number", "object", generic, "numpy");
const integer = nativeClass("integer", "object", numberClass, "numpy");
const floating = nativeClass("floating", "object", numberClass, "numpy");

/** Scalars are plain Python numbers: calling `np.int64(3)` gives `3`. */
function scalarClass(name: string): PyClass {
  const base = name.startsWith("float") ? floating : /int/.test(name) ? integer : generic;
  const cls = nativeClass(name, "object", base, "numpy");
  defineStatic(cls, "__new__(cls, value=0)", (py, _cls, value: Value) => {
    if (value instanceof NdArray || (typeof value === "object" && value !== null && "items" in value))
      return asArray(py, value, name);
    if (name.startsWith("float")) return toFloat(py, value);
    return name === "bool" ? truth(py, value) : toInt(py, value);
  });
  return cls;
}

const names = [
  "bool",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
];
const classes = new Map(names.map((name) => [name, scalarClass(name)]));

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
      ["type", classes.get(name) ?? null],
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
  "__hash__(self)": (_py, self: PyInstance) => names.indexOf(String(self.attrs.get("name"))),
  "__repr__(self)": (_py, self: PyInstance) => `dtype('${String(self.attrs.get("name"))}')`,
  "__str__(self)": (_py, self: PyInstance) => String(self.attrs.get("name")),
});
defineProperty(dtypeClass, "char", (_py, self: PyInstance) => self.attrs.get("kind") ?? null);

export const scalarTypes: Record<string, Value> = {
  ...Object.fromEntries(classes),
  bool_: classes.get("bool") as PyClass,
  int_: classes.get("int64") as PyClass,
  intp: classes.get("int64") as PyClass,
  float_: classes.get("float64") as PyClass,
  double: classes.get("float64") as PyClass,
  single: classes.get("float32") as PyClass,
  half: classes.get("float16") as PyClass,
  generic,
  number: numberClass,
  integer,
  signedinteger: integer,
  floating,
  dtype: dtypeClass,
  ndarray: NdArray.type,
};
