/** What functions, methods and natives answer about themselves. */
import { getAttribute } from "../attributes.ts";
import { call } from "../calls.ts";
import type { CodeParameter } from "../code.ts";
import { define, defineProperty, defineStatic } from "../native.ts";
import { nativeClass, types } from "../types.ts";
import {
  BoundMethod,
  type NativeFunction,
  PyDict,
  type PyFunction,
  PyInstance,
  type PyObject,
  PyTuple,
  type Value,
} from "../values.ts";
import { liveDict } from "./liveDict.ts";
import { needText } from "./plain.ts";

const keywordsOf = (kwargs: PyDict) =>
  kwargs.entries.size === 0
    ? null
    : new Map([...kwargs.entries.values()].map(([name, value]) => [String(name), value]));

for (const cls of [types.function, types.builtin, types.method, types.staticmethod]) {
  define(
    cls,
    {
      "__call__(self, *args, **kwargs)": (py, self, args: PyTuple, kwargs) =>
        call(py, self, args.items, keywordsOf(kwargs)),
    },
    { lenient: true },
  );
}

defineProperty(
  types.function,
  "__name__",
  (_py, f: PyFunction) => f.name,
  (_py, f, name) => {
    (f as PyFunction).name = needText(name);
  },
);
defineProperty(
  types.function,
  "__qualname__",
  (_py, f: PyFunction) => f.qualname,
  (_py, f, name) => {
    (f as PyFunction).qualname = needText(name);
  },
);
kept("__doc__", (f) => f.code.doc);
kept("__module__", (f) => f.module.name);
kept("__annotations__", annotationsOf);
kept("__defaults__", (f) => defaultsTuple(f));
kept("__kwdefaults__", (f) => keywordDefaults(f));
kept("__type_params__", () => new PyTuple([]));
defineProperty(types.function, "__dict__", (_py, f: PyFunction) => liveDict((f.attrs ??= new Map())));
defineProperty(types.function, "__globals__", (_py, f: PyFunction) => liveDict(f.module.attrs));
defineProperty(types.function, "__closure__", (_py, f: PyFunction) =>
  f.cells.length === 0
    ? null
    : new PyTuple(f.cells.map((cell) => new PyInstance(cellClass, new Map([["cell_contents", cell.value ?? null]])))),
);
defineProperty(types.function, "__code__", (_py, f: PyFunction) => codeObject(f));

const cellClass = nativeClass("cell");
const codeClass = nativeClass("code");

/** A property of functions that may be overwritten. */
function kept(name: string, first: (func: PyFunction) => Value): void {
  defineProperty(
    types.function,
    name,
    (_py, func: PyFunction) => {
      const own = func.attrs?.get(name);
      if (own !== undefined) return own;
      return first(func);
    },
    (_py, func, value) => {
      const f = func as PyFunction;
      (f.attrs ??= new Map()).set(name, value);
    },
  );
}

/** `__annotations__`, evaluated once. */
export function annotationsOf(func: PyFunction): Value {
  const value = func.attrs?.get("__annotations__") ?? func.annotate?.() ?? new PyDict();
  (func.attrs ??= new Map()).set("__annotations__", value);
  return value;
}

/** The parameters of a function with their defaults. */
export function parametersOf(func: PyFunction): { parameter: CodeParameter; otherwise: Value | undefined }[] {
  return func.code.parameters.map((parameter, i) => ({ parameter, otherwise: func.defaults[i] }));
}

function defaultsTuple(func: PyFunction): Value {
  const values = parametersOf(func)
    .filter(({ parameter }) => parameter.kind.startsWith("positional"))
    .flatMap(({ otherwise }) => (otherwise === undefined ? [] : [otherwise]));
  return values.length > 0 ? new PyTuple(values) : null;
}

function keywordDefaults(func: PyFunction): Value {
  const pairs = parametersOf(func).filter(
    ({ parameter, otherwise }) => parameter.kind === "keyword-only" && otherwise !== undefined,
  );
  if (pairs.length === 0) return null;
  return new PyDict(
    new Map(pairs.map(({ parameter: { name }, otherwise }) => [name, [name, otherwise as Value] as const])),
  );
}

function codeObject(func: PyFunction): PyInstance {
  const { code } = func;
  code.prepare?.();
  const count = (...kinds: CodeParameter["kind"][]) =>
    code.parameters.filter(({ kind }) => kinds.includes(kind)).length;
  const names = code.parameters.map(({ name }) => name);
  const flags = (count("var-positional") ? 4 : 0) + (count("var-keyword") ? 8 : 0) + (code.runGenerator ? 32 : 0);
  return new PyInstance(
    codeClass,
    new Map<string, Value>([
      ["co_name", code.name],
      ["co_qualname", func.qualname],
      ["co_argcount", count("positional-only", "positional")],
      ["co_posonlyargcount", count("positional-only")],
      ["co_kwonlyargcount", count("keyword-only")],
      ["co_varnames", new PyTuple([...names, ...code.slots.filter((name) => !names.includes(name))])],
      ["co_freevars", new PyTuple([...code.free])],
      ["co_flags", flags],
      ["co_filename", code.chunk.path],
      ["co_firstlineno", code.chunk.firstLine + code.span.line + 1],
    ]),
  );
}

define(types.function, {
  "__get__(self, instance, owner=None)": (_py, self: PyObject, instance) => boundTo(self, instance),
});
define(types.builtin, {
  "__get__(self, instance, owner=None)": (_py, self) => self,
});
defineProperty(types.builtin, "__name__", (_py, f: NativeFunction) => f.name);
defineProperty(types.builtin, "__qualname__", (_py, f: NativeFunction) => f.name);
defineProperty(types.builtin, "__doc__", (_py, f: NativeFunction) => f.attrs?.get("__doc__") ?? null);
defineProperty(types.builtin, "__module__", (_py, f: NativeFunction) => f.attrs?.get("__module__") ?? "builtins");
defineProperty(types.builtin, "__dict__", (_py, f: NativeFunction) => liveDict((f.attrs ??= new Map())));

defineProperty(types.method, "__self__", (_py, method: BoundMethod) => method.self);
defineProperty(types.method, "__func__", (_py, method: BoundMethod) => method.func);
for (const name of ["__name__", "__qualname__", "__doc__", "__module__"]) {
  defineProperty(types.method, name, (py, method: BoundMethod) => getAttribute(py, method.func, name));
}
define(types.method, {
  "__getattr__(self, name)": (py, self: BoundMethod, name) => getAttribute(py, self.func, needText(name)),
  "__get__(self, instance, owner=None)": (_py, self) => self,
});

function boundTo(func: PyObject, instance: Value): Value {
  return instance === null ? func : new BoundMethod(instance, func);
}

defineStatic(
  types.method,
  "__new__(cls, function, instance)",
  (_py, _cls, func: PyObject, instance: Value) => new BoundMethod(instance, func),
);
