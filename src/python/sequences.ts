/** `+`, `*` and the set operators on built-in containers and text. */
import type { BinaryOperator } from "../syntax/ast.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { intOf, textOf } from "./numbers.ts";
import { typeOf, types } from "./types.ts";
import { PyBytes, PyDict, PyList, PyObject, PySet, PyTuple, type Value } from "./values.ts";

/** The result where the operator is one of containers or text; undefined otherwise. */
export function sequenceOperation(py: Interpreter, op: BinaryOperator, a: Value, b: Value): Value | undefined {
  if (op === "+") return concatenation(py, a, b);
  if (op === "*") return repetition(py, a, b) ?? repetition(py, b, a);
  if (a instanceof PySet && b instanceof PySet) return setOperation(op, a, b);
  if (op === "|" && a instanceof PyDict && b instanceof PyDict)
    return new PyDict(new Map([...a.entries, ...b.entries]));
  // `int | None` in an annotation is a type like any other.
  if (op === "|" && isTypeLike(a) && isTypeLike(b)) return a === null ? b : a;
  return undefined;
}

function concatenation(py: Interpreter, a: Value, b: Value): Value | undefined {
  const text = textOf(a);
  const more = textOf(b);
  if (text !== undefined && more !== undefined) {
    py.budget.allocate(text.length + more.length);
    return text + more;
  }
  if (text !== undefined) return raise("TypeError", `can only concatenate str (not "${typeOf(b).name}") to str`);
  if (a instanceof PyList && b instanceof PyList) return new PyList(joined(py, a.items, b.items));
  if (a instanceof PyTuple && b instanceof PyTuple) return new PyTuple(joined(py, a.items, b.items));
  if (a instanceof PyBytes && b instanceof PyBytes) return new PyBytes(a.text + b.text);
  return undefined;
}

function joined(py: Interpreter, a: readonly Value[], b: readonly Value[]): Value[] {
  py.budget.allocate(a.length + b.length);
  return [...a, ...b];
}

function repetition(py: Interpreter, sequence: Value, count: Value): Value | undefined {
  const times = intOf(count);
  if (times === undefined) return undefined;
  const text = textOf(sequence);
  const items = sequence instanceof PyList || sequence instanceof PyTuple ? sequence.items : undefined;
  if (text === undefined && items === undefined && !(sequence instanceof PyBytes)) return undefined;
  py.budget.allocate(Math.max(times, 0) * (text ?? items ?? (sequence as PyBytes).text).length);
  const repeat = Math.max(times, 0);
  if (text !== undefined) return text.repeat(repeat);
  if (sequence instanceof PyBytes) return new PyBytes(sequence.text.repeat(repeat));
  const all: Value[] = [];
  for (let i = 0; i < repeat; i++) for (const item of items as readonly Value[]) all.push(item);
  return sequence instanceof PyList ? new PyList(all) : new PyTuple(all);
}

function setOperation(op: BinaryOperator, a: PySet, b: PySet): Value | undefined {
  const keep = (pairs: Iterable<[unknown, Value]>) =>
    new PySet(new Map(pairs), a.cls.isSubclassOf(types.frozenset) ? types.frozenset : types.set);
  switch (op) {
    case "|":
      return keep([...a.entries, ...b.entries]);
    case "&":
      return keep([...a.entries].filter(([key]) => b.entries.has(key)));
    case "-":
      return keep([...a.entries].filter(([key]) => !b.entries.has(key)));
    case "^":
      return keep([
        ...[...a.entries].filter(([key]) => !b.entries.has(key)),
        ...[...b.entries].filter(([key]) => !a.entries.has(key)),
      ]);
    default:
      return undefined;
  }
}

function isTypeLike(value: Value): boolean {
  return (
    value === null ||
    (value instanceof PyObject && (typeOf(value).isSubclassOf(types.type) || value.cls.module === "typing"))
  );
}
