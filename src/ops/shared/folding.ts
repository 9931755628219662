/** Elements of results whose inputs are few and known: constants, positions, masks. Nothing is made where one is not. */
import { Unknown } from "../../base/unknown.ts";
import { type DType, isComplex } from "../../tensor/dtype.ts";
import { Float } from "../../tensor/scalar.ts";
import { integer, type Size, SymInt } from "../../tensor/size.ts";
import { isTensor, longestData } from "../../tensor/tensor.ts";
import type { Arg } from "../op.ts";
import { rounded } from "./rounding.ts";

export type Elements = readonly number[] | undefined;

/** The number of a Python scalar or of a tensor of one known element; `undefined` where it is not known. */
export function numberOf(arg: Arg | undefined): number | undefined {
  if (typeof arg === "number") return arg;
  if (arg instanceof SymInt) return arg.hint;
  if (arg instanceof Float) return arg.value;
  if (typeof arg === "boolean") return Number(arg);
  return isTensor(arg) && arg.data?.length === 1 ? arg.data[0] : undefined;
}

/** Number of elements where they are few enough to be kept. */
export function fewElements(shape: readonly Size[]): number | undefined {
  let total = 1;
  for (const size of shape) {
    if (size instanceof Unknown) return undefined;
    total *= integer(size);
  }
  return total <= longestData ? total : undefined;
}

const repeated = new Map<string, readonly number[]>();

/** The same element many times: initial weights, biases and masks. Made once for a length and a value. */
export function constants(total: number, value: number): readonly number[] {
  const key = `${total} ${Object.is(value, -0) ? "-0" : value}`;
  const before = repeated.get(key);
  if (before) return before;
  const made: readonly number[] = new Array<number>(total).fill(value);
  if (repeated.size >= 200) repeated.clear();
  repeated.set(key, made);
  return made;
}

/** An element-wise result over broadcast operands. */
export function foldedEach(
  shape: readonly Size[],
  dtype: DType,
  operands: readonly (Arg | undefined)[],
  each: (...values: number[]) => number,
): Elements {
  for (const operand of operands)
    if (isTensor(operand) ? !operand.data : numberOf(operand) === undefined) return undefined;
  const total = fewElements(shape);
  if (total === undefined || isComplex(dtype)) return undefined;
  const columns = operands.map((operand) =>
    isTensor(operand) ? spread(operand.data ?? [], operand.shape, shape, total) : numberOf(operand),
  );
  const out: number[] = new Array(total);
  const values: number[] = new Array(columns.length);
  for (let i = 0; i < total; i++) {
    for (let k = 0; k < columns.length; k++) {
      const column = columns[k] as readonly number[] | number;
      values[k] = typeof column === "number" ? column : (column[i] as number);
    }
    out[i] = each(...values);
  }
  return inType(out, dtype);
}

/** Elements as a type holds them; unknown where an integer does not fit exactly. */
export function inType(values: readonly number[], dtype: DType): Elements {
  const out: number[] = new Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = rounded(values[i] as number, dtype);
    if (value === undefined) return undefined;
    out[i] = value;
  }
  return out;
}

/** Elements read through strides over the row-major order of their owner. */
export function picked(data: Elements, shape: readonly Size[], strides: readonly number[], offset: number): Elements {
  if (!data) return undefined;
  const total = fewElements(shape);
  if (total === undefined) return undefined;
  return offsets(shape, strides, offset).map((at) => data[at] as number);
}

/** Positions in memory of all elements of a strided shape, in row-major order. */
export function offsets(shape: readonly Size[], strides: readonly number[], offset: number): number[] {
  let out = [offset];
  for (let axis = 0; axis < shape.length; axis++) {
    const length = integer(shape[axis] as Size);
    const step = strides[axis] as number;
    if (length === 1) continue;
    const longer: number[] = new Array(out.length * length);
    for (let i = 0, k = 0; i < out.length; i++)
      for (let j = 0; j < length; j++) longer[k++] = (out[i] as number) + j * step;
    out = longer;
  }
  return out;
}

function spread(data: readonly number[], from: readonly Size[], to: readonly Size[], total: number): readonly number[] {
  if (data.length === total) return data;
  let step = 1;
  const strides: number[] = new Array(to.length).fill(0);
  for (let i = from.length - 1; i >= 0; i--) {
    const length = integer(from[i] as Size);
    strides[i + to.length - from.length] = length === 1 ? 0 : step;
    step *= length;
  }
  return offsets(to, strides, 0).map((at) => data[at] as number);
}
