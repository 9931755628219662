/** Functions that make arrays. */
import { Unknown } from "../../../base/unknown.ts";
import { Float } from "../../../tensor/scalar.ts";
import type { Interpreter } from "../../interpreter.ts";
import { toArray } from "../../iteration.ts";
import { native } from "../../native.ts";
import { asIndex, intOf, numberOf } from "../../numbers.ts";
import { type NativeFunction, PyList, PyTuple, type Value } from "../../values.ts";
import { asArray, converted, countOf, dtypeNamed, dtypeOf, NdArray, shapeFrom } from "./array.ts";
import { spread } from "./elementwise.ts";
import { reshaped } from "./reductions.ts";

const filled = (name: string, value: number | undefined): NativeFunction =>
  native(`${name}(shape, dtype=None, **kwargs)`, (py, shape, dtype) =>
    full(py, shape, value, dtypeNamed(dtype) ?? "float64"),
  );
const like = (name: string, value: number | undefined): NativeFunction =>
  native(`${name}(a, dtype=None, **kwargs)`, (py, a, dtype) => {
    const array = asArray(py, a);
    return array instanceof Unknown
      ? array
      : full(py, new PyTuple(array.shape), value, dtypeNamed(dtype) ?? array.dtype);
  });

function full(py: Interpreter, shape: Value, value: number | undefined, dtype: string): Value {
  const sizes = shapeFrom(py, shape);
  if (sizes instanceof Unknown) return sizes;
  const count = countOf(sizes);
  return new NdArray(
    sizes,
    dtype,
    value === undefined || count > 65536 ? undefined : new Array(count).fill(converted(value, dtype)),
  );
}

/** Numbers at equal steps. */
function line(start: number, step: number, count: number, dtype: string): NdArray {
  return new NdArray(
    [count],
    dtype,
    count > 65536 ? undefined : Array.from({ length: count }, (_, i) => converted(start + i * step, dtype)),
  );
}

