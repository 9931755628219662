/** Operators, comparisons and truth. */
import { Unknown } from "../base/unknown.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { SymInt } from "../tensor/size.ts";
import type { BinaryOperator, ComparisonOperator } from "../syntax/ast.ts";
import { arithmetic } from "./arithmetic.ts";
import { call, specialMethod } from "./calls.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { iterate } from "./iteration.ts";
import { keyOf } from "./keys.ts";
import { intOf, numberOf, plain, textOf } from "./numbers.ts";
import { sequenceOperation } from "./sequences.ts";
import { percentFormat } from "./text.ts";
import { notImplemented, typeOf } from "./types.ts";
import { PyBytes, PyDict, PyInstance, PyList, PyObject, PyRange, PySet, PySlice, PyTuple, type Value } from "./values.ts";

const methods: Record<BinaryOperator, readonly [method: string, reflected: string, inPlace: string]> = {
  "+": ["__add__", "__radd__", "__iadd__"],
  "-": ["__sub__", "__rsub__", "__isub__"],
  "*": ["__mul__", "__rmul__", "__imul__"],
  "/": ["__truediv__", "__rtruediv__", "__itruediv__"],
  "//": ["__floordiv__", "__rfloordiv__", "__ifloordiv__"],
  "%": ["__mod__", "__rmod__", "__imod__"],
  "**": ["__pow__", "__rpow__", "__ipow__"],
  "@": ["__matmul__", "__rmatmul__", "__imatmul__"],
  "<<": ["__lshift__", "__rlshift__", "__ilshift__"],
  ">>": ["__rshift__", "__rrshift__", "__irshift__"],
  "&": ["__and__", "__rand__", "__iand__"],
  "|": ["__or__", "__ror__", "__ior__"],
  "^": ["__xor__", "__rxor__", "__ixor__"],
};

/** `a op b`. Raises TypeError where neither side knows how. */
export function binary(py: Interpreter, op: BinaryOperator, a: Value, b: Value): Value {
  // A subclass of int may have operators of its own.
  const number = a instanceof PyInstance || b instanceof PyInstance ? undefined : arithmetic(py, op, a, b);
  if (number !== undefined) return number;
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown && !(a instanceof PyObject && a.cls.layout === "foreign")) return b;
  const [method, reflected] = methods[op];
  const left = typeOf(a);
  const right = typeOf(b);
  // A subclass on the right that has its own reflected method goes first.
  const rightFirst = right !== left && right.isSubclassOf(left) && right.lookup(reflected) !== left.lookup(reflected);
  if (rightFirst) {
    const result = attempt(py, b, reflected, a);
    if (result !== undefined) return result;
  }
  const result = attempt(py, a, method, b);
  if (result !== undefined) return result;
  if (!rightFirst) {
    const other = attempt(py, b, reflected, a);
    if (other !== undefined) return other;
  }
  const text = textOf(a);
  if (op === "%" && text !== undefined) return percentFormat(py, text, b);
  const sequence = sequenceOperation(py, op, a, b);
  if (sequence !== undefined) return sequence;
  return left.unknownBase ?? right.unknownBase ?? raise("TypeError", `unsupported operand type(s) for ${op}: '${left.name}' and '${right.name}'`);
}

/** `a op= b`: in place where the left side can. */
export function binaryInPlace(py: Interpreter, op: BinaryOperator, a: Value, b: Value): Value {
  if (a instanceof PyObject) {
    const result = attempt(py, a, methods[op][2], b);
    if (result !== undefined) return result;
    if (a instanceof PyList && op === "+") {
      const next = iterate(py, b);
      for (let item = next(); item !== undefined; item = next()) a.items.push(item);
      return a;
    }
  }
  return binary(py, op, a, b);
}

function attempt(py: Interpreter, value: Value, name: string, other: Value): Value | undefined {
  if (!(value instanceof PyObject)) return undefined;
  const method = specialMethod(py, value, name);
  if (method === undefined) return undefined;
  const result = call(py, method, [other]);
  return result === notImplemented ? undefined : result;
}

const unaryMethods = { "-": "__neg__", "+": "__pos__", "~": "__invert__" } as const;

