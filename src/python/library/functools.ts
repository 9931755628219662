import { Unknown } from "../../base/unknown.ts";
import { annotationsOf } from "../builtins/function.ts";
import { call } from "../calls.ts";
import type { Interpreter } from "../interpreter.ts";
import { identityOf, keyOf, namesDict } from "../keys.ts";
import { define, defineProperty, defineStatic, native } from "../native.ts";
import { stored } from "../stored.ts";
import { repr } from "../text.ts";
import { nativeClass, types } from "../types.ts";
import { BoundMethod, type PyClass, PyDict, PyFunction, PyInstance, PyObject, PyTuple, type Value } from "../values.ts";
import { nativeModule } from "./nativeModule.ts";

const partial = nativeClass("partial", "object", types.object, "functools");

/** What a partial holds, as Python values that releases can walk: the function, its arguments, its keywords. */
function of(self: PyInstance): {
  func: Value;
  args: readonly Value[];
  keywords: readonly (readonly [string, Value])[];
} {
  const [func, args, keywords] = (self.payload as PyTuple).items as [Value, PyTuple, PyDict];
  return { func, args: args.items, keywords: wordsOf(keywords) };
}

const wordsOf = (kwargs: PyDict) => [...kwargs.entries.values()].map(([name, value]) => [String(name), value] as const);

defineStatic(
  partial,
  "__new__(_class, _function, *args, **kwargs)",
  (_py, cls: PyClass, func: Value, args: PyTuple, kwargs: PyDict) => {
    for (const value of [func, ...args.items, ...wordsOf(kwargs).map(([, one]) => one)]) stored(value);
    // A partial of a partial is one partial.
    const inner = func instanceof PyInstance && func.cls === partial && cls === partial ? of(func) : undefined;
    const first = new PyTuple([...(inner?.args ?? []), ...args.items]);
    const keywords = namesDict([...(inner?.keywords ?? []), ...wordsOf(kwargs)]);
    return new PyInstance(cls, new Map(), new PyTuple([inner ? inner.func : func, first, keywords]));
  },
  { lenient: true },
);
define(
  partial,
  {
    "__init__(_self, *args, **kwargs)": () => null,
    "__call__(_self, *args, **kwargs)": (py, self: PyInstance, args: PyTuple, kwargs: PyDict) => {
      const { func, args: first, keywords } = of(self);
      const words = new Map([...keywords, ...wordsOf(kwargs)]);
      return call(py, func, [...first, ...args.items], words.size > 0 ? words : null);
    },
    "__repr__(self)": (py, self: PyInstance) => {
      const { func, args, keywords } = of(self);
      const shown = [func, ...args].map((value) => repr(py, value));
      return `functools.partial(${[...shown, ...[...keywords].map(([name, value]) => `${name}=${repr(py, value)}`)].join(", ")})`;
    },
  },
  { lenient: true },
);
defineProperty(partial, "func", (_py, self: PyInstance) => of(self).func);
defineProperty(partial, "args", (_py, self: PyInstance) => new PyTuple(of(self).args));
defineProperty(partial, "keywords", (_py, self: PyInstance) => namesDict(of(self).keywords));

/** A function whose results are kept by its arguments; calls with unknown arguments are made anew. */
const cached = nativeClass("_lru_cache_wrapper", "object", types.object, "functools");

/** The results of such a function by a text of the arguments. */
const resultsOf = (self: PyInstance) => (self.payload as PyDict).entries;
const counts = new WeakMap<PyInstance, { hits: number; misses: number }>();

define(
  cached,
  {
    "__init__(self, func)": (_py, self: PyInstance, func: Value) => {
      self.payload = new PyDict();
      self.attrs.set("__wrapped__", func);
    },
    "__call__(_self, *args, **kwargs)": (py, self: PyInstance, args: PyTuple, kwargs: PyDict) => {
      const kept = resultsOf(self);
      const count = counts.get(self) ?? { hits: 0, misses: 0 };
      counts.set(self, count);
      const words = wordsOf(kwargs);
      const run = () =>
        call(py, self.attrs.get("__wrapped__") as Value, args.items, words.length > 0 ? new Map(words) : null);
      if ([...args.items, ...words.map(([, value]) => value)].some((value) => value instanceof Unknown)) return run();
      const key = [
        ...args.items.map((value) => partOf(py, value)),
        ...words.map(([name, value]) => `${name}=${partOf(py, value)}`),
      ].join("\u0001");
      const before = kept.get(key);
      if (before !== undefined) {
        count.hits++;
        return before[1];
      }
      count.misses++;
      const result = run();
      stored(result, self);
      kept.set(key, [key, result]);
      return result;
    },
    "__get__(self, instance, owner=None)": (_py, self: PyInstance, instance: Value) =>
      instance === null ? self : new BoundMethod(instance, self),
    "cache_clear(self)": (_py, self: PyInstance) => {
      resultsOf(self).clear();
    },
    "_counts(self)": (_py, self: PyInstance) => {
      const { hits = 0, misses = 0 } = counts.get(self) ?? {};
      return new PyTuple([hits, misses, resultsOf(self).size]);
    },
  },
  { lenient: true },
);

/** A hashable value as text; raises TypeError for others. */
function partOf(py: Interpreter, value: Value): string {
  const key = keyOf(py, value);
  return key instanceof PyObject ? `#${identityOf(py, key)}` : `${typeof key}:${String(key)}`;
}

export const functools = nativeModule("_functools", () => ({ partial, cached, copied }));

/** What `functools.wraps` copies, where both are functions of Python: true where that was done. */
const copied = native("copied(wrapper, wrapped)", (_py, to, from) => {
  if (!(to instanceof PyFunction && from instanceof PyFunction)) return false;
  to.name = from.name;
  to.qualname = from.qualname;
  to.annotate = () => annotationsOf(from);
  to.attrs = new Map<string, Value>([
    ...(to.attrs ?? []),
    ["__module__", from.module.name],
    ["__doc__", from.code.doc],
    ...(from.attrs ?? []),
    ["__wrapped__", from],
  ]);
  return true;
});
