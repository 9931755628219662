/** `x[…]` and `x[…] = y`: views where numbers, slices, `None` and `...` select, gathers where tensors and lists do. */
import { Unknown } from "../../base/unknown.ts";
import { raise } from "../../python/errors.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { NdArray } from "../../python/library/numpy/array.ts";
import { intOf, isInt } from "../../python/numbers.ts";
import { FollowedInt } from "../../python/remember/buildTags.ts";
import { ellipsis } from "../../python/types.ts";
import { PyList, PyRange, PySlice, PyTuple, type Value } from "../../python/values.ts";
import { category } from "../../tensor/dtype.ts";
import { integer, type Size } from "../../tensor/size.ts";
import { applyInPlace } from "../apply.ts";
import { isSequence, knownData, listOf, plainArgument, rankOf, sizeArgument } from "../arguments.ts";
import { tensorOf } from "../constants.ts";
import { decidedBy } from "../remember/followed.ts";
import { run } from "../table.ts";
import { dtypeObject, TensorObject } from "../tensorObject.ts";

/** `x[index]` */
export function getIndexed(py: Interpreter, self: TensorObject, index: Value): Value {
  const chosen = select(py, self, index);
  if (chosen instanceof Unknown) return chosen;
  const { view, gathers } = chosen;
  if (gathers) return run(py, "index", view, listOf(gathers));
  return view === self ? run(py, "alias", self) : view;
}

/** `x[index] = value`: written into the view, or scattered. */
export function setIndexed(py: Interpreter, self: TensorObject, index: Value, value: Value): void {
  const chosen = select(py, self, index);
  if (chosen instanceof Unknown || !(chosen.view instanceof TensorObject) || value instanceof Unknown) {
    forget(self);
    return;
  }
  const { view, gathers } = chosen;
  const source = isSequence(value) ? tensorOf(py, value, null) : value;
  if (gathers) applyInPlace(py, "aten.index_put", [view, listOf(gathers), asTensor(py, source, view), false]);
  else if (source instanceof TensorObject) applyInPlace(py, "aten.copy", [view, fitted(py, source, rankOf(view))]);
  else applyInPlace(py, "aten.fill", [view, plainArgument(source)]);
  if (view !== self) forget(self);
}

interface Chosen {
  /** Unknown where a view of unknown kind was asked for. */
  readonly view: Value;
  /** Index tensors by axis of the view, null where none stands; undefined where there is none at all. */
  readonly gathers: readonly Value[] | undefined;
}

/** Applies numbers, slices, `None` and `...`, and collects what remains for a gather. */
function select(py: Interpreter, self: TensorObject, index: Value): Chosen | Unknown {
  const items = (index instanceof PyTuple ? index.items : [index]).map((one) => asIndexTensor(py, one));
  const unknown = items.find((one) => one instanceof Unknown);
  if (unknown) return unknown as Unknown;
  let view: Value = self;
  let axis = 0;
  const named = items.reduce<number>((total, one) => total + axesTaken(one), 0);
  if (named > rankOf(self)) raise("IndexError", `too many indices for tensor of dimension ${rankOf(self)}`);
  const gathers: Value[] = [];
  for (const item of items) {
    if (item === ellipsis) axis += rankOf(self) - named;
    else if (item === null || typeof item === "boolean") {
      view = run(py, "unsqueeze", view, axis);
      if (item !== null) gathers[axis] = tensorOf(py, listOf([item]), null);
      axis++;
    } else if (item instanceof PySlice) view = sliced(py, view, axis++, item);
    else if (item instanceof TensorObject && !isNumber(item)) {
      gathers[axis] = item;
      axis += item.value.dtype === "bool" || item.value.dtype === "uint8" ? rankOf(item) : 1;
    } else view = run(py, "select", view, axis, place(item));
    if (view instanceof Unknown) return view;
  }
  return { view, gathers: gathers.length > 0 ? withoutHoles(gathers) : undefined };
}

/** Lists, ranges and arrays index as tensors do. */
function asIndexTensor(py: Interpreter, item: Value): Value {
  if (item instanceof PyRange || item instanceof PyList || item instanceof PyTuple || item instanceof NdArray)
    return tensorOf(py, item, null);
  return item;
}

function axesTaken(item: Value): number {
  if (item === null || item === ellipsis || typeof item === "boolean") return 0;
  if (item instanceof TensorObject && (item.value.dtype === "bool" || item.value.dtype === "uint8"))
    return rankOf(item);
  return 1;
}

/** A tensor without axes counts as a number. */
function isNumber(item: TensorObject): boolean {
  return rankOf(item) === 0 && category(item.value.dtype) === 1;
}

/** The index of a select. Where only the tensor knows it, any serves: shape and memory are the same. */
function place(item: Value): Value {
  if (item instanceof TensorObject) return knownData(item)?.[0] ?? 0;
  if (isInt(item)) return item;
  return (
    intOf(item) ??
    raise(
      "IndexError",
      "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices",
    )
  );
}

function sliced(py: Interpreter, view: Value, axis: number, { start, stop, step }: PySlice): Value {
  const length = view instanceof TensorObject ? view.value.shape[axis] : undefined;
  const [from, to, by] = [start, stop, step].map((one) => (one === null ? null : sizeArgument(py, one)));
  if (
    (from === null || isStart(from as Size)) &&
    (by === null || by === 1) &&
    (to === null || reaches(to as Size, length))
  )
    return view;
  return run(py, "slice", view, axis, from as Value, to as Value, by ?? 1);
}

function reaches(stop: Size, length: Size | undefined): boolean {
  return (
    length !== undefined &&
    !(stop instanceof Unknown) &&
    !(length instanceof Unknown) &&
    decidedBy(stop, (end) => end >= integer(length))
  );
}

function isStart(from: Size): boolean {
  return from instanceof FollowedInt ? decidedBy(from, (start) => start === 0) : from === 0;
}

function withoutHoles(gathers: readonly Value[]): Value[] {
  return Array.from(gathers, (one) => one ?? null);
}

/** Axes of size 1 in front of what is assigned do not count. */
function fitted(py: Interpreter, source: TensorObject, rank: number): Value {
  const { shape } = source.value;
  const extra = shape.length - rank;
  return extra > 0 && shape.slice(0, extra).every((size) => size === 1)
    ? run(py, "reshape", source, listOf(shape.slice(extra)))
    : source;
}

/** A number as a tensor without axes. */
function asTensor(py: Interpreter, source: Value, like: TensorObject): Value {
  return source instanceof TensorObject ? source : run(py, "full", listOf([]), source, dtypeObject(like.value.dtype));
}

/** Whatever was written, the elements are no longer known. */
function forget(self: TensorObject): void {
  self.value = { ...self.value, data: undefined };
}
