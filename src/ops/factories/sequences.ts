/** Known sequences: arange, linspace, logspace, eye, indices of triangles, and window functions. */
import type { DType } from "../../tensor/dtype.ts";
import { Float } from "../../tensor/scalar.ts";
import { floorDivide, integer, minus, plus, type Size, showSize } from "../../tensor/size.ts";
import { longestData } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { dtypeOr, flag, isSize, size } from "../shared/arguments.ts";
import { defaultFloat } from "../shared/dtypes.ts";
import { fewElements, inType, numberOf } from "../shared/folding.ts";
import { isKnown } from "../shared/making.ts";

/** arange(start, end, step=1, dtype=None): the size keeps the expression of whole bounds. */
const arange: Op = {
  name: "aten.arange",
  result([start, end, step, dtype]) {
    const bounds = [start ?? 0, end ?? 0, step ?? 1] as const;
    const length = rangeLength(...bounds);
    const type = dtypeOr(dtype, bounds.some((one) => one instanceof Float) ? defaultFloat : "int64");
    const [from, by] = [numberOf(bounds[0]), numberOf(bounds[2])];
    return from === undefined || by === undefined
      ? { shape: [length], dtype: type }
      : sequence(length, type, (i) => from + i * by);
  },
  differentiable: false,
};

/** linspace(start, end, steps, dtype=None): both ends are hit exactly. */
const linspace: Op = {
  name: "aten.linspace",
  result: ([start, end, steps, dtype]) => evenly(start, end, steps, dtypeOr(dtype, defaultFloat), (x) => x),
  differentiable: false,
};

/** logspace(start, end, steps, base=10, dtype=None) */
const logspace: Op = {
  name: "aten.logspace",
  result([start, end, steps, base, dtype]) {
    const of = base === null || base === undefined ? 10 : (numberOf(base) ?? Number.NaN);
    return evenly(start, end, steps, dtypeOr(dtype, defaultFloat), (x) => of ** x);
  },
  differentiable: false,
};

/** eye(n, m=None, dtype=None) */
const eye: Op = {
  name: "aten.eye",
  result([n, m, dtype]) {
    const rows = size(n, "n");
    const shape = [rows, m === null || m === undefined ? rows : size(m, "m")];
    const type = dtypeOr(dtype, defaultFloat);
    const total = fewElements(shape);
    if (total === undefined) return { shape, dtype: type };
    const width = integer(shape[1] as Size);
    const data = [...Array(total).keys()].map((i) => Number(Math.floor(i / width) === i % width));
    return { shape, dtype: type, data };
  },
  differentiable: false,
};

/** tril_indices(row, col, offset=0, dtype=None) and triu_indices: two rows of coordinates. */
function triangleIndices(name: string, within: (aboveBy: number) => boolean): Op {
  return {
    name: `aten.${name}`,
    result([row, col, offset, dtype]) {
      const [rows, columns] = [integer(size(row, "row")), integer(size(col, "col"))];
      const shift = offset === null || offset === undefined ? 0 : integer(size(offset, "offset"));
      const found: [number[], number[]] = [[], []];
      let count = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          if (!within(j - i - shift)) continue;
          count++;
          if (count * 2 > longestData) continue;
          found[0].push(i);
          found[1].push(j);
        }
      }
      const data = count * 2 <= longestData ? [...found[0], ...found[1]] : undefined;
      return { shape: [2, count], dtype: dtypeOr(dtype, "int64"), data };
    },
    differentiable: false,
  };
}

/** hann_window(window_length, periodic=True, dtype=None) and its like: a sum of cosines. */
function window(name: string, terms: readonly number[]): Op {
  return {
    name: `aten.${name}`,
    result([length, periodic, dtype]) {
      const count = size(length, "window_length");
      const span = isKnown(count) ? integer(count) - (flag(periodic, true) ? 0 : 1) : 1;
      const at = (i: number) =>
        terms.reduce((sum, a, k) => sum + (k % 2 ? -a : a) * Math.cos((2 * Math.PI * k * i) / span), 0);
      const single = isKnown(count) && integer(count) === 1;
      return sequence(count, dtypeOr(dtype, defaultFloat), (i) => (single ? 1 : at(i)));
    },
    differentiable: false,
  };
}

const sequences: readonly Op[] = [
  arange,
  linspace,
  logspace,
  eye,
  triangleIndices("tril_indices", (aboveBy) => aboveBy <= 0),
  triangleIndices("triu_indices", (aboveBy) => aboveBy >= 0),
  window("hann_window", [0.5, 0.5]),
  window("hamming_window", [0.54, 0.46]),
  window("blackman_window", [0.42, 0.5, 0.08]),
];
export default sequences;

/** ⌈(end − start) / step⌉, with its expression where all three are whole. */
function rangeLength(start: Arg, end: Arg, step: Arg): Size {
  const whole = [start, end, step].map(wholeNumber);
  if (whole.every((one) => one !== undefined)) {
    const [from, to, by] = whole as [Size, Size, Size];
    if (!isKnown(from) || !isKnown(to) || !isKnown(by)) return minus(to, from) instanceof Object ? minus(to, from) : by;
    checkDirection(integer(from), integer(to), integer(by));
    const span = integer(by) < 0 ? minus(from, to) : minus(to, from);
    const stride = integer(by) < 0 ? minus(0, by) : by;
    return integer(stride) === 1 ? span : floorDivide(plus(span, minus(stride, 1)), stride);
  }
  const [from, to, by] = [start, end, step].map(numberOf);
  if (from === undefined || to === undefined || by === undefined) {
    throw new Refused("arange takes numbers", "wrong-argument");
  }
  checkDirection(from, to, by);
  return Math.ceil((to - from) / by);
}

function checkDirection(from: number, to: number, by: number): void {
  if (by === 0) throw new Refused("arange needs a step other than 0", "wrong-argument");
  if ((by > 0 && to < from) || (by < 0 && to > from)) {
    throw new Refused(`arange from ${from} to ${to} does not go the way of its step ${by}`, "wrong-argument");
  }
}

/** A Python int, or a float that is one. */
function wholeNumber(arg: Arg): Size | undefined {
  if (isSize(arg)) return arg;
  return arg instanceof Float && Number.isInteger(arg.value) ? arg.value : undefined;
}

function sequence(length: Size, dtype: DType, each: (i: number) => number): Made {
  const total = fewElements([length]);
  const data = total === undefined ? undefined : inType([...Array(total).keys()].map(each), dtype);
  return { shape: [length], dtype, data };
}

function evenly(
  start: Arg | undefined,
  end: Arg | undefined,
  steps: Arg | undefined,
  dtype: DType,
  each: (x: number) => number,
): Made {
  const count = size(steps, "steps");
  if (isKnown(count) && integer(count) < 0) throw new Refused(`steps must not be negative, but is ${showSize(count)}`);
  const [from, to] = [numberOf(start), numberOf(end)];
  if (from === undefined || to === undefined || !isKnown(count)) return { shape: [count], dtype };
  const last = integer(count) - 1;
  // Both halves are counted from their own end, as PyTorch does.
  const step = last > 0 ? (to - from) / last : 0;
  return sequence(count, dtype, (i) => each(i < (last + 1) / 2 ? from + i * step : to - (last - i) * step));
}
