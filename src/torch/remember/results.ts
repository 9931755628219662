/** What a call left to its caller, kept apart from what becomes of it, so that a twin of the call can leave the same. */
import type { Reading } from "../../python/remember/reads.ts";
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
} from "../../python/values.ts";
import { type Copying, copyTensor } from "../../trace/copies.ts";
import { TensorObject } from "../tensorObject.ts";

/** Values as a call left them: what it made is copied, what it was given stands for itself. */
export interface Left {
  readonly result: Value;
  /** The tensors that it made and that are its caller's to release, in order. */
  readonly owned: readonly TensorObject[];
  /** What of all that was copied. */
  readonly own: ReadonlySet<object>;
}

/** Nothing where the call left something that has a life of its own: a function, an iterator, an object that nobody read. */
export function leftOf(reading: Reading, result: Value, owned: readonly TensorObject[]): Left | undefined {
  const copies = new Map<PyObject, PyObject>();
  for (const object of owned) {
    if (object.grad !== null || object.released) return undefined;
    copies.set(object, new TensorObject(object.value, object.cls));
  }
  const copier = new Copier(copies, (value) =>
    value.born <= reading.start && reading.seen.has(value) ? value : undefined,
  );
  const copied = copier.copy(result);
  for (const object of owned) {
    const copy = copies.get(object) as TensorObject;
    copy.stored = object.stored;
    copier.fillAttributes(object, copy);
  }
  if (copied === undefined || copier.failed) return undefined;
  return { result: copied, owned: owned.map((one) => copies.get(one) as TensorObject), own: new Set(copies.values()) };
}

/** The same for a twin: fresh objects around the copied tensors. */
export function leave(left: Left, copying: Copying): { result: Value; owned: TensorObject[] } {
  const copies = new Map<PyObject, PyObject>();
  const owned = left.owned.map((object) => {
    const copy = new TensorObject(copyTensor(copying, object.value), object.cls);
    copy.stored = object.stored;
    copies.set(object, copy);
    return copy;
  });
  const copier = new Copier(copies, (value) =>
    left.own.has(value) ? undefined : (copying.copies.get(value) as PyObject | undefined),
  );
  const result = copier.copy(left.result) as Value;
  left.owned.forEach((object, i) => {
    copier.fillAttributes(object, owned[i] as TensorObject);
  });
  return { result, owned };
}

/** Copies values with all that is in them. */
export class Copier {
  failed = false;

  constructor(
    private readonly copies: Map<PyObject, PyObject>,
    /** What stands for an object that is not to be copied. */
    private readonly outside: (object: PyObject) => PyObject | undefined,
    private readonly plain: (value: Value) => Value = (value) => value,
  ) {}

  copy(value: Value): Value | undefined {
    if (!(value instanceof PyObject)) return this.plain(value);
    const known = this.copies.get(value) ?? this.outside(value);
    if (known !== undefined) return known;
    const copy = this.shell(value);
    if (!copy) {
      this.failed = true;
      return undefined;
    }
    this.copies.set(value, copy);
    this.fill(value, copy);
    return copy;
  }

  private shell(value: PyObject): PyObject | undefined {
    if (value instanceof PyList) return new PyList([], value.cls);
    if (value instanceof PyTuple) return new PyTuple(this.items(value.items), value.cls);
    if (value instanceof PyDict) return new PyDict(new Map(), value.cls);
    if (value instanceof PySet) return new PySet(new Map(), value.cls);
    if (value instanceof PyInstance && (typeof value.payload !== "object" || value.payload === null))
      return new PyInstance(value.cls, new Map(), value.payload);
    return value instanceof PySlice || value instanceof PyRange || value instanceof PyBytes ? value : undefined;
  }

  private items(items: readonly Value[]): Value[] {
    return items.map((one) => this.copy(one) as Value);
  }

  private fill(from: PyObject, to: PyObject): void {
    if (from === to) return;
    if (from instanceof PyList) (to as PyList).items.push(...this.items(from.items));
    else if (from instanceof PyDict) {
      for (const [hash, [key, value]] of from.entries) {
        if (key instanceof PyObject) this.failed = true;
        (to as PyDict).entries.set(hash, [key, this.copy(value) as Value]);
      }
    } else if (from instanceof PySet) {
      for (const [hash, value] of from.entries) {
        if (value instanceof PyObject) this.failed = true;
        (to as PySet).entries.set(hash, value);
      }
    }
    this.fillAttributes(from, to);
  }

  fillAttributes(from: PyObject, to: PyObject): void {
    if (!from.attrs || from.attrs.size === 0) return;
    to.attrs ??= new Map();
    for (const [name, value] of from.attrs) to.attrs.set(name, this.copy(value) as Value);
  }
}