export const making: readonly NativeFunction[] = [
  filled("zeros", 0),
  filled("ones", 1),
  filled("empty", undefined),
  like("zeros_like", 0),
  like("ones_like", 1),
  like("empty_like", undefined),
  native("full(shape, fill_value, dtype=None, **kwargs)", (py, shape, value, dtype) =>
    full(py, shape, numberOf(value), dtypeNamed(dtype) ?? dtypeOf(value)),
  ),
  native("full_like(a, fill_value, dtype=None, **kwargs)", (py, a, value, dtype) => {
    const array = asArray(py, a);
    return array instanceof Unknown
      ? array
      : full(py, new PyTuple(array.shape), numberOf(value), dtypeNamed(dtype) ?? array.dtype);
  }),
  ...["array", "asarray", "ascontiguousarray", "asanyarray", "copy"].map((name) =>
    native(`${name}(object, dtype=None, **kwargs)`, (py, value, dtype) => asArray(py, value, dtypeNamed(dtype))),
  ),
  native("arange(start, stop=None, step=1, dtype=None, **kwargs)", (_py, start, stop, step, dtype) => {
    const [from, to] = stop === null ? [0, start] : [start, stop];
    const [a, b, by] = [numberOf(from) ?? 0, numberOf(to) ?? 0, numberOf(step) ?? 1];
    const exact = [from, to, step].some((value) => value instanceof Float) ? "float64" : "int64";
    return line(a, by, Math.max(0, Math.ceil((b - a) / by)), dtypeNamed(dtype) ?? exact);
  }),
  native(
    "linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0)",
    (py, start, stop, num, endpoint, _step, dtype) => {
      const count = asIndex(py, num);
      const [a, b] = [numberOf(start) ?? 0, numberOf(stop) ?? 0];
      const step = count > 1 ? (b - a) / (endpoint === false ? count : count - 1) : 0;
      const made = line(a, step, count, dtypeNamed(dtype) ?? "float64");
      // The last one is the end itself, not what the steps add up to.
      return made.data && endpoint !== false && count > 1
        ? new NdArray([count], made.dtype, [...made.data.slice(0, -1), converted(b, made.dtype)])
        : made;
    },
  ),
  native(
    "logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None)",
    (py, start, stop, num, _endpoint, base) => {
      const count = asIndex(py, num);
      const [a, b] = [numberOf(start) ?? 0, numberOf(stop) ?? 0];
      return new NdArray(
        [count],
        "float64",
        Array.from(
          { length: count },
          (_, i) => (numberOf(base) ?? 10) ** (a + (count > 1 ? ((b - a) * i) / (count - 1) : 0)),
        ),
      );
    },
  ),
  native("eye(N, M=None, k=0, dtype=None, **kwargs)", (py, n, m, k, dtype) => {
    const [rows, columns] = [asIndex(py, n), m === null ? asIndex(py, n) : asIndex(py, m)];
    return new NdArray(
      [rows, columns],
      dtypeNamed(dtype) ?? "float64",
      Array.from({ length: rows * columns }, (_, i) =>
        Number((i % columns) - Math.floor(i / columns) === asIndex(py, k)),
      ),
    );
  }),
  native("identity(n, dtype=None)", (py, n, dtype) => {
    const size = asIndex(py, n);
    return new NdArray(
      [size, size],
      dtypeNamed(dtype) ?? "float64",
      Array.from({ length: size * size }, (_, i) => Number(i % size === Math.floor(i / size))),
    );
  }),
  ...(["triu", "tril"] as const).map((name) =>
    native(`${name}(m, k=0)`, (py, m, k) => {
      const array = asArray(py, m);
      if (array instanceof Unknown || !array.data) return array;
      const columns = array.shape.at(-1) ?? 1;
      const rows = array.shape.at(-2) ?? 1;
      const offset = asIndex(py, k);
      const keep = (row: number, column: number) => (name === "triu" ? column - row >= offset : column - row <= offset);
      return new NdArray(
        array.shape,
        array.dtype,
        array.data.map((value, i) => (keep(Math.floor(i / columns) % rows, i % columns) ? value : 0)),
      );
    }),
  ),
  native("meshgrid(*xi, indexing='xy', **kwargs)", (py, { items }: PyTuple, indexing) => {
    const arrays: NdArray[] = [];
    for (const item of items) {
      const array = asArray(py, item);
      if (array instanceof Unknown) return array;
      arrays.push(reshaped(array, [-1]));
    }
    const sizes = arrays.map((array) => array.shape[0] as number);
    const swap = indexing === "xy" && sizes.length > 1;
    const shape = swap ? [sizes[1] as number, sizes[0] as number, ...sizes.slice(2)] : sizes;
    return new PyList(
      arrays.map((array, i) => {
        const axis = swap && i < 2 ? 1 - i : i;
        const own = shape.map((_, at) => (at === axis ? (sizes[i] as number) : 1));
        return new NdArray(shape, array.dtype, array.data && spread(new NdArray(own, array.dtype, array.data), shape));
      }),
    );
  }),
  native("indices(dimensions, dtype=None)", (py, dimensions) => {
    const shape = shapeFrom(py, dimensions);
    return shape instanceof Unknown ? shape : new NdArray([shape.length, ...shape], "int64", undefined);
  }),
  native("frombuffer(*args, **kwargs)", (py) => py.unknown("an array read from bytes")),
  native("repeat(a, repeats, axis=None)", (py, a, repeats, axis) => {
    const array = asArray(py, a);
    const times = intOf(repeats);
    if (array instanceof Unknown || times === undefined)
      return array instanceof Unknown ? array : py.unknown("a repetition of differing lengths");
    if (axis === null)
      return new NdArray(
        [countOf(array.shape) * times],
        array.dtype,
        array.data?.flatMap((value) => new Array(times).fill(value)),
      );
    const at = asIndex(py, axis);
    return new NdArray(
      array.shape.map((size, i) => (i === at ? size * times : size)),
      array.dtype,
      undefined,
    );
  }),
  native("tile(A, reps)", (py, a, reps) => {
    const array = asArray(py, a);
    if (array instanceof Unknown) return array;
    const times = intOf(reps) !== undefined ? [asIndex(py, reps)] : toArray(py, reps).map((one) => asIndex(py, one));
    const length = Math.max(times.length, array.shape.length);
    const at = <T>(list: readonly T[], i: number, otherwise: T) => list[list.length - length + i] ?? otherwise;
    const shape = Array.from({ length }, (_, i) => at(array.shape, i, 1) * at(times, i, 1));
    const whole =
      shape.length === 1 && array.data
        ? Array.from({ length: times[0] as number }, () => array.data as readonly number[]).flat()
        : undefined;
    return new NdArray(shape, array.dtype, whole);
  }),
];
