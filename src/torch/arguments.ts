/** Reading Python's arguments as PyTorch's functions do: shapes, axes, dtypes, devices, lists of tensors. */
import { Unknown } from "../base/unknown.ts";
import { raise } from "../python/errors.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { intOf } from "../python/numbers.ts";
import { types } from "../python/types.ts";
import { PyInstance, PyList, PyTuple, type Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import { Float } from "../tensor/scalar.ts";
import { integer, type Size, SymInt } from "../tensor/size.ts";
import { DeviceObject, DTypeObject, dtypeObject, TensorObject } from "./tensorObject.ts";

/** A word of PyTorch's that operations take as text: a layout or a memory format. */
export function wordOf(value: Value): string | undefined {
  return value instanceof PyInstance && wordClasses.has(value.cls.name) ? (value.payload as string) : undefined;
}

const wordClasses = new Set(["memory_format", "layout"]);

/** An argument as operations take it. */
export function plainArgument(value: Value): Value {
  if (!(value instanceof PyInstance)) return value instanceof DeviceObject ? value.text : pythonDType(value);
  return wordOf(value) ?? intOf(value) ?? value;
}

/** Python's own number types stand for dtypes. */
function pythonDType(value: Value): Value {
  if (value === types.float) return dtypeObject("float64");
  if (value === types.int) return dtypeObject("int64");
  return value === types.bool ? dtypeObject("bool") : value;
}

/** A dtype's name; undefined for None and for what is none. */
export function dtypeName(value: Value): DType | undefined {
  const dtype = pythonDType(value);
  return dtype instanceof DTypeObject ? dtype.name : undefined;
}

export function isSequence(value: Value): value is PyList | PyTuple {
  return value instanceof PyList || value instanceof PyTuple;
}

/** `view(2, 3)`, `view((2, 3))`, `view(size=…)`: the sizes meant. */
export function shapeArgument(py: Interpreter, star: PyTuple, named: Value = null): readonly Size[] {
  const [first] = star.items;
  const given = named !== null ? named : star.items.length === 1 && first !== undefined ? first : star;
  return isSequence(given) ? given.items.map((one) => sizeArgument(py, one)) : [sizeArgument(py, given)];
}

/** Axes given as numbers, as one list, or by keyword. */
export function axesArgument(py: Interpreter, star: PyTuple, named: Value = null): number[] {
  return shapeArgument(py, star, named).map(integer);
}

/** One size. A tensor of one known element counts as its number; a tensor without known elements is unknown. */
export function sizeArgument(py: Interpreter, value: Value): Size {
  if (typeof value === "number" || value instanceof SymInt || value instanceof Unknown) return value;
  if (value instanceof TensorObject) {
    const [only] = value.value.data ?? [];
    return only ?? py.unknown("a size is a tensor's value");
  }
  const int = intOf(value);
  if (int !== undefined) return int;
  if (value instanceof Float) raise("TypeError", "a size must be an int, not float");
  return py.unknown("a size is not a number");
}

/** The list that a shape becomes for operations. */
export function listOf(items: readonly Value[]): PyList {
  return new PyList([...items]);
}

export function tensorList(value: Value): readonly Value[] | undefined {
  return isSequence(value) ? value.items : undefined;
}

export function rankOf(value: TensorObject): number {
  return value.value.shape.length;
}

/** An axis counted from 0. Raises IndexError. */
export function axisOf(value: Value, rank: number): number {
  const dim = intOf(value);
  if (dim === undefined) return raise("TypeError", "dim must be an int");
  const bound = Math.max(rank, 1);
  if (dim < -bound || dim >= bound)
    raise(
      "IndexError",
      `Dimension out of range (expected to be in range of [${-bound}, ${bound - 1}], but got ${dim})`,
    );
  return dim < 0 ? dim + bound : dim;
}

/** The size of an axis. */
export function sizeAt(value: TensorObject, axis: number): Size {
  const { shape } = value.value;
  return shape[axis < 0 ? axis + shape.length : axis] ?? raise("IndexError", "Dimension out of range");
}

/** The elements of a tensor, where they are known. */
export function knownData(value: Value): readonly number[] | undefined {
  return value instanceof TensorObject ? value.value.data : undefined;
}

export function hasUnknown(values: readonly Value[]): Unknown | undefined {
  for (const value of values) {
    if (value instanceof Unknown) return value;
    if (isSequence(value)) {
      const inner = hasUnknown(value.items);
      if (inner) return inner;
    }
  }
  return undefined;
}
