/** Making instances of classes. */
import { Unknown } from "../base/unknown.ts";
import { call, withFirst } from "./calls.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { typeOf, types } from "./types.ts";
import { type Keywords, type PyClass, PyInstance, PySet, PyStaticMethod, type Value } from "./values.ts";

/** What `type.__call__` does; a library layer may remember what came of it before. */
export function makeInstance(py: Interpreter, cls: PyClass, args: readonly Value[], keywords: Keywords): Value {
  const { instance } = py.hooks;
  return instance ? instance(py, cls, args, keywords, makeAnew) : makeAnew(py, cls, args, keywords);
}

/** `__new__`, then `__init__` where that gave an instance of the class. */
function makeAnew(py: Interpreter, cls: PyClass, args: readonly Value[], keywords: Keywords): Value {
  const make = cls.lookup("__new__");
  if (make === undefined) return raise("TypeError", `cannot create '${cls.name}' instances`);
  if (make === types.object.dict.get("__new__") && isOrdinary(cls)) {
    const init = cls.lookup("__init__");
    const plain = init === types.object.dict.get("__init__");
    if (init !== undefined && !(plain && (args.length > 0 || keywords))) {
      const instance = new PyInstance(cls);
      if (!plain) call(py, init, withFirst(instance, args), keywords);
      return instance;
    }
  }
  const instance = call(py, make instanceof PyStaticMethod ? make.func : make, withFirst(cls, args), keywords);
  if (instance instanceof Unknown || !typeOf(instance).isSubclassOf(cls)) return instance;
  const init = typeOf(instance).lookup("__init__");
  if (init !== undefined) call(py, init, withFirst(instance, args), keywords);
  return instance;
}

/** Whether its instances are bare objects that anybody may make. */
function isOrdinary(cls: PyClass): boolean {
  if (cls.layout !== "object" || cls.isSubclassOf(types.module)) return false;
  const abstract = cls.dict.get("__abstractmethods__");
  return abstract === undefined || (abstract instanceof PySet && abstract.entries.size === 0);
}
