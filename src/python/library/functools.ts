import { Unknown } from "../../base/unknown.ts";
import { call } from "../calls.ts";
import type { Interpreter } from "../interpreter.ts";
import { identityOf, keyOf, namesDict } from "../keys.ts";
import { define, defineProperty, defineStatic } from "../native.ts";
import { stored } from "../stored.ts";
import { repr } from "../text.ts";
import { nativeClass, types } from "../types.ts";
import { BoundMethod, type PyClass, type PyDict, PyInstance, PyObject, PyTuple, type Value } from "../values.ts";
import { nativeModule } from "./nativeModule.ts";

interface Frozen {
  readonly func: Value;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

const partial = nativeClass("partial", "object", types.object, "functools");
const of = (self: PyInstance) => self.payload as Frozen;
const wordsOf = (kwargs: PyDict) => [...kwargs.entries.values()].map(([name, value]) => [String(name), value] as const);

defineStatic(
  partial,
  "__new__(_class, _function, *args, **kwargs)",
  (_py, cls: PyClass, func: Value, args: PyTuple, kwargs: PyDict) => {
    for (const value of [func, ...args.items, ...wordsOf(kwargs).map(([, one]) => one)]) stored(value);
    // A partial of a partial is one partial.
    const inner = func instanceof PyInstance && func.cls === partial && cls === partial ? of(func) : undefined;
    return new PyInstance(cls, new Map(), {
      func: inner?.func ?? func,
      args: [...(inner?.args ?? []), ...args.items],
      keywords: new Map([...(inner?.keywords ?? []), ...wordsOf(kwargs)]),
    } satisfies Frozen);
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

interface Remembered {
  readonly func: Value;
  readonly results: Map<string, Value>;
  hits: number;
  misses: number;
}

/** A function whose results are kept by its arguments; calls with unknown arguments are made anew. */
const cached = nativeClass("_lru_cache_wrapper", "object", types.object, "functools");
const memory = (self: PyInstance) => self.payload as Remembered;

define(
  cached,
  {
    "__init__(self, func)": (_py, self: PyInstance, func: Value) => {
      self.payload = { func, results: new Map(), hits: 0, misses: 0 } satisfies Remembered;
      self.attrs.set("__wrapped__", func);
    },
    "__call__(_self, *args, **kwargs)": (py, self: PyInstance, args: PyTuple, kwargs: PyDict) => {
      const kept = memory(self);
      const words = wordsOf(kwargs);
      const run = () => call(py, kept.func, args.items, words.length > 0 ? new Map(words) : null);
      if ([...args.items, ...words.map(([, value]) => value)].some((value) => value instanceof Unknown)) return run();
      const key = [
        ...args.items.map((value) => partOf(py, value)),
        ...words.map(([name, value]) => `${name}=${partOf(py, value)}`),
      ].join("\u0001");
      const before = kept.results.get(key);
      if (before !== undefined) {
        kept.hits++;
        return before;
      }
      kept.misses++;
      const result = run();
      stored(result, self);
      kept.results.set(key, result);
      return result;
    },
    "__get__(self, instance, owner=None)": (_py, self: PyInstance, instance: Value) =>
      instance === null ? self : new BoundMethod(instance, self),
    "cache_clear(self)": (_py, self: PyInstance) => {
      memory(self).results.clear();
    },
    "_counts(self)": (_py, self: PyInstance) =>
      new PyTuple([memory(self).hits, memory(self).misses, memory(self).results.size]),
  },
  { lenient: true },
);

/** A hashable value as text; raises TypeError for others. */
function partOf(py: Interpreter, value: Value): string {
  const key = keyOf(py, value);
  return key instanceof PyObject ? `#${identityOf(py, key)}` : `${typeof key}:${String(key)}`;
}

export const functools = nativeModule("_functools", () => ({ partial, cached }));
