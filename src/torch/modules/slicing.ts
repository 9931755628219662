/** What `vmap` is written on: one slice is followed, and stands for all. */
import { native } from "../../python/native.ts";
import type { Value } from "../../python/values.ts";
import { axisOf } from "../arguments.ts";
import { run } from "../table.ts";
import { replaceValue, TensorObject, tracerOf, wrap } from "../tensorObject.ts";

export function slicing(): Record<string, Value> {
  return {
    /** A slice along an axis; which one is not said, so its elements are not known. */
    a_slice: native("a_slice(tensor, dim)", (py, tensor: Value, dim: Value) => {
      const slice = run(py, "select", tensor, dim, 0);
      if (slice instanceof TensorObject) replaceValue(py, slice, { ...slice.value, data: undefined });
      return slice;
    }),
    /** All the slices that a result stands for, in its own memory. */
    all_slices: native("all_slices(tensor, count, dim)", (py, tensor: Value, count: Value, dim: Value) => {
      if (!(tensor instanceof TensorObject) || typeof count !== "number") return tensor;
      const { shape } = tensor.value;
      const axis = axisOf(dim, shape.length + 1);
      return wrap(py, {
        ...tensor.value,
        shape: [...shape.slice(0, axis), count, ...shape.slice(axis)],
        strides: null,
        data: undefined,
      });
    }),
    /** From here on each operation stands for so many slices; gives the number before. */
    set_slices: native("set_slices(count)", (py, count: Value) => {
      const tracer = tracerOf(py);
      const before = tracer.slices;
      if (typeof count === "number") tracer.slices = count;
      return before;
    }),
    slices: native("slices()", (py) => tracerOf(py).slices),
  };
}
