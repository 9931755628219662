/** Reading and writing properties. */
import { Unknown } from "../../base/unknown.ts";
import { SymInt } from "../../tensor/size.ts";
import { call } from "./calls.ts";
import type { Machine } from "./machine.ts";
import { toText } from "./operators.ts";
import { Accessor, isNullish, JsArray, JsFunction, JsObject, type Value } from "./values.ts";

/** A property of a value. Throws the program's TypeError for those of `undefined` and `null`. */
export function get(machine: Machine, object: Value, key: string): Value {
  if (object instanceof Unknown) return object;
  if (isNullish(object))
    return machine.fail(`Cannot read properties of ${String(object)} (reading '${key}')`, "TypeError");
  if (object instanceof JsArray) {
    if (object.opaque && /^(length|\d+)$/.test(key)) return object.opaque;
    if (key === "length") return object.items.length;
    if (/^\d+$/.test(key)) return object.items[Number(key)];
  }
  if (typeof object === "string") {
    if (key === "length") return object.length;
    if (/^\d+$/.test(key)) return object[Number(key)];
  }
  if (object instanceof JsFunction && key === "name" && !object.props.has("name")) return object.name;
  const from = object instanceof JsObject ? object : prototypeOf(machine, object);
  const found = from.find(key);
  if (!(found instanceof Accessor)) return found;
  return found.get ? call(machine, found.get, object, []) : undefined;
}

function prototypeOf({ prototypes }: Machine, value: Value): JsObject {
  if (typeof value === "string") return prototypes.string;
  return typeof value === "number" || value instanceof SymInt ? prototypes.number : prototypes.boolean;
}

export function set(machine: Machine, object: Value, key: string, value: Value): void {
  if (isNullish(object))
    return machine.fail(`Cannot set properties of ${String(object)} (setting '${key}')`, "TypeError");
  if (!(object instanceof JsObject)) return;
  if (object instanceof JsArray) {
    if (/^\d+$/.test(key)) {
      const index = Number(key);
      if (index > object.items.length + 100_000) return machine.fail("Invalid array length", "RangeError");
      while (object.items.length < index) object.items.push(undefined);
      object.items[index] = value;
      return;
    }
    if (key === "length" && typeof value === "number") {
      object.items.length = Math.min(object.items.length, Math.max(0, value));
      return;
    }
  }
  const found = object.find(key);
  if (found instanceof Accessor) {
    if (found.set) call(machine, found.set, object, [value]);
    return;
  }
  object.props.set(key, value);
}

/** The name under which a computed property stands; unknown where it is not known. */
export function keyOf(value: Value): string | Unknown {
  return toText(value);
}

/** The names that `Object.keys` gives. */
export function keysOf(object: JsObject): string[] {
  if (object instanceof JsArray) return object.items.map((_, i) => String(i));
  return [...object.props.keys()].filter((key) => !key.startsWith("@@") && !key.startsWith("#"));
}
