/** Python's numbers read as JavaScript's. */
import { Unknown } from "../base/unknown.ts";
import { Float } from "../tensor/scalar.ts";
import { SymInt } from "../tensor/size.ts";
import { findAttribute } from "./attributes.ts";
import { call } from "./calls.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { typeOf, types } from "./types.ts";
import { PyInstance, type Value } from "./values.ts";

/** The integer of an int, a bool, a sized int or an instance of a subclass of int; undefined for anything else. */
export function intOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (value instanceof SymInt) return value.hint;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof PyInstance && value.cls.layout === "int") return intOf(value.payload as Value);
  return undefined;
}

/** The number of an int or a float. */
export function numberOf(value: Value): number | undefined {
  if (value instanceof Float) return value.value;
  if (value instanceof PyInstance && value.cls.layout === "float") return numberOf(value.payload as Value);
  return intOf(value);
}

/** A value of a str, int or float subclass as the plain value; others as they are. */
export function plain(value: Value): Value {
  if (!(value instanceof PyInstance)) return value;
  const { layout } = value.cls;
  return layout === "str" || layout === "int" || layout === "float" ? (value.payload as Value) : value;
}

export function isInt(value: Value): boolean {
  return typeOf(value).isSubclassOf(types.int);
}

/** The text of a str or of an instance of a subclass of str; undefined for anything else. */
export function textOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof PyInstance && value.cls.layout === "str" ? (value.payload as string) : undefined;
}

/** An index: ints, and what has `__index__`. Raises TypeError. An unknown raises too: callers ask for it first. */
export function asIndex(py: Interpreter, value: Value): number {
  const int = intOf(value);
  if (int !== undefined) return int;
  if (!(value instanceof Unknown)) {
    const method = findAttribute(py, value, "__index__");
    if (method !== undefined) {
      const index = intOf(call(py, method, []));
      if (index !== undefined) return index;
    }
  }
  return raise("TypeError", `'${typeOf(value).name}' object cannot be interpreted as an integer`);
}

/** An int result: a bigint where a number would lose digits. */
export function exactInt(value: number, exact: () => bigint): number | bigint {
  return Number.isSafeInteger(value) ? value : narrow(exact());
}

/** A bigint as a number where it fits. */
export function narrow(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
