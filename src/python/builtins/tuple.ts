/** The methods of `tuple`. */
import { Unknown } from "../../base/unknown.ts";
import { contains, equal } from "../comparisons.ts";
import { toArray } from "../iteration.ts";
import { keyOf } from "../keys.ts";
import { define, defineStatic } from "../native.ts";
import { sequenceOperation } from "../sequences.ts";
import { stored } from "../stored.ts";
import { getItem } from "../subscripts.ts";
import { repr } from "../text.ts";
import { notImplemented, types } from "../types.ts";
import { type PyClass, PyIterator, PyTuple, type Value } from "../values.ts";
import { indexOf, walk } from "./list.ts";
import { needs } from "./plain.ts";
import { textHash } from "./str.ts";

const tuple = (value: Value) => needs(value, PyTuple, "tuple");

defineStatic(
  types.tuple,
  "__new__(cls, iterable=())",
  (py, cls: PyClass, iterable) => {
    if (iterable instanceof Unknown) return iterable;
    if (cls === types.tuple && iterable instanceof PyTuple && iterable.cls === types.tuple) return iterable;
    const items = toArray(py, iterable);
    py.budget.allocate(items.length);
    for (const item of items) stored(item);
    return new PyTuple(items, cls);
  },
  { lenient: true },
);

define(
  types.tuple,
  {
    "__contains__(self, value)": (py, self, value) => contains(py, tuple(self).items, value),
    "__add__(self, other)": (py, self, other) => sequenceOperation(py, "+", self, other) ?? notImplemented,
  },
  { lenient: true },
);

define(types.tuple, {
  "count(self, value)": (py, self, value) => tuple(self).items.filter((item) => equal(py, item, value)).length,
  "index(self, value, start=0, stop=None)": (py, self, value, start, stop) =>
    indexOf(py, tuple(self).items.slice(start, stop ?? undefined), value, "tuple.index(x): x not in tuple") + start,
  "__repr__(self)": (py, self) => repr(py, simple(self)),
  "__len__(self)": (_py, self) => tuple(self).items.length,
  "__iter__(self)": (_py, self) => new PyIterator(walk(tuple(self).items), self),
  "__getitem__(self, index)": (py, self, index) => getItem(py, simple(self), index),
  "__hash__(self)": (py, self) => textHash(String(keyOf(py, simple(self)))),
  "__mul__(self, count)": (py, self, count) => sequenceOperation(py, "*", self, count) ?? notImplemented,
  "__rmul__(self, count)": (py, self, count) => sequenceOperation(py, "*", self, count) ?? notImplemented,
  "__getnewargs__(self)": (_py, self) => new PyTuple([simple(self)]),
});

function simple(self: Value): PyTuple {
  const own = tuple(self);
  return own.cls === types.tuple ? own : new PyTuple(own.items);
}
