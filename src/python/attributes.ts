/** Attribute access by Python's data model: descriptors, the instance, the class, `__getattr__`. */
import { Unknown } from "../base/unknown.ts";
import { call } from "./calls.ts";
import { PyError, raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { readAttribute, reading, readValue, wrote } from "./remember/reads.ts";
import { stored } from "./stored.ts";
import { exceptionTypes, typeOf, types } from "./types.ts";
import {
  BoundMethod,
  NativeFunction,
  NativeProperty,
  PyClass,
  PyClassMethod,
  PyFunction,
  PyInstance,
  PyModule,
  PyObject,
  PyProperty,
  PyStaticMethod,
  PySuper,
  type Value,
} from "./values.ts";

/** The attribute. Raises AttributeError where there is none; unknown where it cannot be known. */
export function getAttribute(py: Interpreter, value: Value, name: string): Value {
  const fallback = typeOf(value).lookup("__getattr__") ?? null;
  const found = fallback === null ? lookUp(py, value, name) : attempted(py, value, name);
  if (found !== undefined) return found;
  if (fallback === null) return missing(py, value, name);
  return fallback instanceof NativeFunction
    ? (fallback.run(py, value, name) ?? null)
    : call(py, fallback, [value, name]);
}

/** What looking up gives; undefined also where a property or `__getattribute__` raises AttributeError. */
function attempted(py: Interpreter, value: Value, name: string): Value | undefined {
  try {
    return lookUp(py, value, name);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof PyError && error.type.isSubclassOf(exceptionTypes.get("AttributeError") as PyClass);
}

/** The attribute, or undefined where Python would raise AttributeError. */
export function findAttribute(py: Interpreter, value: Value, name: string): Value | undefined {
  const found = attempted(py, value, name);
  if (found !== undefined) return found;
  const cls = typeOf(value);
  const fallback = cls.lookup("__getattr__") ?? null;
  if (fallback === null && !(value instanceof PyModule && value.attrs.has("__getattr__"))) {
    const open = value instanceof PyModule ? value.open : value instanceof PyClass ? value.unknownBase : undefined;
    return cls.unknownBase ?? open;
  }
  try {
    return fallback === null ? missing(py, value, name) : call(py, fallback, [value, name]);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * The function that calling `value.name` comes down to, with the value as its first argument, so that no method object
 * need be made; undefined where the attribute is anything but a plain method.
 */
export function methodOf(value: Value, name: string): PyFunction | NativeFunction | undefined {
  if (value instanceof PyInstance) {
    if (value.cls.lookup("__getattribute__") instanceof PyFunction) return undefined;
  } else if (value instanceof PyClass || value instanceof PySuper || value instanceof PyModule) return undefined;
  else if (value instanceof Unknown) return undefined;
  const inClass = typeOf(value).lookup(name);
  if (!(inClass instanceof PyFunction || inClass instanceof NativeFunction)) return undefined;
  return ownAttribute(value, name) !== undefined ? undefined : inClass;
}

/** What the object itself has under the name. */
function ownAttribute(value: Value, name: string): Value | undefined {
  if (!(value instanceof PyObject)) return undefined;
  const own = value.attrs?.get(name);
  if (reading.now) readAttribute(value, name, own);
  return own;
}

function missing(py: Interpreter, value: Value, name: string): Value {
  if (value instanceof PyModule) {
    const hook = ownAttribute(value, "__getattr__");
    if (hook !== undefined) return call(py, hook, [name]);
    const submodule = py.modules.get(`${value.name}.${name}`);
    if (submodule) return submodule;
    if (value.open) return value.open;
    return raise("AttributeError", `module '${value.name}' has no attribute '${name}'`);
  }
  if (value instanceof PySuper)
    return value.start.unknownBase ?? raise("AttributeError", `'super' object has no attribute '${name}'`);
  if (value instanceof PyClass)
    return value.unknownBase ?? raise("AttributeError", `type object '${value.name}' has no attribute '${name}'`);
  const cls = typeOf(value);
  return cls.unknownBase ?? raise("AttributeError", `'${cls.name}' object has no attribute '${name}'`);
}

function lookUp(py: Interpreter, value: Value, name: string): Value | undefined {
  if (value instanceof Unknown) return value;
  if (value instanceof PyInstance) {
    const custom = value.cls.lookup("__getattribute__");
    if (custom instanceof PyFunction) return call(py, custom, [value, name]);
    return instanceAttribute(py, value, value.cls, name);
  }
  if (value instanceof PyClass) return classAttribute(py, value, name);
  if (value instanceof PySuper) return superAttribute(py, value, name);
  if (value instanceof PyModule && !name.startsWith("__")) {
    const own = ownAttribute(value, name);
    if (own !== undefined) return own;
  }
  return instanceAttribute(py, value, typeOf(value), name);
}

/** What `object.__getattribute__` does. */
export function instanceAttribute(py: Interpreter, value: Value, cls: PyClass, name: string): Value | undefined {
  const inClass = cls.lookup(name);
  if (inClass instanceof PyFunction || inClass instanceof NativeFunction) {
    const own = ownAttribute(value, name);
    return own === undefined ? new BoundMethod(value, inClass) : own;
  }
  if (inClass instanceof PyObject && isDataDescriptor(inClass)) return bind(py, inClass, value, cls);
  const own = ownAttribute(value, name);
  if (own !== undefined) return own;
  if (inClass === undefined) return undefined;
  return inClass instanceof PyObject ? bind(py, inClass, value, cls) : inClass;
}

function classAttribute(py: Interpreter, cls: PyClass, name: string): Value | undefined {
  const inMeta = cls.cls.lookup(name);
  if (inMeta instanceof PyObject && isDataDescriptor(inMeta)) return bind(py, inMeta, cls, cls.cls);
  const own = cls.lookup(name);
  // What `object` gives its instances, `type` gives classes in its own way; how instances are made is the class's own.
  const makes = name === "__new__" || name === "__init__";
  if (
    own !== undefined &&
    (makes || !(inMeta !== undefined && own === types.object.dict.get(name) && inMeta !== own))
  ) {
    return own instanceof PyObject ? bind(py, own, null, cls) : own;
  }
  return inMeta instanceof PyObject ? bind(py, inMeta, cls, cls.cls) : inMeta;
}

function superAttribute(py: Interpreter, { after, self, start }: PySuper, name: string): Value | undefined {
  if (name === "__class__") return types.super;
  const { mro } = start;
  for (let i = mro.indexOf(after) + 1; i < mro.length; i++) {
    const cls = mro[i] as PyClass;
    const found = cls.dict.get(name);
    if (found === undefined) continue;
    // An unknown base may come before `object` in the true order.
    if (cls === types.object && start.unknownBase && name !== "__init__") return start.unknownBase;
    if (!(found instanceof PyObject)) return found;
    return self instanceof PyClass && self === start ? bind(py, found, null, start) : bind(py, found, self, start);
  }
  return undefined;
}

function isDataDescriptor(object: PyObject): boolean {
  if (object instanceof PyProperty || object instanceof NativeProperty) return true;
  return object instanceof PyInstance && object.cls.lookup("__set__") !== undefined;
}

/** A class attribute as seen through an instance (or through the class itself, `instance` null and of class `owner`). */
export function bind(py: Interpreter, found: PyObject, instance: Value, owner: PyClass): Value {
  if (reading.now) readValue(found);
  if (found instanceof PyFunction || found instanceof NativeFunction) {
    return instance === null && owner !== types.NoneType ? found : new BoundMethod(instance, found);
  }
  if (found instanceof PyProperty) {
    if (instance === null) return found;
    return found.getter === null ? raise("AttributeError", "unreadable attribute") : call(py, found.getter, [instance]);
  }
  if (found instanceof NativeProperty)
    return instance === null && owner !== types.NoneType ? found : found.get(py, instance);
  if (found instanceof PyStaticMethod) return found.func;
  if (found instanceof PyClassMethod) {
    return found.func instanceof PyObject ? new BoundMethod(owner, found.func) : found.func;
  }
  if (found instanceof PyInstance) {
    const get = found.cls.lookup("__get__");
    if (get !== undefined) return call(py, get, [found, instance, owner]);
  }
  return found;
}

/** Sets the attribute, through descriptors and `__setattr__`. */
export function setAttribute(py: Interpreter, target: Value, name: string, value: Value): void {
  if (target instanceof Unknown) return;
  const cls = typeOf(target);
  const custom = cls.lookup("__setattr__");
  if (value instanceof Unknown && target instanceof PyInstance) {
    // What `__setattr__` would do with it depends on what it is.
    if (reading.now) wrote(target);
    target.attrs.set(name, value);
    py.hooks.unknownAttribute(py, target, name, value);
    return;
  }
  if (custom instanceof PyFunction || (custom instanceof NativeFunction && custom !== plainSetter())) {
    call(py, custom, [target, name, value]);
    return;
  }
  setPlainAttribute(py, target, name, value);
}

const plainSetter = () => types.object.dict.get("__setattr__");

/** What `object.__setattr__` does. */
export function setPlainAttribute(py: Interpreter, target: Value, name: string, value: Value): void {
  const cls = typeOf(target);
  stored(value, target instanceof PyObject ? target : undefined);
  if (reading.now && target instanceof PyObject) wrote(target);
  if (target instanceof PyClass) {
    if (target.module === "builtins" && target.layout !== "object")
      raise("TypeError", `cannot set '${name}' attribute of immutable type '${target.name}'`);
    target.set(name, value);
    return;
  }
  const inClass = cls.lookup(name);
  if (inClass instanceof PyProperty) {
    if (inClass.setter === null) raise("AttributeError", `property '${name}' of '${cls.name}' object has no setter`);
    call(py, inClass.setter, [target, value]);
  } else if (inClass instanceof NativeProperty) {
    if (!inClass.set) raise("AttributeError", `attribute '${name}' of '${cls.name}' objects is not writable`);
    inClass.set(py, target, value);
  } else if (inClass instanceof PyInstance && inClass.cls.lookup("__set__") !== undefined) {
    call(py, inClass.cls.lookup("__set__") as Value, [inClass, target, value]);
  } else if (target instanceof PyObject) {
    target.attrs ??= new Map();
    target.attrs.set(name, value);
  } else raise("AttributeError", `'${cls.name}' object has no attribute '${name}'`);
}

export function deleteAttribute(py: Interpreter, target: Value, name: string): void {
  if (target instanceof Unknown) return;
  const cls = typeOf(target);
  const custom = cls.lookup("__delattr__");
  if (custom instanceof PyFunction) {
    call(py, custom, [target, name]);
    return;
  }
  deletePlainAttribute(py, target, name);
}

/** What `object.__delattr__` does. */
export function deletePlainAttribute(py: Interpreter, target: Value, name: string): void {
  const cls = typeOf(target);
  const inClass = cls.lookup(name);
  if (inClass instanceof PyProperty && inClass.deleter !== null) {
    call(py, inClass.deleter, [target]);
    return;
  }
  if (reading.now && target instanceof PyObject) wrote(target);
  const gone =
    target instanceof PyClass ? target.delete(name) : target instanceof PyObject && target.attrs?.delete(name);
  if (!gone) raise("AttributeError", `'${cls.name}' object has no attribute '${name}'`);
}
