import { Unknown } from "../base/unknown.ts";
import { call, resume, specialMethod } from "./calls.ts";
import { PyError, raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { asIndex, intOf, textOf } from "./numbers.ts";
import { exceptionTypes, typeOf } from "./types.ts";
import {
  PyBytes,
  PyClass,
  PyDict,
  PyGenerator,
  PyIterator,
  PyList,
  PyRange,
  PySet,
  PyTuple,
  type Value,
} from "./values.ts";

/** What `iterate` gives where the items are not known: none. */
export const unknownItems = (): Value | undefined => undefined;

/**
 * What gives a value's items one by one, `undefined` at the end. Raises TypeError for what cannot be iterated. An unknown
 * gives none, and that is noted.
 */
export function iterate(py: Interpreter, value: Value): () => Value | undefined {
  if (value instanceof PyIterator) return value.next;
  if (value instanceof PyGenerator) return () => resume(py, value, null);
  if (value instanceof Unknown) {
    py.note("unknown-loop", `what is iterated is not known: ${value.reason}`);
    return unknownItems;
  }
  const custom = specialMethod(py, value, "__iter__");
  if (custom !== undefined && !isBuiltin(value)) {
    const iterator = call(py, custom, []);
    return iterator === value ? nextOf(py, value) : iterate(py, iterator);
  }
  if (value instanceof PyList || value instanceof PyTuple) {
    const { items } = value;
    let i = 0;
    return () => (i < items.length ? items[i++] : undefined);
  }
  const text = textOf(value);
  if (text !== undefined) return fromArray([...text]);
  if (value instanceof PyDict) return fromIterator(value.entries.values(), ([key]) => key);
  if (value instanceof PySet) return fromIterator(value.entries.values(), (item) => item);
  if (value instanceof PyRange) {
    const { step } = value;
    const stop = intOf(value.stop) as number;
    let i = intOf(value.start) as number;
    return () => {
      if (step > 0 ? i >= stop : i <= stop) return undefined;
      const now = i;
      i += step;
      return now;
    };
  }
  if (value instanceof PyBytes) return fromArray([...value.text].map((char) => char.charCodeAt(0)));
  if (custom !== undefined) return iterate(py, call(py, custom, []));
  if (specialMethod(py, value, "__next__") !== undefined) return nextOf(py, value);
  const getItem = specialMethod(py, value, "__getitem__");
  if (getItem !== undefined && !(value instanceof PyClass)) return bySubscript(py, getItem);
  const { unknownBase } = typeOf(value);
  return unknownBase ? iterate(py, unknownBase) : raise("TypeError", `'${typeOf(value).name}' object is not iterable`);
}

/** All items. An unknown gives none, and that is noted. */
export function toArray(py: Interpreter, value: Value): Value[] {
  if ((value instanceof PyList || value instanceof PyTuple) && isBuiltin(value)) return [...value.items];
  const all: Value[] = [];
  const next = iterate(py, value);
  return holding(py, all, () => {
    for (let item = next(); item !== undefined; item = next()) {
      py.budget.step();
      py.budget.allocate(1);
      all.push(item);
    }
    return all;
  });
}

/** Does something that may run Python code, while the running call holds values that no variable has. */
export function holding<T>({ frame }: Interpreter, values: readonly Value[], run: () => T): T {
  frame?.temporaries.push(values);
  const result = run();
  frame?.temporaries.pop();
  return result;
}

function isBuiltin(value: Value): boolean {
  const cls = typeOf(value);
  return cls.module === "builtins" || (cls.lookup("__iter__") === undefined && cls.layout !== "object");
}

function nextOf(py: Interpreter, iterator: Value): () => Value | undefined {
  return () => {
    const method =
      specialMethod(py, iterator, "__next__") ??
      raise("TypeError", `iter() returned non-iterator of type '${typeOf(iterator).name}'`);
    try {
      const item = call(py, method, []);
      if (item instanceof Unknown) {
        py.note("unknown-loop", `what is iterated is not known: ${item.reason}`);
        return undefined;
      }
      return item;
    } catch (error) {
      if (error instanceof PyError && error.type.isSubclassOf(exceptionTypes.get("StopIteration") as PyClass))
        return undefined;
      throw error;
    }
  };
}

function bySubscript(py: Interpreter, getItem: Value): () => Value | undefined {
  let i = 0;
  return () => {
    try {
      return call(py, getItem, [i++]);
    } catch (error) {
      if (error instanceof PyError && error.type.isSubclassOf(exceptionTypes.get("IndexError") as PyClass))
        return undefined;
      throw error;
    }
  };
}

function fromArray(items: readonly Value[]): () => Value | undefined {
  let i = 0;
  return () => items[i++];
}

function fromIterator<T>(iterator: Iterator<T>, read: (item: T) => Value): () => Value | undefined {
  return () => {
    const { done, value } = iterator.next();
    return done ? undefined : read(value);
  };
}

/** A range's length. */
export function rangeLength(range: PyRange): number {
  const start = intOf(range.start) as number;
  const stop = intOf(range.stop) as number;
  return Math.max(0, Math.ceil((stop - start) / range.step));
}

/** The number of items, as `len`. Raises TypeError; unknown where the object says so. */
export function lengthOf(py: Interpreter, value: Value): Value {
  if (value instanceof Unknown) return value;
  const custom = specialMethod(py, value, "__len__");
  if (custom !== undefined && !isBuiltin(value)) {
    const length = call(py, custom, []);
    return length instanceof Unknown
      ? length
      : typeof length === "object" && length !== null
        ? length
        : asIndex(py, length);
  }
  if (value instanceof PyList || value instanceof PyTuple) return value.items.length;
  if (value instanceof PyDict || value instanceof PySet) return value.entries.size;
  const text = textOf(value);
  if (text !== undefined) return [...text].length;
  if (value instanceof PyRange) return rangeLength(value);
  if (value instanceof PyBytes) return value.text.length;
  if (custom !== undefined) return call(py, custom, []);
  return typeOf(value).unknownBase ?? raise("TypeError", `object of type '${typeOf(value).name}' has no len()`);
}