export function unary(py: Interpreter, op: "-" | "+" | "~" | "not", value: Value): Value {
  if (op === "not") {
    const answer = truth(py, value);
    return answer instanceof Unknown ? answer : !answer;
  }
  if (value instanceof Unknown) return value;
  const number = plain(value);
  if (op === "-" && number instanceof Float) return new Float(-number.value);
  if (number instanceof Complex) return op === "-" ? new Complex(-number.re, -number.im) : number;
  if (typeof number === "bigint") return op === "-" ? -number : op === "~" ? ~number : number;
  if (op === "+" && number instanceof Float) return number;
  const int = intOf(number);
  if (int !== undefined) {
    if (op === "-") return number instanceof SymInt ? (arithmetic(py, "*", number, -1) as Value) : 0 - int;
    return op === "~" ? -int - 1 : number === true ? 1 : number === false ? 0 : number;
  }
  const method = specialMethod(py, value, unaryMethods[op]);
  return method === undefined ? (typeOf(value).unknownBase ?? raise("TypeError", `bad operand type for unary ${op}: '${typeOf(value).name}'`)) : call(py, method, []);
}

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
  if (a instanceof Float && b instanceof Float) return a.value === b.value;
  return a instanceof SymInt && typeof b !== "boolean" ? intOf(b) === a.hint : b instanceof SymInt && typeof a !== "boolean" && intOf(a) === b.hint;
}

function equality(py: Interpreter, op: "==" | "!=", a: Value, b: Value): Value {
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  const want = op === "==";
  const [method] = comparisons[op] as readonly [string, string];
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!(one instanceof PyObject) || one.cls.lookup(method) === undefined) continue;
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
  const x = numberOf(a);
  const y = numberOf(b);
  if (x !== undefined || y !== undefined) return x !== undefined && y !== undefined && (typeof a === "bigint" && typeof b === "bigint" ? a === b : x === y);
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
  if (a instanceof PySet && b instanceof PySet) return a.entries.size === b.entries.size && [...a.entries.keys()].every((key) => b.entries.has(key));
  if (a instanceof PyRange && b instanceof PyRange) return String([intOf(a.start), intOf(a.stop), a.step]) === String([intOf(b.start), intOf(b.stop), b.step]);
  if (a instanceof PyBytes && b instanceof PyBytes) return a.text === b.text;
  if (a instanceof Complex && b instanceof Complex) return a.re === b.re && a.im === b.im;
  if (a instanceof PySlice && b instanceof PySlice) return equal(py, a.start, b.start) && equal(py, a.stop, b.stop) && equal(py, a.step, b.step);
  if (a instanceof PyObject && b instanceof PyObject && a.cls.name === "method" && b.cls.name === "method") return keyOf(py, a) === keyOf(py, b);
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
    return text.includes(textOf(item) ?? raise("TypeError", `'in <string>' requires string as left operand, not ${typeOf(item).name}`));
  }
  const method = specialMethod(py, container, "__contains__");
  if (method !== undefined && container instanceof PyObject && (container instanceof PyInstance || method instanceof PyObject)) {
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
    return (container.step > 0 ? int >= start && int < stop : int <= start && int > stop) && (int - start) % container.step === 0;
  }
  const next = iterate(py, container);
  for (let one = next(); one !== undefined; one = next()) {
    if (one === item) return true;
    const answer = truth(py, equality(py, "==", one, item));
    if (answer === true || answer instanceof Unknown) return answer;
  }
  return false;
}

/** Whether a value counts as true; unknown where that cannot be known. */
export function truth(py: Interpreter, value: Value): boolean | Unknown {
  if (typeof value === "boolean") return value;
  if (value === null) return false;
  if (value instanceof Unknown) return value;
  const bare = plain(value);
  if (typeof bare === "string") return bare !== "";
  const number = numberOf(bare);
  if (number !== undefined) return number !== 0;
  if (!(value instanceof PyObject)) return true;
  const asBool = value.cls.lookup("__bool__");
  if (asBool !== undefined) {
    const answer = call(py, specialMethod(py, value, "__bool__") as Value, []);
    return answer instanceof Unknown ? answer : truth(py, answer);
  }
  if (value instanceof PyInstance || value.cls.lookup("__len__") !== undefined) {
    const length = specialMethod(py, value, "__len__");
    if (length === undefined) return true;
    const answer = call(py, length, []);
    return answer instanceof Unknown ? answer : intOf(answer) !== 0;
  }
  if (value instanceof PyList || value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof PyDict || value instanceof PySet) return value.entries.size > 0;
  if (value instanceof PyBytes) return value.text !== "";
  return true;
}

/** Truth where a decision must fall: an unknown counts as false, and the answer's completeness ends there. */
export function isTrue(py: Interpreter, value: Value): boolean {
  const answer = truth(py, value);
  if (answer instanceof Unknown) {
    py.note("assumption", `taken as false: ${answer.reason}`);
    return false;
  }
  return answer;
}
