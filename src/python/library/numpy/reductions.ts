/** Sums and other functions along axes, and moves of axes. */
import { Unknown } from "../../../base/unknown.ts";
import { raise } from "../../errors.ts";
import type { Interpreter } from "../../interpreter.ts";
import { asIndex } from "../../numbers.ts";
import { PyTuple, type Value } from "../../values.ts";
import { asArray, countOf, made, NdArray } from "./array.ts";

type Reduce = (values: readonly number[]) => number;

const sum: Reduce = (values) => values.reduce((a, b) => a + b, 0);
const mean: Reduce = (values) => sum(values) / values.length;
const variance: Reduce = (values) => {
  const middle = mean(values);
  return mean(values.map((x) => (x - middle) ** 2));
};

/** What is made of many numbers, and the dtype of the result: as given, float, int or bool. */
export const reductions: Readonly<Record<string, readonly [Reduce, "same" | "float" | "int" | "bool"]>> = {
  sum: [sum, "same"],
  prod: [(values) => values.reduce((a, b) => a * b, 1), "same"],
  mean: [mean, "float"],
  var: [variance, "float"],
  std: [(values) => Math.sqrt(variance(values)), "float"],
  median: [(values) => middle(values.toSorted((a, b) => a - b)), "float"],
  max: [(values) => Math.max(...values), "same"],
  min: [(values) => Math.min(...values), "same"],
  amax: [(values) => Math.max(...values), "same"],
  amin: [(values) => Math.min(...values), "same"],
  argmax: [(values) => values.indexOf(Math.max(...values)), "int"],
  argmin: [(values) => values.indexOf(Math.min(...values)), "int"],
  any: [(values) => Number(values.some(Boolean)), "bool"],
  all: [(values) => Number(values.every(Boolean)), "bool"],
  count_nonzero: [(values) => values.filter(Boolean).length, "int"],
};

const middle = (sorted: readonly number[]) =>
  ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;

/** The reduction over all elements, or over the axes named. */
export function reduce(py: Interpreter, name: string, value: Value, axis: Value, keepDims: boolean): Value {
  const array = asArray(py, value);
  if (array instanceof Unknown) return array;
  const [run, kind] = reductions[name] as readonly [Reduce, string];
  const axes =
    axis === null
      ? array.shape.map((_, i) => i)
      : (axis instanceof PyTuple ? axis.items : [axis]).map((one) => axisOf(asIndex(py, one), array.shape.length));
  const kept = array.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const dtype =
    kind === "same"
      ? array.dtype === "bool"
        ? "int64"
        : array.dtype
      : kind === "int"
        ? "int64"
        : kind === "bool"
          ? "bool"
          : array.dtype.startsWith("float")
            ? array.dtype
            : "float64";
  const shape = keepDims
    ? array.shape.map((size, i) => (axes.includes(i) ? 1 : size))
    : kept.map((i) => array.shape[i] as number);
  if (!array.data)
    return shape.length === 0 && !keepDims
      ? py.unknown(`${name} of numbers that are not known`)
      : new NdArray(shape, dtype, undefined);
  const moved = transposed(array, [...kept, ...axes]);
  const size = axes.reduce((product, i) => product * (array.shape[i] as number), 1);
  const groups =
    size === 0
      ? []
      : Array.from({ length: countOf(array.shape) / size }, (_, i) =>
          (moved.data as readonly number[]).slice(i * size, (i + 1) * size),
        );
  return made(shape, dtype, size === 0 ? Array.from({ length: countOf(shape) }, () => run([])) : groups.map(run), py);
}

export function axisOf(axis: number, count: number): number {
  const at = axis < 0 ? axis + count : axis;
  return at >= 0 && at < count
    ? at
    : raise("ValueError", `axis ${axis} is out of bounds for array of dimension ${count}`);
}

/** The array with its axes in another order. */
export function transposed(array: NdArray, order: readonly number[]): NdArray {
  const shape = order.map((axis) => array.shape[axis] as number);
  if (!array.data) return new NdArray(shape, array.dtype, undefined);
  const strides = array.shape.map((_, axis) => countOf(array.shape.slice(axis + 1)));
  const data = Array.from({ length: countOf(shape) }, (_, flat) => {
    let rest = flat;
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % (shape[axis] as number)) * (strides[order[axis] as number] as number);
      rest = Math.floor(rest / (shape[axis] as number));
    }
    return (array.data as readonly number[])[at] as number;
  });
  return new NdArray(shape, array.dtype, data);
}

/** The array in another shape; one size may be -1. */
export function reshaped(array: NdArray, sizes: readonly number[]): NdArray {
  const total = countOf(array.shape);
  const given = sizes.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  const shape = sizes.map((size) => (size === -1 ? total / given : size));
  if (countOf(shape) !== total || shape.some((size) => !Number.isInteger(size))) {
    raise("ValueError", `cannot reshape array of size ${total} into shape (${sizes.join(",")})`);
  }
  return new NdArray(shape, array.dtype, array.data);
}

/** Arrays one behind the other along an axis. */
export function concatenated(py: Interpreter, values: readonly Value[], axis: number): Value {
  const arrays: NdArray[] = [];
  for (const value of values) {
    const array = asArray(py, value);
    if (array instanceof Unknown) return array;
    arrays.push(array);
  }
  const [first] = arrays;
  if (!first) return raise("ValueError", "need at least one array to concatenate");
  const at = axisOf(axis, first.shape.length);
  const shape = first.shape.map((size, i) =>
    i === at ? arrays.reduce((total, one) => total + (one.shape[at] as number), 0) : size,
  );
  for (const one of arrays) {
    if (one.shape.length !== shape.length || one.shape.some((size, i) => i !== at && size !== shape[i])) {
      raise("ValueError", "all the input array dimensions except for the concatenation axis must match exactly");
    }
  }
  if (arrays.some((one) => !one.data)) return new NdArray(shape, first.dtype, undefined);
  const front = (one: NdArray) => transposed(one, [at, ...one.shape.map((_, i) => i).filter((i) => i !== at)]);
  const moved = new NdArray(
    [shape[at] as number, ...shape.filter((_, i) => i !== at)],
    first.dtype,
    arrays.flatMap((one) => [...(front(one).data as readonly number[])]),
  );
  const back = shape.map((_, i) => (i === at ? 0 : i < at ? i + 1 : i));
  return transposed(moved, back);
}
