/** The methods of `object`. */
import { Unknown } from "../../base/unknown.ts";
import { deletePlainAttribute, instanceAttribute, setPlainAttribute } from "../attributes.ts";
import { callMethod } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { identityOf } from "../keys.ts";
import { define, defineClassMethod, defineProperty, defineStatic } from "../native.ts";
import { readAttributes, wrote } from "../remember/reads.ts";
import { repr, str } from "../text.ts";
import { notImplemented, typeOf, types } from "../types.ts";
import { PyClass, PyDict, PyInstance, PyList, PyModule, PyObject, PySet, PyTuple, type Value } from "../values.ts";
import { attributeNames } from "./attributeNames.ts";
import { liveDict, replaceAttributes } from "./liveDict.ts";
import { needText } from "./plain.ts";

defineStatic(types.object, "__new__(cls, *args, **kwargs)", (_py, cls: PyClass, args: PyTuple, kwargs: PyDict) => {
  const abstract = cls.dict.get("__abstractmethods__");
  if (abstract instanceof PySet && abstract.entries.size > 0) {
    const names = [...abstract.entries.values()].map((name) => `'${String(name)}'`).sort();
    const plural = names.length > 1 ? "methods" : "method";
    raise(
      "TypeError",
      `Can't instantiate abstract class ${cls.name} without an implementation for abstract ${plural} ${names.join(", ")}`,
    );
  }
  const extra = args.items.length + kwargs.entries.size > 0;
  if (extra && !cls.unknownBase && isOwn(cls, "__init__")) raise("TypeError", `${cls.name}() takes no arguments`);
  return newObject(cls);
});

/** A bare object of the class, of the kind that its built-in base has. */
export function newObject(cls: PyClass): PyObject {
  switch (cls.layout) {
    case "dict":
      return new PyDict(new Map(), cls);
    case "list":
      return new PyList([], cls);
    case "tuple":
      return new PyTuple([], cls);
    case "set":
      return new PySet(new Map(), cls);
    case "str":
      return new PyInstance(cls, new Map(), "");
    case "int":
    case "float":
      return new PyInstance(cls, new Map(), 0);
    case "exception":
      return new PyInstance(cls, new Map<string, Value>([["args", new PyTuple([])]]), []);
    default:
      if (cls.isSubclassOf(types.module)) return new PyModule("", "");
      return new PyInstance(cls);
  }
}

/** Whether the class has this method from `object` itself. */
const isOwn = (cls: PyClass, name: string) => cls.lookup(name) === types.object.dict.get(name);

define(
  types.object,
  {
    "__init__(self, *args, **kwargs)": (_py, self, args: PyTuple, kwargs: PyDict) => {
      const cls = typeOf(self);
      if (args.items.length + kwargs.entries.size === 0 || cls.unknownBase) return;
      if (!isOwn(cls, "__init__")) {
        raise("TypeError", "object.__init__() takes exactly one argument (the instance to initialize)");
      }
    },
    "__setattr__(self, name, value)": (py, self, name, value) => {
      if (!(name instanceof Unknown)) setPlainAttribute(py, self, needText(name), value);
    },
    "__eq__(self, other)": (_py, self, other) => (self === other ? true : notImplemented),
  },
  { lenient: true },
);

define(types.object, {
  "__getattribute__(self, name)": (py, self, name) => {
    const found = instanceAttribute(py, self, typeOf(self), needText(name));
    return found === undefined
      ? raise("AttributeError", `'${typeOf(self).name}' object has no attribute '${needText(name)}'`)
      : found;
  },
  "__delattr__(self, name)": (py, self, name) => deletePlainAttribute(py, self, needText(name)),
  "__hash__(self)": (py, self) => identityOf(py, self),
  "__repr__(self)": (py, self) => {
    const { module, qualname } = typeOf(self);
    return `<${module === "builtins" ? "" : `${module}.`}${qualname} object at 0x${identityOf(py, self).toString(16)}>`;
  },
  "__str__(self)": (py, self) => repr(py, self),
  "__format__(self, spec)": (py, self, spec) =>
    spec === ""
      ? str(py, self)
      : raise("TypeError", `unsupported format string passed to ${typeOf(self).name}.__format__`),
  "__dir__(self)": (_py, self) => new PyList(attributeNames(self)),
  "__sizeof__(self)": (py) => py.unknown("the size of an object in the interpreter's memory"),
  "__reduce__(self)": (_py, self) => reduced(self),
  "__reduce_ex__(self, protocol)": (py, self) => callMethod(py, self, "__reduce__"),
  "__getstate__(self)": (_py, self) => copiedState(self),
});
defineClassMethod(types.object, "__init_subclass__(cls, **kwargs)", (_py, cls: PyClass, kwargs: PyDict) => {
  if (kwargs.entries.size > 0 && !cls.unknownBase) {
    raise("TypeError", `${cls.name}.__init_subclass__() takes no keyword arguments`);
  }
});
defineClassMethod(types.object, "__subclasshook__(cls, other)", () => notImplemented);

defineProperty(
  types.object,
  "__class__",
  (_py, self: Value) => typeOf(self),
  (_py: Interpreter, self: Value, cls: Value) => {
    if (self instanceof PyObject) wrote(self);
    if (self instanceof PyInstance && cls instanceof PyClass) self.cls = cls;
    else if (cls instanceof PyClass && self instanceof PyObject) (self as { cls: PyClass }).cls = cls;
    else if (!(cls instanceof Unknown)) raise("TypeError", "__class__ must be set to a class");
  },
);
defineProperty(
  types.object,
  "__dict__",
  (_py, self: Value) => {
    if (!(self instanceof PyObject) || self.cls.layout === "foreign") {
      return raise("AttributeError", `'${typeOf(self).name}' object has no attribute '__dict__'`);
    }
    self.attrs ??= new Map();
    return liveDict(self.attrs, self);
  },
  (_py: Interpreter, self: Value, by: Value) => {
    if (self instanceof PyObject && by instanceof PyDict) {
      wrote(self);
      self.attrs ??= new Map();
      replaceAttributes(self.attrs, by);
    }
  },
);
defineProperty(
  types.object,
  "__module__",
  (_py, self: Value) => typeOf(self).module,
  (_py: Interpreter, self: Value, value: Value) => {
    if (self instanceof PyObject) (self.attrs ??= new Map()).set("__module__", value);
  },
);
types.object.dict.set("__doc__", null);

function copiedState(self: Value): Value {
  if (self instanceof PyObject) readAttributes(self);
  if (!(self instanceof PyObject) || !self.attrs || self.attrs.size === 0) return null;
  return new PyDict(new Map([...self.attrs].map(([name, value]) => [name, [name, value] as const])));
}

/** What pickling and copying start from: the class, and the state. */
function reduced(self: Value): Value {
  return new PyTuple([typeOf(self), new PyTuple([]), copiedState(self)]);
}
