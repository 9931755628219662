/** Comparisons: identity, equality, order, membership. */
import { Unknown } from "../base/unknown.ts";
import type { ComparisonOperator } from "../syntax/ast.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { SymInt } from "../tensor/size.ts";
import { call, specialMethod } from "./calls.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { iterate } from "./iteration.ts";
import { keyOf } from "./keys.ts";
import { intOf, numberOf, plain, textOf } from "./numbers.ts";
import { attempt, isTrue, truth } from "./operators.ts";
import { FollowedInt, followedComparison, followedEntry, following } from "./remember/buildTags.ts";
import { typeOf, types } from "./types.ts";
import {
  PyBytes,
  PyDict,
  PyInstance,
  PyList,
  PyObject,
  PyRange,
  PySet,
  PySlice,
  PyTuple,
  type Value,
} from "./values.ts";

const comparisons: Record<string, readonly [method: string, reflected: string]> = {
  "<": ["__lt__", "__gt__"],
  "<=": ["__le__", "__ge__"],
  ">": ["__gt__", "__lt__"],
  ">=": ["__ge__", "__le__"],
  "==": ["__eq__", "__eq__"],
  "!=": ["__ne__", "__ne__"],
};

export function compare(py: Interpreter, op: ComparisonOperator, a: Value, b: Value): Value {
  switch (op) {
    case "is":
      return same(a, b);
    case "is not": {
      const answer = same(a, b);
      return answer instanceof Unknown ? answer : !answer;
    }
    case "in":
      return membership(py, a, b);
    case "not in": {
      const answer = membership(py, a, b);
      return answer instanceof Unknown ? answer : !answer;
    }
    case "==":
    case "!=":
      return equality(py, op, a, b);
    default:
      return order(py, op, a, b);
  }
}

/** `is`: identity; unknown against None is unknown. */
export function same(a: Value, b: Value): boolean | Unknown {
  if (a === b) return true;
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  if (a === null || b === null) return false;
  if (a instanceof Float && b instanceof Float) return a.value === b.value;
  return a instanceof SymInt && typeof b !== "boolean"
    ? intOf(b) === a.hint
    : b instanceof SymInt && typeof a !== "boolean" && intOf(a) === b.hint;
}

function equality(py: Interpreter, op: "==" | "!=", a: Value, b: Value): Value {
  if (typeof a === "string" && typeof b === "string") return (a === b) === (op === "==");
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  const want = op === "==";
  const [method] = comparisons[op] as readonly [string, string];
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!(one instanceof PyObject)) continue;
    const own = one.cls.lookup(method);
    // What `object` says of equality is identity, which is asked below.
    if (own === undefined || own === types.object.dict.get(method)) continue;
    const result = attempt(py, one, method, other);
    if (result !== undefined) return result;
  }
  if (!want) {
    const answer = equality(py, "==", a, b);
    const decided = truth(py, answer);
    return decided instanceof Unknown ? decided : !decided;
  }
  return structurallyEqual(py, a, b);
}

/** Equality of built-in values; identity of anything else. Unknown parts make it unknown. */
function structurallyEqual(py: Interpreter, left: Value, right: Value): boolean | Unknown {
  if (left === right) return true;
  const a = plain(left);
  const b = plain(right);
  if (typeof a === "string" || typeof b === "string") return a === b;
  const followed = following.count > 0 ? followedComparison("==", a, b) : undefined;
  if (followed !== undefined) return followed;
  const x = numberOf(a);
  const y = numberOf(b);
  if (x !== undefined || y !== undefined)
    return x !== undefined && y !== undefined && (typeof a === "bigint" && typeof b === "bigint" ? a === b : x === y);
  if ((a instanceof PyTuple && b instanceof PyTuple) || (a instanceof PyList && b instanceof PyList)) {
    if (a.items.length !== b.items.length) return false;
    let doubt: Unknown | undefined;
    for (let i = 0; i < a.items.length; i++) {
      const answer = truth(py, equality(py, "==", a.items[i] as Value, b.items[i] as Value));
      if (answer === false) return false;
      if (answer instanceof Unknown) doubt = answer;
    }
    return doubt ?? true;
  }
  if (a instanceof PyDict && b instanceof PyDict) {
    if (a.entries.size !== b.entries.size) return false;
    for (const [key, [, value]] of a.entries) {
      const other = b.entries.get(key);
      if (!other) return false;
      const answer = truth(py, equality(py, "==", value, other[1]));
      if (answer !== true) return answer;
    }
    return true;
  }
  if (a instanceof PySet && b instanceof PySet)
    return a.entries.size === b.entries.size && [...a.entries.keys()].every((key) => b.entries.has(key));
  if (a instanceof PyRange && b instanceof PyRange)
    return String([intOf(a.start), intOf(a.stop), a.step]) === String([intOf(b.start), intOf(b.stop), b.step]);
  if (a instanceof PyBytes && b instanceof PyBytes) return a.text === b.text;
  if (a instanceof Complex && b instanceof Complex) return a.re === b.re && a.im === b.im;
  if (a instanceof PySlice && b instanceof PySlice)
    return equal(py, a.start, b.start) && equal(py, a.stop, b.stop) && equal(py, a.step, b.step);
  if (a instanceof PyObject && b instanceof PyObject && a.cls.name === "method" && b.cls.name === "method")
    return keyOf(py, a) === keyOf(py, b);
  return false;
}

