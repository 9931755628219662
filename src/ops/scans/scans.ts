/** Running sums, products and extremes along an axis, and differences of neighbours. */
import { integer, minus, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Op } from "../op.ts";
import { axis, dtypeOr, size, tensor } from "../shared/arguments.ts";
import { integerOf } from "../shared/dtypes.ts";
import { inType } from "../shared/folding.ts";
import { scatteredBack } from "../shared/gradientParts.ts";
import { chained } from "../shared/gradients.ts";
import { iterated } from "../shared/layout.ts";
import { isKnown } from "../shared/making.ts";
import { foldedLines } from "../shared/reducing.ts";
import { kept, type Saves, savesSelfAndResult } from "../shared/saving.ts";

/** cumsum(self, dim, dtype=None) and its like. */
function running(name: string, each?: (total: number, next: number) => number, saves?: Saves): Op {
  return {
    name: `aten.${name}`,
    result([self, dim, dtype]) {
      const input = tensor(self);
      const at = axis(dim, input.shape.length);
      const type = each ? dtypeOr(dtype, integerOf(input.dtype)) : input.dtype;
      const data = each && foldedLines(input, at, (line) => totals(line, each));
      return { shape: input.shape, dtype: type, data: data && inType(data, type) };
    },
    ...(saves && { saves }),
    // A sum's gradient is its own sum from the end, flipped twice.
    ...(name === "cumsum" && { backward: chained("flip", "cumsum", "flip") }),
  };
}

/** cummax(self, dim): the largest so far, and where it is. */
function record(name: string, better: (a: number, b: number) => boolean): Op {
  const places = (line: readonly number[]) => {
    let best = 0;
    return line.map((value, i) => {
      if (better(value, line[best] as number)) best = i;
      return best;
    });
  };
  return {
    name: `aten.${name}`,
    result([self, dim]) {
      const input = tensor(self);
      const at = axis(dim, input.shape.length);
      const values = foldedLines(input, at, (line) => places(line).map((i) => line[i] as number));
      const { shape, dtype } = input;
      return [
        { shape, dtype, data: values },
        { shape, dtype: "int64", detached: true, data: foldedLines(input, at, places) },
      ];
    },
    saves: ([self], [, indices]) => [kept(self), indices],
    backward: scatteredBack,
  };
}

/** diff(self, n=1, dim=-1): each element less the one before it. */
const diff: Op = {
  name: "aten.diff",
  result([self, n, dim]) {
    const input = tensor(self);
    const at = axis(dim ?? -1, input.shape.length);
    const times = n === null || n === undefined ? 1 : integer(size(n, "n"));
    const length = minus(input.shape[at] as Size, times);
    const shape = input.shape.map((one, i) => (i === at ? (isKnown(length) && integer(length) < 0 ? 0 : length) : one));
    if (!shape.every(isKnown)) return { shape, dtype: input.dtype };
    let now = input;
    for (let i = 1; i <= times; i++) {
      const data = differences(now, at);
      const less = lessened(input, at, i);
      now = {
        ...now,
        shape: less,
        strides: iterated(less, [{ ...now, shape: less }], now.dtype).strides ?? null,
        data,
      };
    }
    return { shape, dtype: input.dtype, strides: now.strides, data: now.data };
  },
};

const scans: readonly Op[] = [
  running("cumsum", (a, b) => a + b),
  running("cumprod", (a, b) => a * b, savesSelfAndResult),
  running("logcumsumexp", undefined, savesSelfAndResult),
  record("cummax", (a, b) => a >= b),
  record("cummin", (a, b) => a <= b),
  diff,
];
export default scans;

function totals(line: readonly number[], each: (total: number, next: number) => number): number[] {
  const out: number[] = [];
  for (const value of line) out.push(out.length === 0 ? value : each(out.at(-1) as number, value));
  return out;
}

function lessened(input: Tensor, at: number, by: number): Size[] {
  return input.shape.map((one, i) => (i === at ? Math.max(integer(one) - by, 0) : one));
}

function differences(input: Tensor, at: number): readonly number[] | undefined {
  return foldedLines(input, at, (line) => line.slice(1).map((value, i) => value - (line[i] as number)));
}
