/** Operators and truth. */
import { Unknown } from "../base/unknown.ts";
import type { BinaryOperator } from "../syntax/ast.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { SymInt } from "../tensor/size.ts";
import { arithmetic } from "./arithmetic.ts";
import { call, specialMethod } from "./calls.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { iterate } from "./iteration.ts";
import { intOf, numberOf, plain, textOf } from "./numbers.ts";
import { followedTruth, following, isFollowed } from "./remember/buildTags.ts";
import { sequenceOperation } from "./sequences.ts";
import { percentFormat } from "./text.ts";
import { notImplemented, typeOf, types } from "./types.ts";
import { PyBytes, PyDict, PyInstance, PyList, PyObject, PySet, PyTuple, type Value } from "./values.ts";

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
  return (
    left.unknownBase ??
    right.unknownBase ??
    raise("TypeError", `unsupported operand type(s) for ${op}: '${left.name}' and '${right.name}'`)
  );
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

/** What the method gives for the other operand; undefined where there is none, or where it gives NotImplemented. */
export function attempt(py: Interpreter, value: Value, name: string, other: Value): Value | undefined {
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
  return method === undefined
    ? (typeOf(value).unknownBase ?? raise("TypeError", `bad operand type for unary ${op}: '${typeOf(value).name}'`))
    : call(py, method, []);
}

/** Whether a value counts as true; unknown where that cannot be known. */
export function truth(py: Interpreter, value: Value): boolean | Unknown {
  if (typeof value === "boolean") return value;
  if (value === null) return false;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string") return value !== "";
  if (value instanceof Unknown) return value;
  // Only a subclass can say otherwise.
  if (value instanceof PyDict && value.cls === types.dict) return value.entries.size > 0;
  if (value instanceof PyList && value.cls === types.list) return value.items.length > 0;
  if (value instanceof PyTuple && value.cls === types.tuple) return value.items.length > 0;
  const bare = plain(value);
  if (typeof bare === "string") return bare !== "";
  if (following.count > 0 && isFollowed(bare)) return followedTruth(bare);
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
