/** The methods of exceptions. */
import type { Interpreter } from "../interpreter.ts";
import { define, defineProperty, defineStatic } from "../native.ts";
import { repr, str } from "../text.ts";
import { exceptionTypes } from "../types.ts";
import { type PyClass, type PyDict, PyInstance, PyList, PyTuple, type Value } from "../values.ts";

const base = exceptionTypes.get("BaseException") as PyClass;
const argsOf = (self: PyInstance) => (self.payload ?? []) as readonly Value[];

defineStatic(
  base,
  "__new__(cls, *args, **kwargs)",
  (_py, cls: PyClass, args: PyTuple) => withArguments(new PyInstance(cls), args),
  { lenient: true },
);
define(
  base,
  {
    "__init__(self, *args, **kwargs)": (_py, self: PyInstance, args: PyTuple, kwargs: PyDict) => {
      withArguments(self, args);
      for (const [name, value] of kwargs.entries.values()) self.attrs.set(String(name), value);
    },
    "with_traceback(self, traceback)": (_py, self) => self,
    "add_note(self, note)": (_py, self: PyInstance, note) => {
      const notes = self.attrs.get("__notes__");
      if (notes instanceof PyList) notes.items.push(note);
      else self.attrs.set("__notes__", new PyList([note]));
    },
    "__setstate__(self, state)": () => null,
  },
  { lenient: true },
);
define(base, {
  "__str__(self)": (py, self: PyInstance) => message(py, self),
  "__repr__(self)": (py, self: PyInstance) =>
    `${self.cls.name}(${argsOf(self)
      .map((arg) => repr(py, arg))
      .join(", ")})`,
});

/** Attributes that are None until something is there. */
function lasting(cls: PyClass | undefined, name: string, otherwise: (self: PyInstance) => Value = () => null): void {
  if (!cls) return;
  defineProperty(
    cls,
    name,
    (_py, self: PyInstance) => (self.attrs.has(name) ? (self.attrs.get(name) as Value) : otherwise(self)),
    (_py, self, value) => {
      (self as PyInstance).attrs.set(name, value);
    },
  );
}
lasting(base, "__cause__");
lasting(base, "__context__");
lasting(base, "__traceback__");
lasting(base, "__suppress_context__", () => false);
lasting(exceptionTypes.get("StopIteration"), "value", (self) => argsOf(self)[0] ?? null);
lasting(exceptionTypes.get("SystemExit"), "code", (self) => argsOf(self)[0] ?? null);
for (const name of ["name", "path"]) lasting(exceptionTypes.get("ImportError"), name);
lasting(exceptionTypes.get("ImportError"), "msg", (self) => argsOf(self)[0] ?? null);
for (const name of ["name", "obj"]) lasting(exceptionTypes.get("AttributeError"), name);
for (const [i, name] of ["errno", "strerror", "filename"].entries()) {
  lasting(exceptionTypes.get("OSError"), name, (self) => (argsOf(self).length > 1 ? (argsOf(self)[i] ?? null) : null));
}

function withArguments(self: PyInstance, args: PyTuple): PyInstance {
  self.payload = args.items;
  self.attrs.set("args", args);
  return self;
}

/** What `str(exception)` gives. */
function message(py: Interpreter, self: PyInstance): string {
  const args = argsOf(self);
  const [first] = args;
  if (first === undefined) return "";
  if (args.length > 1) return repr(py, new PyTuple(args));
  return self.cls.isSubclassOf(exceptionTypes.get("KeyError") as PyClass) ? repr(py, first) : str(py, first);
}
