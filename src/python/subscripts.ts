/** `a[i]`, `a[i] = v` and `del a[i]` on built-in containers, and the methods of everything else. */
import { Unknown } from "../base/unknown.ts";
import { getAttribute } from "./attributes.ts";
import { call, specialMethod } from "./calls.ts";
import { exception, PyError, raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { rangeLength, toArray } from "./iteration.ts";
import { dictDelete, dictGet, dictSet } from "./keys.ts";
import { asIndex, intOf, textOf } from "./numbers.ts";
import { FollowedInt, followedItem, following } from "./remember/buildTags.ts";
import { stored } from "./stored.ts";
import { typeOf, types } from "./types.ts";
import { PyBytes, PyClass, PyDict, PyList, PyObject, PyRange, PySlice, PyTuple, type Value } from "./values.ts";

/** `container[index]`. Raises IndexError, KeyError, TypeError. */
export function getItem(py: Interpreter, container: Value, index: Value): Value {
  if (container instanceof Unknown) return container;
  if (typeof index === "number" && index >= 0) {
    const sequence = container instanceof PyTuple || container instanceof PyList ? container : undefined;
    if (sequence && (sequence.cls === types.tuple || sequence.cls === types.list)) {
      const item = sequence.items[index];
      if (item !== undefined) return item;
    }
  }
  if (container instanceof PyClass) return classItem(py, container, index);
  const cls = typeOf(container);
  const own = cls.module === "builtins" ? undefined : specialMethod(py, container, "__getitem__");
  if (own !== undefined) return call(py, own, [index]);
  if (index instanceof Unknown) return index;
  const unbounded = index instanceof PySlice ? unknownBound(index) : undefined;
  if (unbounded) return unbounded;
  if (container instanceof PyList || container instanceof PyTuple) {
    if (index instanceof PySlice) {
      const items = sliced(py, container.items, index);
      return container instanceof PyList ? new PyList(items) : new PyTuple(items);
    }
    const followed =
      following.count > 0 && index instanceof FollowedInt ? followedItem(container.items, index) : undefined;
    return followed ?? (container.items[position(py, index, container.items.length, cls.name)] as Value);
  }
  if (container instanceof PyDict) {
    const found = dictGet(py, container, index);
    if (found !== undefined) return found;
    const missing = cls.lookup("__missing__");
    return missing !== undefined ? call(py, missing, [container, index]) : keyError(index);
  }
  const text = textOf(container);
  if (text !== undefined) {
    const chars = /^[\x20-\x7f]*$/.test(text) ? text : [...text];
    if (index instanceof PySlice) return sliced(py, [...chars], index).join("");
    return chars[position(py, index, chars.length, "string")] as string;
  }
  if (container instanceof PyRange) return rangeItem(py, container, index);
  if (container instanceof PyBytes) {
    if (index instanceof PySlice) return new PyBytes(sliced(py, [...container.text], index).join(""));
    return container.text.charCodeAt(position(py, index, container.text.length, "bytes"));
  }
  const method = specialMethod(py, container, "__getitem__");
  if (method !== undefined) return call(py, method, [index]);
  return cls.unknownBase ?? raise("TypeError", `'${cls.name}' object is not subscriptable`);
}

function unknownBound({ start, stop, step }: PySlice): Unknown | undefined {
  return [start, stop, step].find((one) => one instanceof Unknown) as Unknown | undefined;
}

export function setItem(py: Interpreter, container: Value, index: Value, value: Value): void {
  if (container instanceof Unknown) return;
  const cls = typeOf(container);
  stored(value, container instanceof PyObject ? container : undefined);
  const own = cls.module === "builtins" ? undefined : specialMethod(py, container, "__setitem__");
  if (own !== undefined) {
    call(py, own, [index, value]);
    return;
  }
  if (index instanceof Unknown) {
    py.note("assumption", `an item is stored at a place that is not known: ${index.reason}`);
    return;
  }
  if (container instanceof PyList) {
    if (index instanceof PySlice) {
      const { start, step, count } = sliceIndices(py, index, container.items.length);
      const values = toArray(py, value);
      for (const one of values) stored(one);
      if (step === 1) container.items.splice(start, count, ...values);
      else if (values.length !== count)
        raise("ValueError", `attempt to assign sequence of size ${values.length} to extended slice of size ${count}`);
      else for (let i = 0; i < count; i++) container.items[start + i * step] = values[i] as Value;
    } else container.items[position(py, index, container.items.length, "list assignment")] = value;
  } else if (container instanceof PyDict) dictSet(py, container, index, value);
  else {
    const method = specialMethod(py, container, "__setitem__");
    if (method !== undefined) call(py, method, [index, value]);
    else if (!cls.unknownBase) raise("TypeError", `'${cls.name}' object does not support item assignment`);
  }
}

export function deleteItem(py: Interpreter, container: Value, index: Value): void {
  if (container instanceof Unknown || index instanceof Unknown) return;
  const cls = typeOf(container);
  const own = cls.module === "builtins" ? undefined : specialMethod(py, container, "__delitem__");
  if (own !== undefined) {
    call(py, own, [index]);
    return;
  }
  if (container instanceof PyList) {
    if (index instanceof PySlice) {
      const { start, step, count } = sliceIndices(py, index, container.items.length);
      const gone = new Set(Array.from({ length: count }, (_, i) => start + i * step));
      const kept = container.items.filter((_, i) => !gone.has(i));
      container.items.splice(0, container.items.length, ...kept);
    } else container.items.splice(position(py, index, container.items.length, "list assignment"), 1);
  } else if (container instanceof PyDict) {
    if (!dictDelete(py, container, index)) keyError(index);
  } else {
    const method = specialMethod(py, container, "__delitem__");
    if (method === undefined) raise("TypeError", `'${cls.name}' object doesn't support item deletion`);
    call(py, method, [index]);
  }
}

/** A slice's bounds within a length, as `slice.indices` gives them, and how many items it takes. */
export function sliceIndices(
  py: Interpreter,
  { start, stop, step }: PySlice,
  length: number,
): { start: number; stop: number; step: number; count: number } {
  const by = step === null ? 1 : asIndex(py, step);
  if (by === 0) raise("ValueError", "slice step cannot be zero");
  const clamp = (value: Value, otherwise: number) => {
    if (value === null) return otherwise;
    const at = asIndex(py, value);
    const low = by > 0 ? 0 : -1;
    const high = by > 0 ? length : length - 1;
    return Math.min(Math.max(at < 0 ? at + length : at, low), high);
  };
  const from = clamp(start, by > 0 ? 0 : length - 1);
  const to = clamp(stop, by > 0 ? length : -1);
  return { start: from, stop: to, step: by, count: Math.max(0, Math.ceil((to - from) / by)) };
}

function sliced<T>(py: Interpreter, items: readonly T[], slice: PySlice): T[] {
  const { start, step, count } = sliceIndices(py, slice, items.length);
  py.budget.allocate(count);
  if (step === 1) return items.slice(start, start + count);
  return Array.from({ length: count }, (_, i) => items[start + i * step] as T);
}

function position(py: Interpreter, index: Value, length: number, what: string): number {
  const at =
    intOf(index) ??
    (index instanceof PyObject
      ? asIndex(py, index)
      : raise("TypeError", `${what} indices must be integers or slices, not ${typeOf(index).name}`));
  const from = at < 0 ? at + length : at;
  return from >= 0 && from < length ? from : raise("IndexError", `${what} index out of range`);
}

function rangeItem(py: Interpreter, range: PyRange, index: Value): Value {
  const length = rangeLength(range);
  const start = intOf(range.start) as number;
  if (index instanceof PySlice) {
    const part = sliceIndices(py, index, length);
    return new PyRange(start + part.start * range.step, start + part.stop * range.step, range.step * part.step);
  }
  return start + position(py, index, length, "range object") * range.step;
}

/** `list[int]`, `Generic[T]`: the class itself, unless it says otherwise. */
function classItem(py: Interpreter, cls: PyClass, index: Value): Value {
  const meta = cls.cls.lookup("__getitem__");
  if (meta !== undefined) return call(py, meta, [cls, index]);
  if (cls.lookup("__class_getitem__") !== undefined)
    return call(py, getAttribute(py, cls, "__class_getitem__"), [index]);
  if (cls.module === "builtins" || cls.unknownBase) return cls;
  return raise("TypeError", `type '${cls.name}' is not subscriptable`);
}

function keyError(key: Value): never {
  throw new PyError(exception("KeyError", key));
}
