/** Everything that Python code finds without importing it. */
import "./bytes.ts";
import "./descriptors.ts";
import "./dict.ts";
import "./exception.ts";
import "./function.ts";
import "./list.ts";
import "./module.ts";
import "./numbers.ts";
import "./object.ts";
import "./operatorMethods.ts";
import "./range.ts";
import "./set.ts";
import "./str.ts";
import "./tuple.ts";
import "./type.ts";
import type { Interpreter } from "../interpreter.ts";
import { ellipsis, exceptionTypes, notImplemented, types } from "../types.ts";
import type { Value } from "../values.ts";
import { arithmetic } from "./arithmetic.ts";
import { inspecting } from "./inspecting.ts";
import { iterating } from "./iterating.ts";
import { iteratorClasses } from "./iterators.ts";
import { running } from "./running.ts";

const {
  object,
  type,
  int,
  bool,
  float,
  complex,
  str,
  bytes,
  bytearray,
  tuple,
  list,
  dict,
  set,
  frozenset,
  slice,
  range,
} = types;
const { property, staticmethod, classmethod, super: superClass } = types;

const classes = [
  ...[object, type, int, bool, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset, slice, range],
  ...[property, staticmethod, classmethod, superClass],
  ...Object.values(iteratorClasses),
  ...exceptionTypes.values(),
];

const named: readonly (readonly [string, Value])[] = [
  ...classes.map((cls) => [cls.name, cls] as const),
  ...[...arithmetic, ...inspecting, ...iterating, ...running].map((func) => [func.name, func] as const),
  ["IOError", exceptionTypes.get("OSError") ?? null],
  ["EnvironmentError", exceptionTypes.get("OSError") ?? null],
  ["Ellipsis", ellipsis],
  ["NotImplemented", notImplemented],
  ["memoryview", bytes],
  ["__debug__", true],
];

/** Fills an interpreter's built-in names. */
export function installBuiltins(py: Interpreter): void {
  for (const [name, value] of named) py.builtins.set(name, value);
}
