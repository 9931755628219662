/** Elements repeated or turned round: repeat, tile, repeat_interleave, flip, roll, rot90. */
import { Unknown } from "../../base/unknown.ts";
import { integer, plus, productOf, type Size, times } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { axes, axis, size, sizes, tensor } from "../shared/arguments.ts";
import { type Elements, picked } from "../shared/folding.ts";
import { iterated, likeInFormat } from "../shared/layout.ts";
import { isKnown } from "../shared/making.ts";
import { foldedLines } from "../shared/reducing.ts";
import { looseStrides } from "../shared/viewing.ts";

/** repeat(self, repeats): copies side by side along each axis. */
const repeat: Op = {
  name: "aten.repeat",
  result([self, repeats]) {
    const input = tensor(self);
    const counts = sizes(repeats, "repeats");
    if (counts.length < input.shape.length) {
      throw new Refused(`repeat names ${counts.length} axes of a tensor of ${input.shape.length}`);
    }
    return repeated(input, counts);
  },
};

/** tile(self, dims): as repeat, with 1 for the leading axes not named. */
const tile: Op = {
  name: "aten.tile",
  result([self, dims]) {
    const input = tensor(self);
    const counts = sizes(dims, "dims");
    return repeated(input, [...new Array<Size>(Math.max(input.shape.length - counts.length, 0)).fill(1), ...counts]);
  },
};

/** repeat_interleave(self, repeats, dim=None, output_size=None): every element repeated in place. */
const repeatInterleave: Op = {
  name: "aten.repeat_interleave",
  result([self, repeats, dim, total]) {
    const whole = tensor(self);
    const flat = dim === null || dim === undefined;
    const input = flat ? { ...whole, shape: [productOf(whole.shape)], strides: null } : whole;
    const at = flat ? 0 : axis(dim, input.shape.length);
    const length = input.shape[at] ?? 1;
    const counts = isTensor(repeats) ? repeats.data : undefined;
    const each = isTensor(repeats) ? undefined : integer(size(repeats, "repeats"));
    const one = counts?.length === 1 ? counts[0] : each;
    const made = total !== null && total !== undefined ? size(total) : interleavedLength(length, counts, one, repeats);
    const data = foldedLines(input, at, (line) =>
      line.flatMap((value, i) => new Array(one ?? counts?.[i] ?? 0).fill(value)),
    );
    const shape = input.shape.length === 0 ? [made] : input.shape.map((size, i) => (i === at ? made : size));
    return { shape, dtype: input.dtype, data: one !== undefined || counts ? data : undefined };
  },
  // Counts in a tensor become an index, which the gradient needs; one count for all is an expand and a copy.
  saves: ([, repeats, dim], [out]) => {
    if (!isTensor(repeats) || !out) return [];
    const at = dim === null || dim === undefined ? 0 : axis(dim, out.shape.length);
    return [{ extraBytes: 8 * integer(out.shape[at] as Size), what: "index of the repeats" }];
  },
};

/** flip(self, dims) */
const flip: Op = {
  name: "aten.flip",
  result([self, dims]) {
    const input = tensor(self);
    const turned = axes(dims, input.shape.length).filter(() => !(Array.isArray(dims) && dims.length === 0));
    let data: Elements = input.data;
    for (const at of turned) data = foldedLines({ ...input, data }, at, (line) => [...line].reverse());
    return { ...likeInFormat(input, input.dtype, null), data };
  },
};

/** roll(self, shifts, dims=[]): elements moved along, those that fall off enter at the other end. */
const roll: Op = {
  name: "aten.roll",
  result([self, shifts, dims]) {
    const input = tensor(self);
    const amounts = sizes(shifts, "shifts").map(integer);
    const named =
      dims === null || dims === undefined || (Array.isArray(dims) && dims.length === 0)
        ? []
        : axes(dims, input.shape.length);
    if (named.length !== amounts.length && !(named.length === 0 && amounts.length === 1)) {
      throw new Refused(`roll has ${amounts.length} shifts for ${named.length} axes`);
    }
    const shifted = (amount: number) => (line: readonly number[]) =>
      line.map((_, i) => line[(((i - amount) % line.length) + line.length) % line.length] as number);
    let data: Elements = input.data;
    if (named.length === 0) data = data && shifted(amounts[0] as number)(data);
    named.forEach((at, i) => {
      data = foldedLines({ ...input, data }, at, shifted(amounts[i] as number));
    });
    return { shape: input.shape, dtype: input.dtype, data };
  },
};

/** rot90(self, k=1, dims=[0, 1]): quarter turns. */
const rot90: Op = {
  name: "aten.rot90",
  result([self, k, dims]) {
    const input = tensor(self);
    const turns = k === null || k === undefined ? 1 : integer(size(k, "k"));
    const [a, b] = axes(dims ?? [0, 1], input.shape.length);
    if (a === undefined || b === undefined) throw new Refused("rot90 turns in a plane of two axes");
    const quarter = Math.abs(turns) % 2 === 1;
    const shape = input.shape.map((one, i) =>
      quarter && i === a ? (input.shape[b] as Size) : quarter && i === b ? (input.shape[a] as Size) : one,
    );
    return { shape, dtype: input.dtype, strides: turns % 4 === 0 ? null : turnedStrides(input, quarter, a, b) };
  },
};

const repeating: readonly Op[] = [repeat, tile, repeatInterleave, flip, roll, rot90];
export default repeating;

function repeated(input: Tensor, counts: readonly Size[]): Made {
  const missing = counts.length - input.shape.length;
  const shape = counts.map((count, i) => (i < missing ? count : times(input.shape[i - missing] as Size, count)));
  if (!input.data || !shape.every(isKnown)) return { shape, dtype: input.dtype };
  const steps = looseStrides(input.shape);
  // Each axis read as [copies, elements], the copies with a step of 0.
  const inner = counts.flatMap((count, i) => [count, i < missing ? 1 : (input.shape[i - missing] as Size)]);
  const strides = counts.flatMap((_, i) => [0, i < missing ? 0 : (steps[i - missing] as number)]);
  return { shape, dtype: input.dtype, data: picked(input.data, inner, strides, 0) };
}

function interleavedLength(
  length: Size,
  counts: readonly number[] | undefined,
  one: number | undefined,
  repeats: Arg | undefined,
): Size {
  if (one !== undefined) return times(length, isTensor(repeats) ? one : size(repeats));
  if (!counts) return new Unknown("the number of repeats depends on values");
  if (isKnown(length) && integer(length) !== counts.length) {
    throw new Refused(`repeat_interleave has ${counts.length} counts for ${integer(length)} elements`);
  }
  return counts.reduce<Size>((sum, count) => plus(sum, count), 0);
}

/** A half turn is two flips; a quarter turn is a flip read with two axes exchanged. */
function turnedStrides(input: Tensor, quarter: boolean, a: number, b: number): readonly number[] | null {
  const made = iterated(input.shape, [input], input.dtype);
  if (!quarter) return made.strides ?? null;
  const steps = [...(made.strides ?? looseStrides(input.shape))];
  [steps[a], steps[b]] = [steps[b] as number, steps[a] as number];
  return steps;
}
