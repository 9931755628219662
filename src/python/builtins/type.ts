/** The methods of `type`: what classes answer about themselves. */
import { Unknown } from "../../base/unknown.ts";
import { buildClass, makeClass, namespaceOf, subclasses } from "../classes.ts";
import { raise } from "../errors.ts";
import { makeInstance } from "../instances.ts";
import type { Interpreter } from "../interpreter.ts";
import { define, defineProperty, defineStatic } from "../native.ts";
import { typeOf, types } from "../types.ts";
import { PyClass, PyDict, PyList, PyTuple, type Value } from "../values.ts";
import { attributeNames } from "./attributeNames.ts";
import { isSubclass, plainIsInstance } from "./instances.ts";
import { liveDict } from "./liveDict.ts";
import { needText } from "./plain.ts";

const namesOf = (kwargs: PyDict) => new Map([...kwargs.entries.values()].map(([name, value]) => [String(name), value]));

defineStatic(
  types.type,
  "__new__(metaclass, *args, **kwargs)",
  (py: Interpreter, metaclass: PyClass, { items }: PyTuple, kwargs: PyDict) => {
    const [name = null, bases, namespace] = items;
    if (items.length === 1 && metaclass === types.type) return name instanceof Unknown ? name : typeOf(name);
    if (bases instanceof Unknown) return bases;
    if (!(bases instanceof PyTuple) || namespace === undefined)
      return raise("TypeError", "type() takes 1 or 3 arguments");
    const keywords = kwargs.entries.size > 0 ? namesOf(kwargs) : null;
    // A plain call of `type` must find the metaclass of the bases; a metaclass's own `__new__` is it already.
    if (metaclass === types.type)
      return buildClass(py, null, needText(name), bases.items, named(py, namespace), keywords);
    return makeClass(py, metaclass, needText(name), bases.items, named(py, namespace), keywords);
  },
  { lenient: true },
);

/** The names of a class made by a call, told which module they belong to. */
function named(py: Interpreter, namespace: Value): Map<string, Value> {
  const names = namespaceOf(namespace);
  const module = py.frame?.module.name;
  if (!names.has("__module__") && module !== undefined) names.set("__module__", module);
  return names;
}

define(
  types.type,
  {
    "__init__(cls, *args, **kwargs)": () => null,
    "__call__(cls, *args, **kwargs)": (py, cls: PyClass, args: PyTuple, kwargs: PyDict) =>
      cls === types.type && args.items.length === 1
        ? typeOf(args.items[0] as Value)
        : makeInstance(py, cls, args.items, kwargs.entries.size > 0 ? namesOf(kwargs) : null),
    "__instancecheck__(cls, instance)": (_py, cls: PyClass, instance: Value) => plainIsInstance(instance, cls),
    "__subclasscheck__(cls, subclass)": (py, cls: PyClass, subclass: Value) =>
      subclass instanceof PyClass ? subclass.isSubclassOf(cls) : isSubclass(py, subclass, cls),
  },
  { lenient: true },
);
define(types.type, {
  "mro(cls)": (_py, cls: PyClass) => new PyList([...cls.mro]),
  "__subclasses__(cls)": (py, cls: PyClass) => new PyList([...subclasses(py, cls)]),
  "__dir__(cls)": (_py, cls: PyClass) => new PyList(attributeNames(cls)),
});

/** A property of classes that a class may overwrite with a text of its own. */
function textual(name: string, otherwise: (cls: PyClass) => string): void {
  defineProperty(types.type, name, (_py, cls: PyClass) => {
    const own = cls.dict.get(name);
    return typeof own === "string" ? own : otherwise(cls);
  });
}
textual("__name__", (cls) => cls.name);
textual("__qualname__", (cls) => cls.qualname);
textual("__module__", (cls) => cls.module);
defineProperty(types.type, "__doc__", (_py, cls: PyClass) => cls.dict.get("__doc__") ?? null);
defineProperty(types.type, "__mro__", (_py, cls: PyClass) => new PyTuple(cls.mro));
defineProperty(types.type, "__bases__", (_py, cls: PyClass) => new PyTuple(cls.bases));
defineProperty(types.type, "__base__", (_py, cls: PyClass) => cls.bases[0] ?? null);
defineProperty(types.type, "__dict__", (_py, cls: PyClass) => liveDict(cls.dict, cls));
defineProperty(types.type, "__annotations__", (_py, cls: PyClass) => {
  const own = cls.dict.get("__annotations__");
  if (own !== undefined) return own;
  const none = new PyDict();
  if (cls.module !== "builtins") cls.dict.set("__annotations__", none);
  return none;
});
defineProperty(types.type, "__flags__", () => 0);
