/** `array[…]`: integers, slices, new axes and an ellipsis; anything else leaves the elements unknown. */
import { Unknown } from "../../../base/unknown.ts";
import { raise } from "../../errors.ts";
import type { Interpreter } from "../../interpreter.ts";
import { intOf } from "../../numbers.ts";
import { sliceIndices } from "../../subscripts.ts";
import { ellipsis } from "../../types.ts";
import { PyList, PySlice, PyTuple, type Value } from "../../values.ts";
import { asArray, countOf, made, NdArray } from "./array.ts";

export function indexed(py: Interpreter, array: NdArray, index: Value): Value {
  const given = index instanceof PyTuple ? [...index.items] : [index];
  const unknown = given.find((one) => one instanceof Unknown);
  if (unknown !== undefined) return unknown;
  if (given.some((one) => one instanceof NdArray || one instanceof PyList)) return gathered(py, array, given);
  const used = given.filter((one) => one !== null && one !== ellipsis).length;
  if (used > array.shape.length) raise("IndexError", "too many indices for array");
  const dots = given.indexOf(ellipsis);
  const rest: Value[] = Array.from({ length: array.shape.length - used }, () => new PySlice(null, null, null));
  const all = dots < 0 ? [...given, ...rest] : [...given.slice(0, dots), ...rest, ...given.slice(dots + 1)];
  let offsets = [0];
  const shape: number[] = [];
  let axis = 0;
  for (const one of all) {
    if (one === null) {
      shape.push(1);
      continue;
    }
    const size = array.shape[axis] as number;
    const step = countOf(array.shape.slice(++axis));
    const at = intOf(one);
    if (at !== undefined) {
      if (at < -size || at >= size)
        raise("IndexError", `index ${at} is out of bounds for axis ${axis - 1} with size ${size}`);
      offsets = offsets.map((offset) => offset + (at < 0 ? at + size : at) * step);
    } else if (one instanceof PySlice) {
      const part = sliceIndices(py, one, size);
      shape.push(part.count);
      if (array.data)
        offsets = offsets.flatMap((offset) =>
          Array.from({ length: part.count }, (_, i) => offset + (part.start + i * part.step) * step),
        );
    } else
      raise(
        "IndexError",
        "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices",
      );
  }
  return made(
    shape,
    array.dtype,
    array.data && offsets.map((offset) => (array.data as readonly number[])[offset] as number),
    py,
  );
}

/** Rows chosen by an array of positions, or by a mask. */
function gathered(py: Interpreter, array: NdArray, given: readonly Value[]): Value {
  const [only] = given;
  if (given.length > 1 || only === undefined || only === null)
    return py.unknown("elements chosen by several index arrays");
  const picks = asArray(py, only);
  if (picks instanceof Unknown) return picks;
  const size = countOf(array.shape.slice(1));
  if (picks.dtype === "bool") {
    if (!picks.data || !array.data) return py.unknown("how many elements a mask takes");
    const { data } = picks;
    const inner = array.shape.slice(picks.shape.length);
    const each = countOf(inner);
    const kept = data.flatMap((keep, i) =>
      keep ? [...(array.data as readonly number[]).slice(i * each, (i + 1) * each)] : [],
    );
    return new NdArray([data.filter(Boolean).length, ...inner], array.dtype, kept);
  }
  const shape = [...picks.shape, ...array.shape.slice(1)];
  if (!picks.data || !array.data) return new NdArray(shape, array.dtype, undefined);
  const length = array.shape[0] as number;
  return new NdArray(
    shape,
    array.dtype,
    picks.data.flatMap((at) => [
      ...(array.data as readonly number[]).slice(
        (at < 0 ? at + length : at) * size,
        ((at < 0 ? at + length : at) + 1) * size,
      ),
    ]),
  );
}
