/** Built-in functions that walk: `len`, `sorted`, `any`, `all`, `iter`, `next`, `slice`. */
import { Unknown } from "../../base/unknown.ts";
import { call, specialMethod } from "../calls.ts";
import { equal } from "../comparisons.ts";
import { PyError, raise } from "../errors.ts";
import { iterate, lengthOf, toArray } from "../iteration.ts";
import { isException } from "../keys.ts";
import { define, defineProperty, defineStatic, native } from "../native.ts";
import { truth } from "../operators.ts";
import { sliceIndices } from "../subscripts.ts";
import { typeOf, types } from "../types.ts";
import { PyGenerator, PyIterator, PyList, PySlice, PyTuple, type Value } from "../values.ts";
import { stop } from "./iterators.ts";
import { sorted } from "./sorting.ts";

const lenient = { lenient: true };

export const iterating = [
  native("len(obj)", (py, value) => lengthOf(py, value)),
  native(
    "sorted(iterable, *, key=None, reverse=False)",
    (py, iterable, key, reverse) => new PyList(sorted(py, toArray(py, iterable), key, reverse)),
  ),
  native("any(iterable)", (py, iterable) => {
    let doubt: Unknown | undefined;
    const next = iterate(py, iterable);
    for (let value = next(); value !== undefined; value = next()) {
      const answer = truth(py, value);
      if (answer === true) return true;
      if (answer instanceof Unknown) doubt ??= answer;
    }
    return doubt ?? false;
  }),
  native("all(iterable)", (py, iterable) => {
    let doubt: Unknown | undefined;
    const next = iterate(py, iterable);
    for (let value = next(); value !== undefined; value = next()) {
      const answer = truth(py, value);
      if (answer === false) return false;
      if (answer instanceof Unknown) doubt ??= answer;
    }
    return doubt ?? true;
  }),
  native("iter(obj, *sentinel)", (py, value, { items }) => {
    const [sentinel] = items;
    if (sentinel !== undefined) {
      return new PyIterator(() => {
        const next = call(py, value, []);
        return next instanceof Unknown || equal(py, next, sentinel) ? undefined : next;
      });
    }
    if (value instanceof PyIterator || value instanceof PyGenerator) return value;
    const method = specialMethod(py, value, "__iter__");
    // What a class's own `__iter__` gives is the iterator itself, with the attributes it has.
    if (method !== undefined && typeOf(value).module !== "builtins") return call(py, method, []);
    return new PyIterator(iterate(py, value), value);
  }),
  native(
    "next(iterator, *default)",
    (py, iterator, { items }) => {
      if (iterator instanceof Unknown) return iterator;
      const [otherwise] = items;
      if (iterator instanceof PyIterator || iterator instanceof PyGenerator) {
        const value = iterate(py, iterator)();
        if (value !== undefined) return value;
        if (otherwise !== undefined) return otherwise;
        return stop(iterator instanceof PyGenerator ? iterator.frame.result : null);
      }
      const method = specialMethod(py, iterator, "__next__");
      if (method === undefined)
        return (
          typeOf(iterator).unknownBase ?? raise("TypeError", `'${typeOf(iterator).name}' object is not an iterator`)
        );
      try {
        return call(py, method, []);
      } catch (error) {
        if (otherwise !== undefined && error instanceof PyError && isException(error.exception, "StopIteration"))
          return otherwise;
        throw error;
      }
    },
    lenient,
  ),
  native("aiter(obj)", (_py, value) => value),
];

defineStatic(
  types.slice,
  "__new__(cls, *args)",
  (_py, _cls, { items }: PyTuple) => {
    const [first = null, second, third = null] = items as (Value | undefined)[];
    return second === undefined ? new PySlice(null, first, null) : new PySlice(first, second, third);
  },
  lenient,
);
define(types.slice, {
  "indices(self, length)": (py, self: PySlice, length) => {
    const { start, stop: end, step } = sliceIndices(py, self, Number(length));
    return new PyTuple([start, end, step]);
  },
});
defineProperty(types.slice, "start", (_py, self: PySlice) => self.start);
defineProperty(types.slice, "stop", (_py, self: PySlice) => self.stop);
defineProperty(types.slice, "step", (_py, self: PySlice) => self.step);
