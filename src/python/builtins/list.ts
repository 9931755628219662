/** The methods of `list`. Unknown elements are elements like any other. */
import { Unknown } from "../../base/unknown.ts";
import { contains, equal } from "../comparisons.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { iterate, toArray } from "../iteration.ts";
import { define, defineStatic } from "../native.ts";
import { sequenceOperation } from "../sequences.ts";
import { stored } from "../stored.ts";
import { deleteItem, getItem, setItem } from "../subscripts.ts";
import { repr } from "../text.ts";
import { notImplemented, types } from "../types.ts";
import { type PyClass, PyIterator, PyList, type Value } from "../values.ts";
import { needs } from "./plain.ts";
import { sorted } from "./sorting.ts";

const list = (value: Value) => needs(value, PyList, "list");

defineStatic(types.list, "__new__(cls, *args, **kwargs)", (_py, cls: PyClass) => new PyList([], cls), {
  lenient: true,
});

define(
  types.list,
  {
    "__init__(self, iterable=())": (py, self, iterable) => {
      if (iterable instanceof Unknown) py.note("unknown-loop", iterable.reason);
      const values = iterable instanceof Unknown ? [] : toArray(py, iterable);
      py.budget.allocate(values.length);
      list(self).items.length = 0;
      for (const value of values) push(self, value);
    },
    "append(self, object)": (_py, self, value) => push(self, value),
    "extend(self, iterable)": (py, self, iterable) => {
      for (const value of toArray(py, iterable)) push(self, value);
    },
    "insert(self, index, object)": (py, self, index, value) => {
      if (index instanceof Unknown)
        py.note("assumption", `an element is put at an index that is not known: ${index.reason}`);
      stored(value, list(self));
      list(self).items.splice(index instanceof Unknown ? list(self).items.length : index, 0, value);
    },
    "remove(self, value)": (py, self, value) => {
      list(self).items.splice(indexOf(py, list(self).items, value, "list.remove(x): x not in list"), 1);
    },
    "__contains__(self, value)": (py, self, value) => contains(py, list(self).items, value),
    "__setitem__(self, index, value)": (py, self, index, value) => {
      setItem(py, sharing(self), index, value);
    },
    "__add__(self, other)": (py, self, other) => sequenceOperation(py, "+", self, other) ?? notImplemented,
    "__iadd__(self, other)": (py, self, other) => {
      for (const value of toArray(py, other)) push(self, value);
      return self;
    },
  },
  { lenient: true },
);

define(types.list, {
  "pop(self, index=-1)": (_py, self, index) => {
    const { items } = list(self);
    const at = index < 0 ? items.length + index : index;
    if (items.length === 0) raise("IndexError", "pop from empty list");
    if (!(at >= 0 && at < items.length)) raise("IndexError", "pop index out of range");
    return items.splice(at, 1)[0] as Value;
  },
  "clear(self)": (_py, self) => {
    list(self).items.length = 0;
  },
  "copy(self)": (_py, self) => new PyList([...list(self).items]),
  "count(self, value)": (py, self, value) => list(self).items.filter((item) => equal(py, item, value)).length,
  "index(self, value, start=0, stop=None)": (py, self, value, start, stop) => {
    const { items } = list(self);
    const from = start < 0 ? Math.max(0, items.length + start) : start;
    const inside = items.slice(from, stop ?? undefined);
    return indexOf(py, inside, value, "x is not in list") + from;
  },
  "reverse(self)": (_py, self) => {
    list(self).items.reverse();
  },
  "sort(self, *, key=None, reverse=False)": (py, self, key, reverse) => {
    const { items } = list(self);
    const ordered = sorted(py, items, key, reverse);
    for (let i = 0; i < ordered.length; i++) items[i] = ordered[i] as Value;
  },
  "__repr__(self)": (py, self) => repr(py, sharing(self)),
  "__len__(self)": (_py, self) => list(self).items.length,
  "__iter__(self)": (_py, self) => new PyIterator(walk(list(self).items), self),
  "__reversed__(self)": (_py, self) => {
    let at = list(self).items.length;
    return new PyIterator(() => list(self).items[--at], self);
  },
  "__getitem__(self, index)": (py, self, index) => getItem(py, sharing(self), index),
  "__delitem__(self, index)": (py, self, index) => {
    deleteItem(py, sharing(self), index);
  },
  "__mul__(self, count)": (py, self, count) => sequenceOperation(py, "*", self, count) ?? notImplemented,
  "__rmul__(self, count)": (py, self, count) => sequenceOperation(py, "*", self, count) ?? notImplemented,
});

types.list.dict.set("__hash__", null);

/** A plain list on the same elements, so that a subclass's own subscripts are not asked again. */
function sharing(self: Value): PyList {
  const own = list(self);
  return own.cls === types.list ? own : new PyList(own.items);
}

function push(self: Value, value: Value): void {
  stored(value, list(self));
  list(self).items.push(value);
}

/** Walks elements that may still grow. */
export function walk(items: readonly Value[]): () => Value | undefined {
  let at = 0;
  return () => items[at++];
}

/** Where the first equal element stands; raises ValueError where none is. */
export function indexOf(py: Interpreter, items: readonly Value[], value: Value, failure: string): number {
  const at = items.findIndex((item) => item === value || equal(py, item, value));
  if (at < 0) raise("ValueError", failure);
  return at;
}

/** The elements of an iterable in a new list. */
export function listOf(py: Interpreter, iterable: Value): PyList {
  const next = iterate(py, iterable);
  const items: Value[] = [];
  for (let value = next(); value !== undefined; value = next()) items.push(value);
  return new PyList(items);
}
