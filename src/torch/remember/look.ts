/** What a tensor shows to those who read it, for the record of what a piece of work read. */
import { Unknown } from "../../base/unknown.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { NdArray } from "../../python/library/numpy/array.ts";
import type { Look, Reading } from "../../python/remember/reads.ts";
import { type Likeness, samePlain } from "../../python/remember/twins.ts";
import { PyObject, type Value } from "../../python/values.ts";
import type { Size } from "../../tensor/size.ts";
import type { GradNode, Storage, Tensor } from "../../tensor/tensor.ts";
import { DeviceObject, DTypeObject, TensorObject } from "../tensorObject.ts";

/** A tensor object as it was first seen. */
export interface TakenTensor {
  readonly kind: "tensor";
  readonly value: Tensor;
  readonly attrs: ReadonlyMap<string, Value> | undefined;
  readonly writer: GradNode | undefined;
  readonly base: Tensor | undefined;
  /** The copy that autocast keeps of it. */
  readonly cast: Tensor | undefined;
  /** Holders of its storage, its node and the storage's writer. */
  readonly holders: ReadonlyMap<Storage | GradNode, number>;
  /** How many tensors of the program's its storage has. */
  readonly tensors: number;
  readonly stored: boolean;
  readonly released: boolean;
}

interface TakenArray {
  readonly kind: "array";
  readonly array: NdArray;
  readonly data: readonly number[] | undefined;
}

interface TakenValue {
  readonly kind: "value";
  readonly text: string;
}

export type Taken = TakenTensor | TakenArray | TakenValue;

/** How tensors, dtypes, devices and arrays are seen. `free`: tensors may be let go of and written to. */
export function lookOf(py: Interpreter, free = false): Look {
  return { take: (object, reading) => take(py, object, reading), unchanged: free ? unchangedButTensors : unchanged };
}

function unchangedButTensors(object: PyObject, taken: Taken): boolean {
  return taken.kind === "tensor" || unchanged(object, taken);
}

function take(py: Interpreter, object: PyObject, reading: Reading): Taken | undefined {
  if (object instanceof DTypeObject) return { kind: "value", text: object.name };
  if (object instanceof DeviceObject) return { kind: "value", text: object.text };
  if (object instanceof NdArray) return { kind: "array", array: object, data: object.data && [...object.data] };
  if (!(object instanceof TensorObject) || object.grad !== null) return undefined;
  const { value, attrs } = object;
  for (const one of attrs?.values() ?? []) if (one instanceof PyObject && one.born <= reading.start) return undefined;
  const { storage, node } = value;
  const cast = castsOf(py)?.get(storage.id);
  const holders = new Map<Storage | GradNode, number>();
  for (const one of [storage, node, storage.writer, cast?.storage, cast?.node]) if (one) holders.set(one, one.holders);
  return {
    kind: "tensor",
    value,
    attrs: attrs && new Map(attrs),
    writer: storage.writer,
    base: storage.base,
    cast,
    holders,
    tensors: storage.tensors,
    stored: object.stored,
    released: object.released,
  };
}

export function castsOf(py: Interpreter): Map<number, Tensor> | undefined {
  return py.extensions.get("autocast weights") as Map<number, Tensor> | undefined;
}

/** Only the numbers in a tensor may have changed: a replay says them again. */
function unchanged(object: PyObject, taken: Taken): boolean {
  if (taken.kind === "array") return sameNumbers(taken.data, taken.array.data);
  if (taken.kind === "value" || !(object instanceof TensorObject)) return true;
  const { value } = taken;
  const now = object.value;
  return (
    object.grad === null &&
    object.released === taken.released &&
    sameAttributes(taken.attrs, object.attrs) &&
    now.storage === value.storage &&
    now.storage.writer === taken.writer &&
    now.node === value.node &&
    now.requiresGrad === value.requiresGrad &&
    sameForm(value, now)
  );
}

/** Compares tensors of two places: all but which memory they are. `free`: what decides when they are let go of, too. */
export function likenessOf(py: Interpreter, free = false): Likeness {
  return {
    same: (taken, here, pair) => same(py, taken as Taken, here, pair) && (!free || sameStored(taken as Taken, here)),
  };
}

function sameStored(taken: Taken, here: PyObject): boolean {
  return taken.kind !== "tensor" || !(here instanceof TensorObject) || here.stored === taken.stored;
}

function same(py: Interpreter, taken: Taken, here: PyObject, pair: (there: object, here: object) => boolean): boolean {
  if (taken.kind === "array") return here === taken.array && sameNumbers(taken.data, taken.array.data);
  if (taken.kind === "value") {
    const text = here instanceof DTypeObject ? here.name : here instanceof DeviceObject ? here.text : undefined;
    return text === taken.text;
  }
  if (!(here instanceof TensorObject) || here.grad !== null || here.released !== taken.released) return false;
  const { value: there } = taken;
  const { value } = here;
  if (!sameForm(there, value) || !sameNumbers(there.data, value.data)) return false;
  if (there.requiresGrad !== value.requiresGrad || (there.output ?? 0) !== (value.output ?? 0)) return false;
  const { storage: from } = there;
  const { storage: to } = value;
  if (from.role !== to.role || from.device !== to.device || !sameBytes(from.bytes, to.bytes)) return false;
  if (!sameAttributes(taken.attrs, here.attrs)) return false;
  return (
    pair(from, to) &&
    pair(there, value) &&
    pairOrNone(there.node, value.node, pair) &&
    pairOrNone(taken.writer, to.writer, pair) &&
    isBehind(there.node, taken.writer) === isBehind(value.node, to.writer) &&
    sameBase(taken.base, to.base, pair) &&
    sameCast(taken.cast, castsOf(py)?.get(to.id), pair)
  );
}

function pairOrNone(
  there: object | undefined,
  here: object | undefined,
  pair: (there: object, here: object) => boolean,
): boolean {
  if (there === undefined || here === undefined) return there === here;
  return pair(there, here);
}

/** Whether memory was written to after a node was made. */
function isBehind(node: GradNode | undefined, writer: GradNode | undefined): boolean {
  return writer !== undefined && !(node && node.index >= writer.index);
}

function sameBase(
  there: Tensor | undefined,
  here: Tensor | undefined,
  pair: (a: object, b: object) => boolean,
): boolean {
  return pairOrNone(there, here, pair) && (!there || !here || sameForm(there, here));
}

function sameCast(
  there: Tensor | undefined,
  here: Tensor | undefined,
  pair: (a: object, b: object) => boolean,
): boolean {
  if (!there || !here) return there === here;
  return there.dtype === here.dtype && pair(there.storage, here.storage) && pairOrNone(there.node, here.node, pair);
}

function sameForm(a: Tensor, b: Tensor): boolean {
  return a === b || (a.dtype === b.dtype && sameSizes(a.shape, b.shape) && sameNumbers(a.strides, b.strides));
}

function sameSizes(a: readonly Size[], b: readonly Size[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!samePlain(a[i] as Value, b[i] as Value)) return false;
  return true;
}

function sameNumbers(a: readonly number[] | null | undefined, b: readonly number[] | null | undefined): boolean {
  if (a === b || !a || !b) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function sameBytes(a: number | Unknown, b: number | Unknown): boolean {
  return a instanceof Unknown || b instanceof Unknown ? false : a === b;
}

function sameAttributes(a: ReadonlyMap<string, Value> | undefined, b: ReadonlyMap<string, Value> | undefined): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  for (const [name, value] of a ?? []) {
    const other = b?.get(name);
    if (other === undefined || !(value === other || samePlain(value, other))) return false;
  }
  return true;
}
