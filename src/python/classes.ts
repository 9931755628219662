/** Making classes: metaclasses, C3 order, `__set_name__`, `__init_subclass__`. */
import { Unknown } from "../base/unknown.ts";
import { findAttribute } from "./attributes.ts";
import { call, specialMethod } from "./calls.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { namesDict } from "./keys.ts";
import { typeOf, types } from "./types.ts";
import {
  type Attributes,
  type Keywords,
  type Layout,
  NativeFunction,
  PyClass,
  PyClassMethod,
  PyDict,
  PyFunction,
  PyObject,
  PyStaticMethod,
  PySuper,
  PyTuple,
  type Value,
} from "./values.ts";

/** What a `class` statement does once its body has run. `metaclass` null: the most derived of the bases' metaclasses. */
export function buildClass(
  py: Interpreter,
  metaclass: Value,
  name: string,
  bases: readonly Value[],
  namespace: Attributes,
  keywords: Keywords,
): Value {
  const resolved = resolveBases(py, bases);
  const meta = metaclass ?? metaclassOf(resolved);
  if (meta instanceof Unknown) return makeClass(py, types.type, name, [...resolved, meta], namespace, null);
  if (meta === types.type) return makeClass(py, types.type, name, resolved, namespace, keywords);
  return call(py, meta, [name, new PyTuple(resolved), namesDict(namespace)], keywords);
}

/** What `type.__new__` does: a class of the metaclass, its order worked out, its members told their names. */
export function makeClass(
  py: Interpreter,
  meta: PyClass,
  name: string,
  bases: readonly Value[],
  namespace: Attributes,
  keywords: Keywords,
): PyClass {
  let unknownBase: Unknown | undefined;
  const parents: PyClass[] = [];
  for (const base of bases) {
    if (base instanceof PyClass) {
      parents.push(base);
      unknownBase ??= base.unknownBase;
    } else if (base instanceof Unknown) unknownBase ??= base;
    else raise("TypeError", `${name}: a base must be a class, not ${typeOf(base).name}`);
  }
  if (parents.length === 0) parents.push(types.object);
  const module = namespace.get("__module__");
  const qualname = namespace.get("__qualname__");
  const cls = new PyClass(
    name,
    parents,
    layoutOf(parents),
    namespace,
    meta,
    typeof module === "string" ? module : "__main__",
    typeof qualname === "string" ? qualname : name,
  );
  cls.mro = [cls, ...linearize(name, parents)];
  cls.unknownBase = unknownBase;
  const init = namespace.get("__init_subclass__");
  if (init instanceof PyFunction) namespace.set("__init_subclass__", new PyClassMethod(init));
  const item = namespace.get("__class_getitem__");
  if (item instanceof PyFunction) namespace.set("__class_getitem__", new PyClassMethod(item));
  const make = namespace.get("__new__");
  if (make instanceof PyFunction) namespace.set("__new__", new PyStaticMethod(make));
  // A class with its own equality and no hash of its own is not hashable.
  if (namespace.has("__eq__") && !namespace.has("__hash__")) namespace.set("__hash__", null);
  for (const [key, value] of [...namespace]) {
    if (
      !(value instanceof PyObject) ||
      value instanceof PyFunction ||
      value instanceof NativeFunction ||
      value instanceof PyClass
    )
      continue;
    const setName = value.cls.module === "builtins" ? undefined : specialMethod(py, value, "__set_name__");
    if (setName !== undefined) call(py, setName, [cls, key]);
  }
  tellBase(py, cls, keywords);
  subclassesOf(py, cls);
  return cls;
}

function tellBase(py: Interpreter, cls: PyClass, keywords: Keywords): void {
  const hook = findAttribute(py, new PySuper(cls, cls, cls), "__init_subclass__");
  if (hook === undefined || hook instanceof Unknown) return;
  call(py, hook, [], keywords);
}

function subclassesOf(py: Interpreter, cls: PyClass): void {
  for (const base of cls.bases) subclasses(py, base).push(cls);
}

/** The classes made directly from a class, in order. */
export function subclasses(py: Interpreter, cls: PyClass): PyClass[] {
  const table =
    (py.extensions.get("subclasses") as Map<PyClass, PyClass[]> | undefined) ?? new Map<PyClass, PyClass[]>();
  py.extensions.set("subclasses", table);
  const list = table.get(cls) ?? [];
  table.set(cls, list);
  return list;
}

function resolveBases(py: Interpreter, bases: readonly Value[]): Value[] {
  return bases.flatMap((base) => {
    if (base instanceof PyClass || base instanceof Unknown) return [base];
    const entries = findAttribute(py, base, "__mro_entries__");
    if (entries === undefined) return [base];
    const replaced = call(py, entries, [new PyTuple(bases)]);
    return replaced instanceof PyTuple ? [...replaced.items] : [replaced];
  });
}

function metaclassOf(bases: readonly Value[]): Value {
  let best = types.type;
  for (const base of bases) {
    if (base instanceof PyClass && base.cls !== best && base.cls.isSubclassOf(best)) best = base.cls;
  }
  return best;
}

function layoutOf(bases: readonly PyClass[]): Layout {
  return bases.find((base) => base.layout !== "object")?.layout ?? "object";
}

/** C3: each class before its bases, bases in the order given. Raises TypeError where no order exists. */
function linearize(name: string, bases: readonly PyClass[]): PyClass[] {
  const lists = [...bases.map((base) => [...base.mro]), [...bases]];
  const order: PyClass[] = [];
  for (;;) {
    const open = lists.filter((list) => list.length > 0);
    if (open.length === 0) return order;
    const next = open
      .map((list) => list[0] as PyClass)
      .find((candidate) => !open.some((list) => list.indexOf(candidate) > 0));
    if (!next)
      return raise("TypeError", `Cannot create a consistent method resolution order (MRO) for bases of ${name}`);
    order.push(next);
    for (const list of open) if (list[0] === next) list.shift();
  }
}

/** The namespace of a class call's third argument. */
export function namespaceOf(dict: Value): Attributes {
  const names: Attributes = new Map();
  if (dict instanceof PyDict)
    for (const [key, value] of dict.entries.values()) if (typeof key === "string") names.set(key, value);
  return names;
}
