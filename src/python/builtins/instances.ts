/** `isinstance` and `issubclass`. */
import { Unknown } from "../../base/unknown.ts";
import { call, specialMethod } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { truth } from "../operators.ts";
import { typeOf, types } from "../types.ts";
import { PyClass, PyInstance, PyTuple, type Value } from "../values.ts";
import { aliasClass, membersOf, unionClass } from "./genericAlias.ts";

/** Whether the value is an instance of the class or of one of several; unknown where a class or the value is not known. */
export function isInstanceOf(py: Interpreter, value: Value, cls: Value): boolean | Unknown {
  const several = alternatives(cls);
  if (several) return some(several, (one) => isInstanceOf(py, value, one));
  if (cls === types.object) return true;
  if (cls instanceof Unknown) return cls;
  if (value instanceof Unknown) return value;
  if (cls instanceof PyInstance && cls.cls === aliasClass)
    return isInstanceOf(py, value, cls.attrs.get("__origin__") as Value);
  if (cls instanceof PyClass) {
    if (typeOf(value) === cls) return true;
    const check = custom(cls, "__instancecheck__");
    return check === undefined ? plainIsInstance(value, cls) : truth(py, call(py, check, [cls, value]));
  }
  const check = specialMethod(py, cls, "__instancecheck__");
  if (check !== undefined) return truth(py, call(py, check, [value]));
  return raise("TypeError", "isinstance() arg 2 must be a type, a tuple of types, or a union");
}

/** What `type.__instancecheck__` says. */
export function plainIsInstance(value: Value, cls: PyClass): boolean | Unknown {
  if (value instanceof Unknown) return value;
  const own = typeOf(value);
  return own.isSubclassOf(cls) || (own.unknownBase ?? false);
}

/** Whether one class descends from the other or from one of several. */
export function isSubclass(py: Interpreter, sub: Value, cls: Value): boolean | Unknown {
  const several = alternatives(cls);
  if (several) return some(several, (one) => isSubclass(py, sub, one));
  if (sub instanceof Unknown) return sub;
  if (cls instanceof Unknown) return cls;
  if (!(sub instanceof PyClass)) return raise("TypeError", "issubclass() arg 1 must be a class");
  if (cls instanceof PyInstance && cls.cls === aliasClass)
    return isSubclass(py, sub, cls.attrs.get("__origin__") as Value);
  if (cls instanceof PyClass) {
    if (sub === cls) return true;
    const check = custom(cls, "__subclasscheck__");
    if (check !== undefined) return truth(py, call(py, check, [cls, sub]));
    return sub.isSubclassOf(cls) || (sub.unknownBase ?? false);
  }
  const check = specialMethod(py, cls, "__subclasscheck__");
  if (check !== undefined) return truth(py, call(py, check, [sub]));
  return raise("TypeError", "issubclass() arg 2 must be a class, a tuple of classes, or a union");
}

function alternatives(cls: Value): readonly Value[] | undefined {
  if (cls instanceof PyTuple) return cls.items;
  return cls instanceof PyInstance && cls.cls === unionClass ? membersOf(cls) : undefined;
}

function some(classes: readonly Value[], test: (cls: Value) => boolean | Unknown): boolean | Unknown {
  let doubt: Unknown | undefined;
  for (const cls of classes) {
    const answer = test(cls);
    if (answer === true) return true;
    if (answer instanceof Unknown) doubt ??= answer;
  }
  return doubt ?? false;
}

/** A check that the class's metaclass brings. */
function custom(cls: PyClass, name: string): Value | undefined {
  if (cls.cls === types.type) return undefined;
  const check = cls.cls.lookup(name);
  return check === types.type.dict.get(name) ? undefined : check;
}
