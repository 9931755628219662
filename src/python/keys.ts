/** Hash keys and the dict and set operations on them. */
import { Unknown } from "../base/unknown.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { SymInt } from "../tensor/size.ts";
import { call } from "./calls.ts";
import { equal } from "./comparisons.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { intOf } from "./numbers.ts";
import { FollowedInt, followedEntry, following } from "./remember/buildTags.ts";
import { stored } from "./stored.ts";
import { exceptionTypes, typeOf, types } from "./types.ts";
import { BoundMethod, PyBytes, PyDict, PyInstance, PyList, PyObject, PySet, PyTuple, type Value } from "./values.ts";

/**
 * The key under which Python's hash and equality find a value: a JavaScript primitive for plain values, so that
 * `1`, `1.0` and `True` meet, the object itself where equality is identity. Raises TypeError for what is not hashable.
 */
export function keyOf(py: Interpreter, value: Value): unknown {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
      return value;
    case "boolean":
      return Number(value);
  }
  if (value === null) return null;
  if (value instanceof SymInt) return value.hint;
  if (value instanceof Float) return value.value;
  if (value instanceof Complex) return `\u0000c${value.re},${value.im}`;
  if (value instanceof PyTuple) return tupleKey(py, value);
  if (value instanceof PyBytes) return `\u0000b${value.text}`;
  if (value instanceof PySet && value.cls.isSubclassOf(types.frozenset)) {
    return `\u0000{${[...value.entries.keys()]
      .map((key) => partOf(py, key))
      .sort()
      .join("\u0001")}`;
  }
  if (value instanceof PyList || value instanceof PyDict || value instanceof PySet) {
    return value.cls.lookup("__hash__")
      ? hashKey(py, value)
      : raise("TypeError", `unhashable type: '${value.cls.name}'`);
  }
  if (value instanceof BoundMethod)
    return `\u0000m${partOf(py, identity(py, value.func))}.${partOf(py, identity(py, value.self as PyObject))}`;
  if (value instanceof PyInstance) {
    const { layout } = value.cls;
    if (layout === "str" || layout === "int" || layout === "float") return keyOf(py, value.payload as Value);
    return hashKey(py, value);
  }
  return value;
}

/** Kept by the tuple where its items say it all, since what is looked up once is often looked up again. */
function tupleKey(py: Interpreter, tuple: PyTuple): string {
  if (tuple.key !== undefined) return tuple.key;
  const { items } = tuple;
  if (items.length === 2 && isSmall(items[0]) && isSmall(items[1])) {
    tuple.key = pairKey(items[0], items[1]);
    return tuple.key;
  }
  let text = "\u0000(";
  let plain = true;
  for (const item of items) {
    if (typeof item === "number") text += `number:${item}\u0001`;
    else {
      if (typeof item !== "string") plain = false;
      text += `${partOf(py, keyOf(py, item))}\u0001`;
    }
  }
  if (plain) tuple.key = text;
  return text;
}

const small = 512;
const pairs = new Map<number, string>();

function isSmall(value: Value | undefined): value is number {
  return typeof value === "number" && value >= 0 && value < small;
}

/** Positions on a grid and distances between them: few of them, asked for millions of times by position tables. */
function pairKey(a: number, b: number): string {
  const at = a * small + b;
  let text = pairs.get(at);
  if (text === undefined) pairs.set(at, (text = `\u0000(number:${a}\u0001number:${b}\u0001`));
  return text;
}

function hashKey(py: Interpreter, value: PyObject): unknown {
  const method = value.cls.lookup("__hash__");
  if (method === undefined || method === types.object.dict.get("__hash__")) return value;
  if (method === null) return raise("TypeError", `unhashable type: '${value.cls.name}'`);
  const hash = intOf(call(py, method, [value]));
  if (hash === undefined) return value;
  // Equal objects with equal hashes share a key: the first seen of them stands for all.
  const table = hashed(py);
  const key = `\u0000h${hash}`;
  const same = table.get(key) ?? [];
  const twin = same.find((other) => other === value || equal(py, other, value));
  if (twin === undefined) table.set(key, [...same, value]);
  return twin ?? value;
}

function hashed(py: Interpreter): Map<string, PyObject[]> {
  const table = (py.extensions.get("hashed") as Map<string, PyObject[]> | undefined) ?? new Map<string, PyObject[]>();
  py.extensions.set("hashed", table);
  return table;
}

/** A key as a part of a longer text key. */
function partOf(py: Interpreter, key: unknown): string {
  return typeof key === "object" && key !== null ? identity(py, key) : `${typeof key}:${String(key)}`;
}

function identity(py: Interpreter, object: object): string {
  return `#${numberOf(py, object)}`;
}

/** Objects by the order in which somebody asked; none is kept alive by that. */
interface Identities {
  readonly ids: WeakMap<object, number>;
  next: number;
}

function numberOf(py: Interpreter, object: object): number {
  const known = py.extensions.get("identities") as Identities | undefined;
  const table = known ?? { ids: new WeakMap<object, number>(), next: 0 };
  if (!known) py.extensions.set("identities", table);
  let id = table.ids.get(object);
  if (id === undefined) table.ids.set(object, (id = table.next++));
  return id;
}

/** A number that tells the object from others, as `id()` gives. */
export function identityOf(py: Interpreter, value: Value): number {
  return value instanceof PyObject ? numberOf(py, value) + 1000 : 1;
}

export function dictGet(py: Interpreter, dict: PyDict, key: Value): Value | undefined {
  if (following.count > 0 && key instanceof FollowedInt) return followedEntry(dict.entries, key);
  return dict.entries.get(keyOf(py, key))?.[1];
}

export function dictSet(py: Interpreter, dict: PyDict, key: Value, value: Value): void {
  py.budget.allocate(1);
  stored(value, dict);
  const hash = keyOf(py, key);
  // The first key stays, as in Python.
  dict.entries.set(hash, [dict.entries.get(hash)?.[0] ?? key, value]);
}

export function dictDelete(py: Interpreter, dict: PyDict, key: Value): boolean {
  return dict.entries.delete(keyOf(py, key));
}

export function setAdd(py: Interpreter, set: PySet, value: Value): void {
  py.budget.allocate(1);
  stored(value, set);
  const key = keyOf(py, value);
  if (!set.entries.has(key)) set.entries.set(key, value);
}

export function makeDict(py: Interpreter, pairs: Iterable<readonly [Value, Value]>): PyDict {
  const dict = new PyDict();
  for (const [key, value] of pairs) dictSet(py, dict, key, value);
  return dict;
}

export function makeSet(py: Interpreter, values: Iterable<Value>): PySet {
  const set = new PySet();
  for (const value of values) setAdd(py, set, value);
  return set;
}

/** A dict whose keys are names. */
export function namesDict(names: Iterable<readonly [string, Value]>): PyDict {
  const dict = new PyDict();
  for (const [name, value] of names) dict.entries.set(name, [name, value]);
  return dict;
}

/** Whether an exception is of the built-in type or descends from it. */
export function isException(value: Value, name: string): boolean {
  const type = exceptionTypes.get(name);
  return type !== undefined && !(value instanceof Unknown) && typeOf(value).isSubclassOf(type);
}
