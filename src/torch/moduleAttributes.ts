/**
 * What every layer goes through while it is built: a module's start, its attributes and its mode. The common cases are
 * native, since building a model is made of little else; whatever is out of the ordinary goes to the Python that says it
 * in full (nn/modules/module.py).
 */
import { Unknown } from "../base/unknown.ts";
import { getAttribute, setPlainAttribute } from "../python/attributes.ts";
import { needText } from "../python/builtins/plain.ts";
import { call, callMethod } from "../python/calls.ts";
import { raise } from "../python/errors.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { dictSet } from "../python/keys.ts";
import { native } from "../python/native.ts";
import { readAttribute, reading, wrote } from "../python/remember/reads.ts";
import { typeOf, types } from "../python/types.ts";
import {
  type NativeFunction,
  type PyClass,
  PyDict,
  PyFunction,
  PyInstance,
  PyObject,
  PySet,
  type PyTuple,
  type Value,
} from "../python/values.ts";
import { hasHooks } from "./moduleCalls.ts";
import { bufferClass, parameterClass, TensorObject } from "./tensorObject.ts";

const lenient = { lenient: true };

export function moduleAttributes(): Record<string, NativeFunction> {
  const init = native(
    "__init__(self, *args, **kwargs)",
    (py, self: Value, args: PyTuple, kwargs: PyDict) => {
      const bare = args.items.length === 0 && kwargs.entries.size === 0;
      if (bare && self instanceof PyInstance && self.cls.lookup("call_super_init") === false) return begin(self);
      const words = [...kwargs.entries.values()].map(([name, value]) => [String(name), value] as const);
      call(py, getAttribute(py, self, "_initialize"), args.items, words.length > 0 ? new Map(words) : null);
    },
    lenient,
  );
  const get = native(
    "__getattr__(self, name)",
    (_py, self: Value, name: Value) => {
      const found = self instanceof PyInstance ? registered(self, needText(name)) : undefined;
      if (found !== undefined) return found;
      return raise("AttributeError", `'${typeOf(self).name}' object has no attribute '${needText(name)}'`);
    },
    lenient,
  );
  const set: NativeFunction = native(
    "__setattr__(self, name, value)",
    (py, self: Value, name: Value, value: Value) => {
      if (self instanceof PyInstance && typeof name === "string" && assign(py, set, self, name, value)) return;
      callMethod(py, self, "_set_attribute", name, value);
    },
    lenient,
  );
  const train: NativeFunction = native(
    "train(self, mode=True)",
    (py, self: Value, mode: Value) => {
      if (!(self instanceof PyInstance) || typeof mode !== "boolean") return callMethod(py, self, "_set_mode", mode);
      setMode(py, train, self, mode);
      return self;
    },
    lenient,
  );
  return { module_init: init, module_getattr: get, module_setattr: set, module_train: train };
}

/** The attributes of a module that was just made. */
function begin({ attrs }: PyInstance): void {
  attrs.set("training", true);
  attrs.set("_parameters", new PyDict());
  attrs.set("_buffers", new PyDict());
  attrs.set("_non_persistent_buffers_set", new PySet());
  attrs.set("_modules", new PyDict());
}

function register(module: PyInstance, name: string): PyDict | undefined {
  const dict = module.attrs.get(name);
  if (reading.now) readAttribute(module, name, dict);
  return dict instanceof PyDict ? dict : undefined;
}

/** What a module's registers hold under the name. */
function registered(module: PyInstance, name: string): Value | undefined {
  const found = register(module, "_modules")?.entries.get(name) ?? register(module, "_parameters")?.entries.get(name);
  return (found ?? register(module, "_buffers")?.entries.get(name))?.[1];
}

/** Sets an attribute where that is one of the common cases; false where it is not, and nothing was done. */
function assign(py: Interpreter, setter: NativeFunction, self: PyInstance, name: string, value: Value): boolean {
  const parameters = register(self, "_parameters");
  const modules = register(self, "_modules");
  const buffers = register(self, "_buffers");
  if (!parameters || !modules || !buffers || value instanceof Unknown || parameters.entries.has(name)) return false;
  const places = classesOf(self.cls, setter);
  if (!places) return false;
  if (value instanceof TensorObject && value.cls !== parameterClass && value.cls.isSubclassOf(parameterClass))
    return false;
  if (value instanceof TensorObject && value.cls === parameterClass) {
    if (!isFree(py, self, places.module, name)) return false;
    forget(self, name, [buffers, modules]);
    dictSet(py, parameters, name, value);
    return true;
  }
  if (isLayer(value, places.module)) {
    if (hasHooks(py, "_global_module_registration_hooks")) return false;
    if (!modules.entries.has(name)) forget(self, name, [buffers]);
    dictSet(py, modules, name, value);
    return true;
  }
  const odd = value instanceof PyObject && (value.cls.unknownBase || value.cls.isSubclassOf(bufferClass));
  if (odd || modules.entries.has(name) || buffers.entries.has(name) || !places.plain) return false;
  setPlainAttribute(py, self, name, value);
  return true;
}

/** Whether a parameter may be registered under the name with nothing of the user's in between. */
function isFree(py: Interpreter, self: PyInstance, module: PyClass, name: string): boolean {
  if (name === "" || name.includes(".") || hasHooks(py, "_global_parameter_registration_hooks")) return false;
  if (self.cls.lookup(name) !== undefined || self.cls.cls.lookup(name) !== undefined) return false;
  const how = self.cls.lookup("register_parameter");
  return (
    how instanceof PyFunction && how === module.dict.get("register_parameter") && !self.attrs.has("register_parameter")
  );
}

function isLayer(value: Value, module: PyClass): boolean {
  return value instanceof PyInstance && value.cls.isSubclassOf(module);
}

/** Takes a name out of a module's own attributes and of some of its registers. */
function forget(self: PyInstance, name: string, registers: readonly PyDict[]): void {
  if (reading.now) wrote(self);
  self.attrs.delete(name);
  for (const one of registers) one.entries.delete(name);
  const temporary = self.attrs.get("_non_persistent_buffers_set");
  if (temporary instanceof PySet) temporary.entries.delete(name);
}

interface Places {
  /** `torch.nn.Module` itself. */
  readonly module: PyClass;
  /** Whether nothing behind it has a `__setattr__` of its own. */
  readonly plain: boolean;
}
const known = new WeakMap<PyClass, Places>();

/** Where the setter stands in the order of a class's bases; undefined where it does not. */
function classesOf(cls: PyClass, setter: NativeFunction): Places | undefined {
  const before = known.get(cls);
  if (before) return before;
  const at = cls.mro.findIndex((one) => one.dict.get("__setattr__") === setter);
  const module = cls.mro[at];
  if (!module) return undefined;
  const plain = cls.mro.slice(at + 1).every((one) => one === types.object || !one.dict.has("__setattr__"));
  const places = { module, plain };
  known.set(cls, places);
  return places;
}

/** Sets `training` in a module and in those below it, each by its own `train` where it has one. */
function setMode(py: Interpreter, train: NativeFunction, module: PyInstance, mode: boolean): void {
  py.budget.step();
  setPlainAttribute(py, module, "training", mode);
  const children = register(module, "_modules");
  if (!children) return void callMethod(py, module, "_set_mode", mode);
  for (const [, child] of [...children.entries.values()]) {
    if (child === null) continue;
    const plain = child instanceof PyInstance && child.cls.lookup("train") === train && !child.attrs.has("train");
    if (plain) setMode(py, train, child, mode);
    else callMethod(py, child, "train", mode);
  }
}
