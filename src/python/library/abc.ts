import { Unknown } from "../../base/unknown.ts";
import { needText } from "../builtins/plain.ts";
import { callMethod } from "../calls.ts";
import { makeClass, namespaceOf, subclasses } from "../classes.ts";
import type { Interpreter } from "../interpreter.ts";
import { define, defineStatic, native } from "../native.ts";
import { truth } from "../operators.ts";
import { nativeClass, notImplemented, typeOf, types } from "../types.ts";
import {
  PyClass,
  PyClassMethod,
  type PyDict,
  PyObject,
  PyProperty,
  PySet,
  PyStaticMethod,
  type PyTuple,
  type Value,
} from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";

const metaclass = nativeClass("ABCMeta", "type", types.type, "abc");

/** The classes registered with each abstract class. */
const registered = new WeakMap<PyClass, PyClass[]>();

defineStatic(
  metaclass,
  "__new__(metaclass, name, bases, namespace, **kwargs)",
  (py, meta: PyClass, name: Value, bases: PyTuple, namespace: Value, kwargs: PyDict) => {
    const keywords = new Map([...kwargs.entries.values()].map(([key, value]) => [String(key), value]));
    const cls = makeClass(
      py,
      meta,
      needText(name),
      bases.items,
      namespaceOf(namespace),
      keywords.size > 0 ? keywords : null,
    );
    const missing = abstractNames(cls);
    cls.set("__abstractmethods__", new PySet(new Map(missing.map((one) => [one, one])), types.frozenset));
    return cls;
  },
  { lenient: true },
);
define(
  metaclass,
  {
    "register(cls, subclass)": (_py, cls: PyClass, subclass: Value) => {
      if (subclass instanceof PyClass) registered.set(cls, [...(registered.get(cls) ?? []), subclass]);
      return subclass;
    },
    "__instancecheck__(cls, instance)": (py, cls: PyClass, instance: Value) =>
      instance instanceof Unknown ? instance : covers(py, cls, typeOf(instance)),
    "__subclasscheck__(cls, subclass)": (py, cls: PyClass, subclass: Value) =>
      subclass instanceof PyClass ? covers(py, cls, subclass) : subclass instanceof Unknown ? subclass : false,
  },
  { lenient: true },
);

/** Whether the abstract class counts the other as its own: by hook, by descent, by registration. */
function covers(py: Interpreter, cls: PyClass, other: PyClass): boolean | Unknown {
  if (other.isSubclassOf(cls)) return true;
  const hook = cls.lookup("__subclasshook__");
  if (hook !== undefined && hook !== types.object.dict.get("__subclasshook__")) {
    const answer = callMethod(py, cls, "__subclasshook__", other);
    if (answer !== notImplemented) return truth(py, answer);
  }
  for (const known of [...(registered.get(cls) ?? []), ...subclasses(py, cls)]) {
    if (other.isSubclassOf(known)) return true;
    if (known.cls.isSubclassOf(metaclass) && covers(py, known, other) === true) return true;
  }
  return other.unknownBase ?? false;
}

/** Names that a class and its bases declare and do not yet define. */
function abstractNames(cls: PyClass): string[] {
  const names = new Set([...cls.dict].filter(([, value]) => isAbstract(value)).map(([name]) => name));
  for (const base of cls.bases) {
    const inherited = base.dict.get("__abstractmethods__");
    for (const name of inherited instanceof PySet ? inherited.entries.values() : []) {
      if (typeof name === "string" && isAbstract(cls.lookup(name) ?? null)) names.add(name);
    }
  }
  return [...names];
}

function isAbstract(value: Value): boolean {
  if (!(value instanceof PyObject)) return false;
  if (value.attrs?.get("__isabstractmethod__") === true && !(value instanceof PyClass)) return true;
  if (value instanceof PyProperty) return [value.getter, value.setter, value.deleter].some(isAbstract);
  return (value instanceof PyStaticMethod || value instanceof PyClassMethod) && isAbstract(value.func);
}

const base = new PyClass("ABC", [types.object], "object", new Map(), metaclass, "abc");
base.mro = [base, types.object];

function marked(func: Value): Value {
  if (func instanceof PyObject) (func.attrs ??= new Map()).set("__isabstractmethod__", true);
  return func;
}

export const abc = nativeModule("abc", () => ({
  ABCMeta: metaclass,
  ABC: base,
  ...functions(
    native("abstractmethod(funcobj)", (_py, func) => marked(func)),
    native("abstractproperty(funcobj)", (_py, func) => new PyProperty(marked(func), null, null)),
    native("abstractclassmethod(funcobj)", (_py, func) => new PyClassMethod(marked(func))),
    native("abstractstaticmethod(funcobj)", (_py, func) => new PyStaticMethod(marked(func))),
    native("get_cache_token()", () => 0),
    native("update_abstractmethods(cls)", (_py, cls: PyClass) => {
      if (cls.dict.has("__abstractmethods__")) {
        cls.set(
          "__abstractmethods__",
          new PySet(new Map(abstractNames(cls).map((one) => [one, one])), types.frozenset),
        );
      }
      return cls;
    }),
  ),
}));
