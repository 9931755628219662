/** The class `range`. */
import { SymInt } from "../../tensor/size.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { rangeLength } from "../iteration.ts";
import { define, defineProperty, defineStatic } from "../native.ts";
import { asIndex, intOf, numberOf, plain } from "../numbers.ts";
import { getItem } from "../subscripts.ts";
import { types } from "../types.ts";
import { type PyClass, PyIterator, PyRange, type PyTuple, type Value } from "../values.ts";
import { firstUnknown } from "./plain.ts";

defineStatic(types.range, "__new__(cls, *args)", (py, _cls: PyClass, { items }: PyTuple) => {
  const [first = 0, second, third = 1] = items;
  if (items.length < 1 || items.length > 3) raise("TypeError", `range expected 1 to 3 arguments, got ${items.length}`);
  const unknown = firstUnknown(items);
  if (unknown) return unknown;
  const step = asIndex(py, third);
  if (step === 0) raise("ValueError", "range() arg 3 must not be zero");
  return second === undefined
    ? new PyRange(0, bound(py, first), 1)
    : new PyRange(bound(py, first), bound(py, second), step);
});

define(types.range, {
  "index(self, value)": (_py, self, value) => {
    const at = position(self, value);
    return at < 0 ? raise("ValueError", "value is not in range") : at;
  },
  "count(self, value)": (_py, self, value) => (position(self, value) < 0 ? 0 : 1),
  "__contains__(self, value)": (_py, self, value) => position(self, value) >= 0,
  "__len__(self)": (_py, self) => rangeLength(self),
  "__getitem__(self, index)": (py, self, index) => getItem(py, self, index),
  "__iter__(self)": (_py, self: PyRange) => {
    let next = edge(self.start);
    let left = rangeLength(self);
    return new PyIterator(() => {
      if (left-- <= 0) return undefined;
      next += self.step;
      return next - self.step;
    }, self);
  },
  "__reversed__(self)": (_py, self: PyRange) => {
    let left = rangeLength(self);
    return new PyIterator(() => (left-- <= 0 ? undefined : edge(self.start) + left * self.step), self);
  },
});
defineProperty(types.range, "start", (_py, self: PyRange) => self.start);
defineProperty(types.range, "stop", (_py, self: PyRange) => self.stop);
defineProperty(types.range, "step", (_py, self: PyRange) => self.step);

const edge = (value: number | SymInt) => (typeof value === "number" ? value : value.hint);

function bound(py: Interpreter, value: Value): number | SymInt {
  const given = plain(value);
  return given instanceof SymInt ? given : asIndex(py, given);
}

/** Where the value stands in the range; -1 where it does not. */
function position(range: PyRange, value: Value): number {
  const number = intOf(value) ?? numberOf(value);
  if (number === undefined) return -1;
  const at = (number - edge(range.start)) / range.step;
  return Number.isInteger(at) && at >= 0 && at < rangeLength(range) ? at : -1;
}