/** Whether the two are equal; what cannot be known counts as different and is noted. */
export function equal(py: Interpreter, a: Value, b: Value): boolean {
  return isTrue(py, equality(py, "==", a, b));
}

function order(py: Interpreter, op: "<" | "<=" | ">" | ">=", left: Value, right: Value): Value {
  if (left instanceof Unknown) return left;
  if (right instanceof Unknown) return right;
  const a = plain(left);
  const b = plain(right);
  const followed = following.count > 0 ? followedComparison(op, a, b) : undefined;
  if (followed !== undefined) return followed;
  const x = numberOf(a);
  const y = numberOf(b);
  if (x !== undefined && y !== undefined) return ordered(op, x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN);
  if (typeof a === "string" && typeof b === "string") return ordered(op, a < b ? -1 : a > b ? 1 : 0);
  const [method, reflected] = comparisons[op] as readonly [string, string];
  const result = attempt(py, left, method, right) ?? attempt(py, right, reflected, left);
  if (result !== undefined) return result;
  if ((a instanceof PyTuple && b instanceof PyTuple) || (a instanceof PyList && b instanceof PyList)) {
    for (let i = 0; i < Math.min(a.items.length, b.items.length); i++) {
      const one = a.items[i] as Value;
      const other = b.items[i] as Value;
      const answer = truth(py, equality(py, "==", one, other));
      if (answer instanceof Unknown) return answer;
      if (!answer) return order(py, op, one, other);
    }
    return ordered(op, a.items.length - b.items.length);
  }
  if (a instanceof PySet && b instanceof PySet) {
    const [small, large] = op.startsWith("<") ? [a, b] : [b, a];
    const within = [...small.entries.keys()].every((key) => large.entries.has(key));
    return within && (op.length === 2 || small.entries.size < large.entries.size);
  }
  return (
    typeOf(left).unknownBase ??
    typeOf(right).unknownBase ??
    raise("TypeError", `'${op}' not supported between instances of '${typeOf(left).name}' and '${typeOf(right).name}'`)
  );
}

function ordered(op: string, sign: number): boolean {
  return op === "<" ? sign < 0 : op === "<=" ? sign <= 0 : op === ">" ? sign > 0 : sign >= 0;
}

function membership(py: Interpreter, item: Value, container: Value): Value {
  if (container instanceof Unknown) return container;
  const text = textOf(container);
  if (text !== undefined) {
    if (item instanceof Unknown) return item;
    return text.includes(
      textOf(item) ?? raise("TypeError", `'in <string>' requires string as left operand, not ${typeOf(item).name}`),
    );
  }
  // Only a subclass can have a say of its own.
  if (container instanceof PyDict && container.cls === types.dict) {
    if (following.count > 0 && item instanceof FollowedInt) return followedEntry(container.entries, item) !== undefined;
    return item instanceof Unknown ? item : container.entries.has(keyOf(py, item));
  }
  if (container instanceof PyList && container.cls === types.list) return contains(py, container.items, item);
  if (container instanceof PyTuple && container.cls === types.tuple) return contains(py, container.items, item);
  const method = specialMethod(py, container, "__contains__");
  if (
    method !== undefined &&
    container instanceof PyObject &&
    (container instanceof PyInstance || method instanceof PyObject)
  ) {
    const answer = call(py, method, [item]);
    return answer instanceof Unknown ? answer : truth(py, answer);
  }
  if (item instanceof Unknown) return item;
  if (container instanceof PyDict || container instanceof PySet) return container.entries.has(keyOf(py, item));
  if (container instanceof PyRange) {
    const int = intOf(item);
    const start = intOf(container.start) as number;
    const stop = intOf(container.stop) as number;
    if (int === undefined) return false;
    return (
      (container.step > 0 ? int >= start && int < stop : int <= start && int > stop) &&
      (int - start) % container.step === 0
    );
  }
  const next = iterate(py, container);
  for (let one = next(); one !== undefined; one = next()) {
    if (one === item) return true;
    const answer = truth(py, equality(py, "==", one, item));
    if (answer === true || answer instanceof Unknown) return answer;
  }
  return false;
}

/** Whether one of the items is the value or equals it; unknown where that rests on one that is not known. */
export function contains(py: Interpreter, items: readonly Value[], value: Value): boolean | Unknown {
  let doubt: Unknown | undefined;
  for (const item of items) {
    if (item === value && !(item instanceof Unknown)) return true;
    const answer = truth(py, equality(py, "==", item, value));
    if (answer === true) return true;
    if (answer instanceof Unknown) doubt ??= answer;
  }
  return doubt ?? false;
}
