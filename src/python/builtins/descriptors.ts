/** `property`, `staticmethod`, `classmethod` and `super` as Python code sees them. */
import { bind, getAttribute } from "../attributes.ts";
import { call } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { define, defineProperty, defineStatic } from "../native.ts";
import { typeOf, types } from "../types.ts";
import {
  type NativeProperty,
  PyClass,
  PyClassMethod,
  PyObject,
  PyProperty,
  PyStaticMethod,
  PySuper,
  type Value,
} from "../values.ts";

defineStatic(
  types.property,
  "__new__(cls, fget=None, fset=None, fdel=None, doc=None)",
  (_py, cls: PyClass, getter, setter, deleter) => new PyProperty(getter, setter, deleter, cls),
  { lenient: true },
);
define(
  types.property,
  {
    "getter(self, fget)": (_py, self: PyProperty, func) => derived(self, func, self.setter, self.deleter),
    "setter(self, fset)": (_py, self: PyProperty, func) => derived(self, self.getter, func, self.deleter),
    "deleter(self, fdel)": (_py, self: PyProperty, func) => derived(self, self.getter, self.setter, func),
    "__get__(self, instance, owner=None)": (py, self: PyProperty, instance) =>
      instance === null ? self : call(py, self.getter, [instance]),
    "__set__(self, instance, value)": (py, self: PyProperty, instance, value) => {
      if (self.setter === null) raise("AttributeError", "property of this object has no setter");
      call(py, self.setter, [instance, value]);
    },
    "__delete__(self, instance)": (py, self: PyProperty, instance) => {
      call(py, self.deleter, [instance]);
    },
    "__set_name__(self, owner, name)": () => null,
  },
  { lenient: true },
);
defineProperty(types.property, "fget", (_py, self: PyProperty) => self.getter);
defineProperty(types.property, "fset", (_py, self: PyProperty) => self.setter);
defineProperty(types.property, "fdel", (_py, self: PyProperty) => self.deleter);
inherited(types.property, (self: PyProperty) => self.getter, ["__doc__", "__isabstractmethod__"]);

function derived(from: PyProperty, getter: Value, setter: Value, deleter: Value): PyProperty {
  const made = new PyProperty(getter, setter, deleter, from.cls);
  if (from.attrs) made.attrs = new Map(from.attrs);
  return made;
}

for (const [cls, make] of [
  [types.staticmethod, (func: Value) => new PyStaticMethod(func)],
  [types.classmethod, (func: Value) => new PyClassMethod(func)],
] as const) {
  defineStatic(cls, "__new__(cls, function)", (_py, _cls, func: Value) => make(func), { lenient: true });
  define(cls, {
    "__get__(self, instance, owner=None)": (py, self: PyObject, instance, owner) =>
      bind(py, self, instance, owner instanceof PyClass ? owner : typeOf(instance)),
  });
  defineProperty(cls, "__func__", (_py, self: PyStaticMethod | PyClassMethod) => self.func);
  defineProperty(cls, "__wrapped__", (_py, self: PyStaticMethod | PyClassMethod) => self.func);
  inherited(cls, (self: PyStaticMethod | PyClassMethod) => self.func, [
    "__name__",
    "__qualname__",
    "__doc__",
    "__isabstractmethod__",
  ]);
}

/** Properties that are those of the function inside, where there is one; None or False otherwise. */
function inherited<T extends PyObject>(cls: PyClass, inside: (self: T) => Value, names: readonly string[]): void {
  for (const name of names) {
    defineProperty(
      cls,
      name,
      (py: Interpreter, self: T) => {
        const own = self.attrs?.get(name);
        if (own !== undefined) return own;
        const func = inside(self);
        if (name === "__isabstractmethod__") return (func instanceof PyObject && func.attrs?.get(name)) || false;
        return func === null ? null : getAttribute(py, func, name);
      },
      (_py, self, value) => {
        (self as PyObject).attrs = new Map([...((self as PyObject).attrs ?? []), [name, value]]);
      },
    );
  }
}

defineStatic(types.super, "__new__(cls, type=None, obj=None)", (py, _cls, type: Value, self: Value) =>
  type === null ? superHere(py) : makeSuper(type, self),
);
define(types.super, { "__init__(self, *args)": () => null });
defineProperty(types.super, "__self__", (_py, self: PySuper) => self.self);
defineProperty(types.super, "__thisclass__", (_py, self: PySuper) => self.after);
defineProperty(types.super, "__self_class__", (_py, self: PySuper) => self.start);

/** `super(cls, self)`. Raises TypeError where `self` is no instance and no subclass of the class. */
export function makeSuper(cls: Value, self: Value): PySuper {
  if (!(cls instanceof PyClass)) return raise("TypeError", "super() argument 1 must be a type");
  if (self instanceof PyClass && self.isSubclassOf(cls)) return new PySuper(cls, self, self);
  const start = typeOf(self);
  if (!start.isSubclassOf(cls))
    return raise("TypeError", "super(type, obj): obj must be an instance or subtype of type");
  return new PySuper(cls, self, start);
}

/** `super()` called through a variable: the class and the first argument of the running method. */
function superHere(py: Interpreter): Value {
  const { frame } = py;
  const cell = frame?.code.free.indexOf("__class__") ?? -1;
  const cls = frame && cell >= 0 ? frame.cells[frame.code.cells.length + cell]?.value : undefined;
  const self = frame?.slots[0];
  return cls === undefined || self === undefined
    ? raise("RuntimeError", "super(): no arguments")
    : makeSuper(cls, self);
}

defineProperty(types.getset, "__doc__", () => null);
define(types.getset, {
  "__get__(self, instance, owner=None)": (py, self: NativeProperty, instance) =>
    instance === null ? self : self.get(py, instance),
  "__set__(self, instance, value)": (py, self: NativeProperty, instance, value) => self.set?.(py, instance, value),
});
