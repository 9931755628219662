/** NumPy's scalars: what an array's element, or a function of a number, is. They count wherever a number does. */
import { Float } from "../../../tensor/scalar.ts";
import { numberOf } from "../../numbers.ts";
import { nativeClass, types } from "../../types.ts";
import { type PyClass, PyInstance, type Value } from "../../values.ts";

export const generic = nativeClass("generic", "object", types.object, "numpy");
export const numberClass = nativeClass("number", "object", generic, "numpy");
export const integer = nativeClass("integer", "object", numberClass, "numpy");
export const floating = nativeClass("floating", "object", numberClass, "numpy");

/** The dtypes from narrow to wide. */
export const order = [
  "bool",
  "uint8",
  "int8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
];

/** The class of a dtype's scalars. */
export const scalarClasses: ReadonlyMap<string, PyClass> = new Map(order.map((name) => [name, scalarClass(name)]));

function scalarClass(name: string): PyClass {
  if (name.startsWith("float")) {
    const cls = nativeClass(name, "float", floating, "numpy");
    // A float64 is a Python float as well.
    if (name === "float64") cls.mro = [cls, ...floating.mro.slice(0, -1), types.float, types.object];
    return cls;
  }
  return /int/.test(name) ? nativeClass(name, "int", integer, "numpy") : nativeClass(name, "object", generic, "numpy");
}

/** A number as the scalar of a dtype; Python's own bool where that is `bool`. */
export function scalar(value: number, dtype: string): Value {
  return scalarOf(/^u?int/.test(dtype) ? value : new Float(value), dtype);
}

/** The same of a Python number, cut to an integer where the dtype asks for it; a size keeps its expression. */
export function scalarOf(value: Value, dtype: string): Value {
  const number = numberOf(value) ?? 0;
  if (dtype === "bool") return number !== 0;
  const cls = scalarClasses.get(dtype);
  const whole = /^u?int/.test(dtype);
  const bare = whole === value instanceof Float ? (whole ? Math.trunc(number) : new Float(number)) : value;
  return cls && cls.layout !== "object" ? new PyInstance(cls, new Map(), bare) : bare;
}

/** The dtype of a NumPy scalar; undefined for any other value. */
export function scalarDType(value: Value): string | undefined {
  return value instanceof PyInstance && value.cls.module === "numpy" && scalarClasses.get(value.cls.name) === value.cls
    ? value.cls.name
    : undefined;
}
