/** Collections in brackets, as YAML writes them on one line. */
import type { Interpreter } from "../interpreter.ts";
import { dictSet } from "../keys.ts";
import { PyDict, PyList, type Value } from "../values.ts";
import { scalarValue, unquoted } from "./yamlScalars.ts";

/** The value of the whole text; undefined where a bracket or a quote is still open. */
export function flowValue(py: Interpreter, text: string, anchors: ReadonlyMap<string, Value>): Value | undefined {
  const cursor: Cursor = { py, text, at: 0, anchors };
  try {
    return item(cursor);
  } catch (error) {
    if (error === open) return undefined;
    throw error;
  }
}

/** Thrown where the text ends too early. */
const open = new (class Open {})();

interface Cursor {
  readonly py: Interpreter;
  readonly text: string;
  at: number;
  readonly anchors: ReadonlyMap<string, Value>;
}

function blank(cursor: Cursor): string {
  while (/\s/.test(cursor.text[cursor.at] ?? "")) cursor.at++;
  const next = cursor.text[cursor.at];
  if (next === undefined) throw open;
  return next;
}

function item(cursor: Cursor): Value {
  const next = blank(cursor);
  if (next === "[") return list(cursor);
  if (next === "{") return dictionary(cursor);
  if (next === '"' || next === "'") return quoted(cursor, next);
  const plain =
    /^(?:[^,[\]{}:]|:(?![\s,[\]{}]|$)|\((?:[^()]|\([^()]*\))*\))*/.exec(cursor.text.slice(cursor.at))?.[0] ?? "";
  cursor.at += plain.length;
  if (plain.startsWith("*")) return cursor.anchors.get(plain.slice(1).trim()) ?? null;
  return scalarValue(plain);
}

function quoted(cursor: Cursor, quote: string): string {
  const pattern = quote === '"' ? /^"(?:[^"\\]|\\.)*"/ : /^'(?:[^']|'')*'/;
  const found = pattern.exec(cursor.text.slice(cursor.at))?.[0];
  if (found === undefined) throw open;
  cursor.at += found.length;
  return unquoted(found);
}

function list(cursor: Cursor): Value {
  const made = new PyList();
  cursor.at++;
  while (blank(cursor) !== "]") {
    made.items.push(item(cursor));
    const next = blank(cursor);
    if (next === ":") {
      // A single pair in a list is a dictionary of its own.
      cursor.at++;
      const pair = new PyDict();
      dictSet(cursor.py, pair, made.items.pop() as Value, item(cursor));
      made.items.push(pair);
    }
    if (blank(cursor) === ",") cursor.at++;
  }
  cursor.at++;
  return made;
}

function dictionary(cursor: Cursor): Value {
  const made = new PyDict();
  cursor.at++;
  while (blank(cursor) !== "}") {
    const key = item(cursor);
    let held: Value = null;
    if (blank(cursor) === ":") {
      cursor.at++;
      held = /[,}]/.test(blank(cursor)) ? null : item(cursor);
    }
    dictSet(cursor.py, made, key, held);
    if (blank(cursor) === ",") cursor.at++;
  }
  cursor.at++;
  return made;
}
