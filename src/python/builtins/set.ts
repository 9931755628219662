/** The methods of `set` and `frozenset`. */
import { Unknown } from "../../base/unknown.ts";
import { exception, PyError, raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { toArray } from "../iteration.ts";
import { keyOf, makeSet, setAdd } from "../keys.ts";
import { define, defineStatic } from "../native.ts";
import { isInstance, notImplemented, types } from "../types.ts";
import { type PyClass, PyIterator, PySet, type PyTuple, type Value } from "../values.ts";
import { needs } from "./plain.ts";
import { textHash } from "./str.ts";

type Entries = Map<unknown, Value>;

const set = (value: Value) => needs(value, PySet, "set");
const entriesOf = (py: Interpreter, value: Value): Entries =>
  value instanceof PySet ? value.entries : makeSet(py, toArray(py, value)).entries;

defineStatic(types.set, "__new__(cls, *args, **kwargs)", (_py, cls: PyClass) => new PySet(new Map(), cls), {
  lenient: true,
});
defineStatic(
  types.frozenset,
  "__new__(cls, iterable=())",
  (py, cls: PyClass, iterable) =>
    iterable instanceof Unknown ? iterable : new PySet(new Map(entriesOf(py, iterable)), cls),
  { lenient: true },
);
define(
  types.set,
  {
    "__init__(self, iterable=())": (py, self, iterable) => {
      if (iterable instanceof Unknown) py.note("unknown-loop", iterable.reason);
      else replace(set(self), new Map(entriesOf(py, iterable)));
    },
    "add(self, value)": (py, self, value) => setAdd(py, set(self), value),
    "update(self, *others)": (py, self, others) => {
      for (const other of others.items) for (const value of toArray(py, other)) setAdd(py, set(self), value);
    },
  },
  { lenient: true },
);
define(types.set, {
  "discard(self, value)": (py, self, value) => {
    set(self).entries.delete(keyOf(py, value));
  },
  "remove(self, value)": (py, self, value) => {
    if (!set(self).entries.delete(keyOf(py, value))) throw new PyError(exception("KeyError", value));
  },
  "pop(self)": (_py, self) => {
    const [first] = set(self).entries;
    if (!first) raise("KeyError", "pop from an empty set");
    set(self).entries.delete(first[0]);
    return first[1];
  },
  "clear(self)": (_py, self) => {
    set(self).entries.clear();
  },
  "intersection_update(self, *others)": (py, self, others) => replace(set(self), folded(py, self, others, both)),
  "difference_update(self, *others)": (py, self, others) => replace(set(self), folded(py, self, others, less)),
  "symmetric_difference_update(self, other)": (py, self, other) =>
    replace(set(self), either(set(self).entries, entriesOf(py, other))),
  "__ior__(self, other)": (py, self, other) => inPlace(py, self, other, union),
  "__iand__(self, other)": (py, self, other) => inPlace(py, self, other, both),
  "__isub__(self, other)": (py, self, other) => inPlace(py, self, other, less),
  "__ixor__(self, other)": (py, self, other) => inPlace(py, self, other, either),
});

for (const cls of [types.set, types.frozenset]) {
  define(cls, {
    "union(self, *others)": (py, self, others) => made(self, folded(py, self, others, union)),
    "intersection(self, *others)": (py, self, others) => made(self, folded(py, self, others, both)),
    "difference(self, *others)": (py, self, others) => made(self, folded(py, self, others, less)),
    "symmetric_difference(self, other)": (py, self, other) =>
      made(self, either(set(self).entries, entriesOf(py, other))),
    "__or__(self, other)": (py, self, other) => combined(py, self, other, union),
    "__and__(self, other)": (py, self, other) => combined(py, self, other, both),
    "__sub__(self, other)": (py, self, other) => combined(py, self, other, less),
    "__xor__(self, other)": (py, self, other) => combined(py, self, other, either),
    "issubset(self, other)": (py, self, other) => within(set(self).entries, entriesOf(py, other)),
    "issuperset(self, other)": (py, self, other) => within(entriesOf(py, other), set(self).entries),
    "isdisjoint(self, other)": (py, self, other) => both(set(self).entries, entriesOf(py, other)).size === 0,
    "copy(self)": (_py, self) => made(self, new Map(set(self).entries)),
    "__contains__(self, value)": (py, self, value) => set(self).entries.has(keyOf(py, value)),
    "__len__(self)": (_py, self) => set(self).entries.size,
    "__iter__(self)": (_py, self) => {
      const values = set(self).entries.values();
      return new PyIterator(() => values.next().value, self);
    },
  });
}
define(types.frozenset, {
  "__hash__(self)": (_py, self) => textHash([...set(self).entries.keys()].map(String).sort().join()),
});

types.set.dict.set("__hash__", null);

type Combine = (a: Entries, b: Entries) => Entries;
const union: Combine = (a, b) => new Map([...a, ...[...b].filter(([key]) => !a.has(key))]);
const both: Combine = (a, b) => new Map([...a].filter(([key]) => b.has(key)));
const less: Combine = (a, b) => new Map([...a].filter(([key]) => !b.has(key)));
const either: Combine = (a, b) => union(less(a, b), less(b, a));
const within = (a: Entries, b: Entries) => [...a.keys()].every((key) => b.has(key));

/** What set methods give: a plain set or frozenset, as the receiver is one. */
function made(self: Value, entries: Entries): PySet {
  return new PySet(entries, isInstance(self, types.frozenset) ? types.frozenset : types.set);
}

function folded(py: Interpreter, self: Value, others: PyTuple, combine: Combine): Entries {
  return others.items.reduce<Entries>(
    (entries, other) => combine(entries, entriesOf(py, other)),
    new Map(set(self).entries),
  );
}

function combined(py: Interpreter, self: Value, other: Value, combine: Combine): Value {
  return other instanceof PySet ? made(self, combine(set(self).entries, entriesOf(py, other))) : notImplemented;
}

function inPlace(py: Interpreter, self: Value, other: Value, combine: Combine): Value {
  if (!(other instanceof PySet)) return notImplemented;
  replace(set(self), combine(set(self).entries, entriesOf(py, other)));
  return self;
}

function replace(target: PySet, entries: Entries): void {
  const kept = [...entries];
  target.entries.clear();
  for (const [key, value] of kept) target.entries.set(key, value);
}
