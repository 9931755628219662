/** NumPy's arrays: a shape, a dtype, and the numbers where they are known and few. */

import { Unknown } from "../../../base/unknown.ts";
import { Float } from "../../../tensor/scalar.ts";
import { call } from "../../calls.ts";
import { raise } from "../../errors.ts";
import type { Interpreter } from "../../interpreter.ts";
import { toArray } from "../../iteration.ts";
import { asIndex, intOf, numberOf, plain } from "../../numbers.ts";
import { nativeClass, typeOf, types } from "../../types.ts";
import { PyClass, PyInstance, PyList, PyObject, PyTuple, type Value } from "../../values.ts";
import { order, scalar, scalarClasses, scalarDType } from "./scalars.ts";

/** Arrays with more elements than this keep their shape alone. */
const most = 1 << 16;

export class NdArray extends PyObject {
  static readonly type = nativeClass("ndarray", "object", types.object, "numpy");
  readonly cls = NdArray.type;
  readonly data: readonly number[] | undefined;

  constructor(
    readonly shape: readonly number[],
    readonly dtype: string,
    /** Row by row; undefined where the elements are not known. */
    data: readonly number[] | undefined,
  ) {
    super();
    this.data = data && data.length <= most ? data : undefined;
  }
}

export const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** A number as the Python value that an array of this dtype holds. */
export function element(value: number, dtype: string): Value {
  if (dtype === "bool") return value !== 0;
  return /^u?int/.test(dtype) ? value : new Float(value);
}

/** An array of the elements; without axes, the element itself as a scalar. */
export function made(
  shape: readonly number[],
  dtype: string,
  data: readonly number[] | undefined,
  py: Interpreter,
): Value {
  if (shape.length > 0) return new NdArray(shape, dtype, data);
  return data ? scalar(data[0] as number, dtype) : py.unknown("a number in an array that is not known");
}

/** The dtype that holds both. */
export function promoted(a: string, b: string): string {
  if (/^u?int(32|64)/.test(a) && /^float(16|32)/.test(b)) return "float64";
  if (/^u?int(32|64)/.test(b) && /^float(16|32)/.test(a)) return "float64";
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** The dtype of a Python number. */
export function dtypeOf(value: Value): string {
  const own = scalarDType(value);
  if (own !== undefined) return own;
  const bare = plain(value);
  if (typeof bare === "boolean") return "bool";
  return bare instanceof Float ? "float64" : intOf(bare) !== undefined ? "int64" : "float64";
}

/** What NumPy calls a dtype, from a name, a Python type or a dtype object; `undefined` for none. */
export function dtypeNamed(value: Value): string | undefined {
  if (value === null) return undefined;
  if (value === types.float) return "float64";
  if (value === types.int) return "int64";
  if (value === types.bool) return "bool";
  if (value instanceof PyClass) return scalarClasses.has(value.name) ? value.name : undefined;
  const name =
    typeof value === "string"
      ? value
      : value instanceof PyObject && "name" in value
        ? String(value.name)
        : value instanceof PyInstance
          ? String(value.attrs.get("name") ?? "")
          : "";
  const short: Readonly<Record<string, string>> = {
    f4: "float32",
    f8: "float64",
    i4: "int32",
    i8: "int64",
    u1: "uint8",
    f2: "float16",
    float: "float64",
    int: "int64",
    half: "float16",
    single: "float32",
    double: "float64",
    bool_: "bool",
    "?": "bool",
    intp: "int64",
  };
  const bare = name.replace(/^[<>=|]/, "");
  return order.includes(bare) ? bare : short[bare];
}

/** An array from lists of numbers, a number, or an array; unknown elements leave the shape alone. */
export function asArray(py: Interpreter, value: Value, dtype?: string): NdArray | Unknown {
  if (value instanceof Unknown) return value;
  if (value instanceof NdArray) return dtype === undefined || dtype === value.dtype ? value : cast(value, dtype);
  const number = numberOf(value);
  if (number !== undefined) return new NdArray([], dtype ?? dtypeOf(value), [number]);
  if (!(value instanceof PyList || value instanceof PyTuple)) {
    const method = typeOf(value).lookup("__array__");
    const array = method === undefined ? undefined : call(py, method, [value]);
    if (array instanceof NdArray) return asArray(py, array, dtype);
    if (array instanceof Unknown) return array;
    if (typeOf(value).lookup("__iter__") === undefined) return py.unknown(`an array of ${typeOf(value).name} objects`);
  }
  const rows = toArray(py, value).map((row) => (row instanceof Unknown ? row : asArray(py, row, dtype)));
  const first = rows.find((row) => row instanceof NdArray);
  if (!(first instanceof NdArray))
    return rows.length === 0 ? new NdArray([0], dtype ?? "float64", []) : (rows[0] as Unknown);
  const arrays = rows.filter((row) => row instanceof NdArray);
  if (arrays.some((row) => row.shape.join() !== first.shape.join())) {
    return raise(
      "ValueError",
      "setting an array element with a sequence. The requested array has an inhomogeneous shape",
    );
  }
  const kind = dtype ?? arrays.map((row) => row.dtype).reduce(promoted);
  const known = rows.every((row) => row instanceof NdArray && row.data);
  return new NdArray(
    [rows.length, ...first.shape],
    kind,
    known ? arrays.flatMap((row) => row.data as readonly number[]) : undefined,
  );
}

export function cast(array: NdArray, dtype: string): NdArray {
  return new NdArray(
    array.shape,
    dtype,
    array.data?.map((value) => converted(value, dtype)),
  );
}

export function converted(value: number, dtype: string): number {
  if (dtype === "bool") return value ? 1 : 0;
  if (/^u?int/.test(dtype)) return Math.trunc(value);
  return dtype === "float32" ? Math.fround(value) : value;
}

/** A shape from an int or a sequence of ints; unknown where a size is. */
export function shapeFrom(py: Interpreter, value: Value): number[] | Unknown {
  if (value instanceof Unknown) return value;
  const single = intOf(value);
  if (single !== undefined) return [single];
  const sizes = toArray(py, value);
  const unknown = sizes.find((size) => size instanceof Unknown);
  return unknown instanceof Unknown ? unknown : sizes.map((size) => asIndex(py, size));
}

/** Nested lists of the elements. */
export function nested(array: NdArray, py: Interpreter): Value {
  const { shape, data, dtype } = array;
  if (!data) return py.unknown("the numbers of an array that are not known");
  const build = (axis: number, from: number): Value => {
    if (axis === shape.length) return element(data[from] as number, dtype);
    const step = countOf(shape.slice(axis + 1));
    return new PyList(Array.from({ length: shape[axis] as number }, (_, i) => build(axis + 1, from + i * step)));
  };
  return build(0, 0);
}
