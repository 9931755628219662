/** The methods of `dict`. */
import { Unknown } from "../../base/unknown.ts";
import { findAttribute } from "../attributes.ts";
import { call, callMethod } from "../calls.ts";
import { exception, PyError, raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { toArray } from "../iteration.ts";
import { dictDelete, dictGet, dictSet } from "../keys.ts";
import { define, defineClassMethod, defineStatic } from "../native.ts";
import { getItem } from "../subscripts.ts";
import { repr } from "../text.ts";
import { types } from "../types.ts";
import { type PyClass, PyDict, PyIterator, PyTuple, type Value } from "../values.ts";
import { dictView } from "./dictViews.ts";
import { elements, needs } from "./plain.ts";

const dict = (value: Value) => needs(value, PyDict, "dict");

defineStatic(types.dict, "__new__(cls, *args, **kwargs)", (_py, cls: PyClass) => new PyDict(new Map(), cls), {
  lenient: true,
});
defineClassMethod(types.dict, "fromkeys(cls, iterable, value=None)", (py, cls: PyClass, iterable, value) => {
  const made = call(py, cls, []);
  for (const key of toArray(py, iterable)) put(py, made, key, value);
  return made;
});

define(
  types.dict,
  {
    "__init__(self, *args, **kwargs)": (py, self, args, kwargs) => update(py, self, args, kwargs),
    "update(self, *args, **kwargs)": (py, self, args, kwargs) => update(py, self, args, kwargs),
    "__setitem__(self, key, value)": (py, self, key, value) => dictSet(py, dict(self), key, value),
    "setdefault(self, key, default=None)": (py, self, key, value) => {
      const before = dictGet(py, dict(self), key);
      if (before !== undefined) return before;
      dictSet(py, dict(self), key, value);
      return value;
    },
    "get(self, key, default=None)": (py, self, key, value) => {
      if (key instanceof Unknown) return key;
      const found = dictGet(py, dict(self), key);
      return found === undefined ? nothing(self, value) : found;
    },
    "pop(self, key, *default)": (py, self, key, rest) => {
      if (key instanceof Unknown) return key;
      const before = dictGet(py, dict(self), key);
      if (before !== undefined) {
        dictDelete(py, dict(self), key);
        return before;
      }
      return rest.items[0] === undefined ? missing(key) : rest.items[0];
    },
    "__or__(self, other)": (py, self, other) => {
      const made = new PyDict(new Map(dict(self).entries), dict(self).cls);
      update(py, made, new PyTuple([other]), null);
      return made;
    },
    "__ior__(self, other)": (py, self, other) => {
      update(py, self, new PyTuple([other]), null);
      return self;
    },
  },
  { lenient: true },
);

define(types.dict, {
  "__getitem__(self, key)": (py, self, key) => {
    const value = dictGet(py, dict(self), key);
    if (value !== undefined) return value;
    const method = dict(self).cls.lookup("__missing__");
    return method === undefined ? missing(key) : callMethod(py, self, "__missing__", key);
  },
  "__delitem__(self, key)": (py, self, key) => {
    if (!dictDelete(py, dict(self), key)) missing(key);
  },
  "__contains__(self, key)": (py, self, key) => dictGet(py, dict(self), key) !== undefined,
  "__repr__(self)": (py, self) => repr(py, new PyDict(dict(self).entries)),
  "__len__(self)": (_py, self) => dict(self).entries.size,
  "__iter__(self)": (_py, self) => keysOf(self),
  "__reversed__(self)": (_py, self) => {
    const keys = [...dict(self).entries.values()].map(([key]) => key);
    return new PyIterator(() => keys.pop(), self);
  },
  "keys(self)": (_py, self) => dictView(dict(self), "keys"),
  "values(self)": (_py, self) => dictView(dict(self), "values"),
  "items(self)": (_py, self) => dictView(dict(self), "items"),
  "clear(self)": (_py, self) => {
    dict(self).entries.clear();
  },
  "copy(self)": (_py, self) => new PyDict(new Map(dict(self).entries)),
  "popitem(self)": (_py, self) => {
    const last = [...dict(self).entries].at(-1);
    if (!last) raise("KeyError", "popitem(): dictionary is empty");
    dict(self).entries.delete(last[0]);
    return new PyTuple(last[1]);
  },
});

types.dict.dict.set("__hash__", null);

/** The keys in order, without asking a subclass. */
function keysOf(self: Value): PyIterator {
  const entries = dict(self).entries.values();
  return new PyIterator(() => entries.next().value?.[0], self);
}

/** Raises KeyError with the key itself, as Python does. */
function missing(key: Value): never {
  throw new PyError(exception("KeyError", key));
}

/** The default of `get`; where some keys are not known, the key may be one of them. */
function nothing(self: Value, value: Value): Value {
  for (const [known] of dict(self).entries.values()) if (known instanceof Unknown) return known;
  return value;
}

function put(py: Interpreter, target: Value, key: Value, value: Value): void {
  if (target instanceof PyDict && target.cls === types.dict) dictSet(py, target, key, value);
  else callMethod(py, target, "__setitem__", key, value);
}

/** Python's `dict.update`: a mapping, or pairs, then keywords. What is unknown leaves a note. */
function update(py: Interpreter, self: Value, args: PyTuple, kwargs: PyDict | null): void {
  const target = dict(self);
  const [source = null] = args.items;
  if (args.items.length > 1) raise("TypeError", `dict expected at most 1 argument, got ${args.items.length}`);
  if (source instanceof Unknown) py.note("unknown-loop", `a dict is filled from something unknown: ${source.reason}`);
  else if (source instanceof PyDict && source.cls.lookup("keys") === types.dict.lookup("keys")) {
    for (const [key, value] of [...source.entries.values()]) dictSet(py, target, key, value);
  } else if (source !== null && findAttribute(py, source, "keys") !== undefined) {
    for (const key of toArray(py, callMethod(py, source, "keys"))) dictSet(py, target, key, getItem(py, source, key));
  } else if (source !== null) {
    for (const pair of toArray(py, source)) {
      const [key, value] = elements(pair) ?? toArray(py, pair);
      if (key === undefined || value === undefined)
        raise("ValueError", "dictionary update sequence element has the wrong length; 2 is required");
      dictSet(py, target, key, value);
    }
  }
  for (const [key, value] of kwargs?.entries.values() ?? []) dictSet(py, target, key, value);
}
