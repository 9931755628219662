/** What `keys()`, `values()` and `items()` give: live views of a dict. */
import { Unknown } from "../../base/unknown.ts";
import { equal } from "../comparisons.ts";
import type { Interpreter } from "../interpreter.ts";
import { toArray } from "../iteration.ts";
import { dictGet, keyOf, makeSet } from "../keys.ts";
import { define } from "../native.ts";
import { repr } from "../text.ts";
import { nativeClass } from "../types.ts";
import { PyDict, PyInstance, PyIterator, PySet, PyTuple, type Value } from "../values.ts";
import { elements } from "./plain.ts";

type What = "keys" | "values" | "items";

const classes = {
  keys: nativeClass("dict_keys", "foreign"),
  values: nativeClass("dict_values", "foreign"),
  items: nativeClass("dict_items", "foreign"),
};

/** A view; its payload is the dict. */
export function dictView(dict: PyDict, what: What): PyInstance {
  return new PyInstance(classes[what], new Map(), dict);
}

/** The elements of a view as they are now; `undefined` for anything that is no view. */
export function viewElements(value: Value): Value[] | undefined {
  if (!(value instanceof PyInstance) || !(value.payload instanceof PyDict)) return undefined;
  const pick = picks.get(value.cls.name as `dict_${What}`);
  return pick && [...value.payload.entries.values()].map(pick);
}

const picks = new Map<`dict_${What}`, (entry: readonly [Value, Value]) => Value>([
  ["dict_keys", ([key]) => key],
  ["dict_values", ([, value]) => value],
  ["dict_items", (entry) => new PyTuple(entry)],
]);

const dictOf = (view: PyInstance) => view.payload as PyDict;

for (const [what, cls] of Object.entries(classes)) {
  define(
    cls,
    {
      "__len__(self)": (_py, self) => dictOf(self).entries.size,
      "__iter__(self)": (_py, self) => {
        const pick = picks.get(`dict_${what as What}`) as (entry: readonly [Value, Value]) => Value;
        const entries = dictOf(self).entries.values();
        return new PyIterator(() => {
          const { value } = entries.next();
          return value && pick(value);
        }, dictOf(self));
      },
      "__reversed__(self)": (_py, self) => {
        const values = viewElements(self) ?? [];
        return new PyIterator(() => values.pop(), dictOf(self));
      },
      "__contains__(self, value)": (py, self, value) => contains(py, self, what as What, value),
      "__repr__(self)": (py, self) =>
        `${cls.name}([${(viewElements(self) ?? []).map((value) => repr(py, value)).join(", ")}])`,
    },
    { lenient: true },
  );
  if (what === "values") continue;
  define(cls, {
    "__and__(self, other)": (py, self, other) => setOf(py, self, (key, right) => right.has(key), other),
    "__sub__(self, other)": (py, self, other) => setOf(py, self, (key, right) => !right.has(key), other),
    "__or__(self, other)": (py, self, other) => makeSet(py, [...(viewElements(self) ?? []), ...toArray(py, other)]),
    "__xor__(self, other)": (py, self, other) => {
      const mine = makeSet(py, viewElements(self) ?? []);
      const theirs = makeSet(py, toArray(py, other));
      const entries = [...mine.entries].filter(([key]) => !theirs.entries.has(key));
      return new PySet(new Map([...entries, ...[...theirs.entries].filter(([key]) => !mine.entries.has(key))]));
    },
    "__rsub__(self, other)": (py, self, other) => {
      const mine = makeSet(py, viewElements(self) ?? []);
      return makeSet(
        py,
        toArray(py, other).filter((value) => !mine.entries.has(keyOf(py, value))),
      );
    },
    "__rand__(self, other)": (py, self, other) => setOf(py, self, (key, right) => right.has(key), other),
    "__eq__(self, other)": (py, self, other) => {
      const mine = makeSet(py, viewElements(self) ?? []).entries;
      const theirs = makeSet(py, toArray(py, other)).entries;
      return mine.size === theirs.size && [...mine.keys()].every((key) => theirs.has(key));
    },
    "isdisjoint(self, other)": (py, self, other) =>
      setOf(py, self, (key, right) => right.has(key), other).entries.size === 0,
  });
}

function setOf(
  py: Interpreter,
  self: Value,
  keep: (key: unknown, right: Map<unknown, Value>) => boolean,
  other: Value,
): PySet {
  const right = makeSet(py, toArray(py, other)).entries;
  return makeSet(
    py,
    (viewElements(self) ?? []).filter((value) => keep(keyOf(py, value), right)),
  );
}

function contains(py: Interpreter, view: PyInstance, what: What, value: Value): Value {
  if (value instanceof Unknown) return value;
  if (what === "keys") return dictGet(py, dictOf(view), value) !== undefined;
  if (what === "values") return (viewElements(view) ?? []).some((one) => equal(py, one, value));
  const [key, wanted] = elements(value) ?? [];
  const found = key === undefined ? undefined : dictGet(py, dictOf(view), key);
  return found !== undefined && wanted !== undefined && equal(py, found, wanted);
}
