/** Parts of a tensor along an axis: select, slice, narrow, split, chunk, unbind. */
import { Unknown } from "../../base/unknown.ts";
import { floorDivide, integer, minus, plus, type Size, showSize, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { axis, size, sizes, tensor } from "../shared/arguments.ts";
import { joinedPieces, placedInZeros } from "../shared/gradientParts.ts";
import { isKnown, view } from "../shared/making.ts";
import { walked } from "../shared/viewing.ts";

/** select(self, dim, index): the axis goes. */
const select: Op = {
  name: "aten.select",
  result([self, dim, index]) {
    const input = tensor(self);
    if (input.shape.length === 0) throw new Refused("a tensor of no axes has no elements to select");
    const at = axis(dim, input.shape.length);
    return selected(input, at, integer(size(index, "index")));
  },
  backward: placedInZeros,
};

/** slice(self, dim=0, start=None, end=None, step=1): bounds beyond the axis are drawn in, as in Python. */
const slice: Op = {
  name: "aten.slice",
  result([self, dim, start, end, step]) {
    const input = tensor(self);
    const at = axis(dim ?? 0, input.shape.length);
    const length = input.shape[at];
    if (length === undefined) throw new Refused("a tensor of no axes cannot be sliced");
    const stride = step === null || step === undefined ? 1 : integer(size(step, "step"));
    if (stride <= 0) throw new Refused(`slice step must be positive, not ${stride}`, "wrong-argument");
    if (whole(start) && whole(end) && stride === 1) return view(input, input.shape, input.strides, input.data);
    if (!isKnown(length) || [start, end].some((bound) => bound instanceof Unknown))
      return unknownSlice(input, at, stride, start, end);
    const from = whole(start) ? 0 : bound(size(start as Arg, "start"), length);
    const to = whole(end) ? length : bound(size(end as Arg, "end"), length);
    return cut(input, at, from, integer(to) < integer(from) ? from : to, stride);
  },
  // Indexing by a slice that takes everything is the tensor itself.
  backward: (grads, call) =>
    sameShape(tensor(call.args[0]).shape, grads[0]?.shape ?? []) ? grads : placedInZeros(grads, call),
};

/** narrow(self, dim, start, length) */
const narrow: Op = {
  name: "aten.narrow",
  result([self, dim, start, length]) {
    const input = tensor(self);
    const at = axis(dim, input.shape.length);
    const [whole, wanted] = [input.shape[at] as Size, size(length, "length")];
    const given = size(start, "start");
    if (!isKnown(whole) || !isKnown(given) || !isKnown(wanted)) return unknownSlice(input, at, 1, given, wanted);
    const from = integer(given) < 0 ? plus(whole, given) : given;
    const to = plus(from, wanted);
    if (integer(from) < 0 || integer(wanted) < 0 || integer(to) > integer(whole)) {
      throw new Refused(
        `narrow from ${showSize(from)} over ${showSize(wanted)} on axis ${at} of size ${showSize(whole)}`,
      );
    }
    return cut(input, at, from, to, 1);
  },
  backward: placedInZeros,
};

/** split(self, split_size, dim=0): pieces of one size, the last what is left; a list names every piece. */
const split: Op = {
  name: "aten.split",
  list: true,
  result([self, piece, dim]) {
    const input = tensor(self);
    const at = axis(dim ?? 0, input.shape.length);
    return Array.isArray(piece) ? pieces(input, at, sizes(piece)) : evenly(input, at, size(piece as Arg, "split_size"));
  },
  backward: (grads, call) => joinedPieces(grads, call, "cat"),
};

/** split_with_sizes(self, split_sizes, dim=0) */
const splitWithSizes: Op = {
  name: "aten.split_with_sizes",
  list: true,
  result([self, list, dim]) {
    const input = tensor(self);
    return pieces(input, axis(dim ?? 0, input.shape.length), sizes(list, "split_sizes"));
  },
  backward: (grads, call) => joinedPieces(grads, call, "cat"),
};

/** chunk(self, chunks, dim=0): at most so many pieces, the size rounded up. */
const chunk: Op = {
  name: "aten.chunk",
  list: true,
  result([self, chunks, dim]) {
    const input = tensor(self);
    const at = axis(dim ?? 0, input.shape.length);
    const [length, number] = [input.shape[at] as Size, integer(size(chunks, "chunks"))];
    if (number <= 0) throw new Refused(`chunk needs a positive number of chunks, not ${number}`, "wrong-argument");
    const even = integer(length) % number === 0;
    const piece = floorDivide(even ? length : plus(length, number - 1), number);
    if (integer(piece) === 0) return pieces(input, at, new Array(number).fill(0));
    return evenly(input, at, piece);
  },
  backward: (grads, call) => joinedPieces(grads, call, "cat"),
};

/** tensor_split(self, sections or indices, dim=0): the first pieces are one longer where it does not divide. */
const tensorSplit: Op = {
  name: "aten.tensor_split",
  list: true,
  result([self, where, dim]) {
    const input = tensor(self);
    const at = axis(dim ?? 0, input.shape.length);
    const length = input.shape[at] as Size;
    if (!Array.isArray(where)) {
      const number = integer(size(where as Arg, "sections"));
      const base = floorDivide(length, number);
      const longer = integer(length) - integer(base) * number;
      return pieces(
        input,
        at,
        [...Array(number).keys()].map((i) => (i < longer ? plus(base, 1) : base)),
      );
    }
    const cuts = [0 as Size, ...sizes(where).map((one) => bound(one, length)), length];
    return cuts.slice(1).map((to, i) => {
      const from = cuts[i] as Size;
      return cut(input, at, from, integer(to) < integer(from) ? from : to, 1);
    });
  },
  backward: (grads, call) => joinedPieces(grads, call, "cat"),
};

/** unbind(self, dim=0): every element of an axis. */
const unbind: Op = {
  name: "aten.unbind",
  list: true,
  result([self, dim]) {
    const input = tensor(self);
    if (input.shape.length === 0) throw new Refused("a tensor of no axes cannot be unbound");
    const at = axis(dim ?? 0, input.shape.length);
    return [...Array(integer(input.shape[at] as Size)).keys()].map((i) => selected(input, at, i));
  },
  backward: (grads, call) => joinedPieces(grads, call, "stack"),
};

const parts: readonly Op[] = [select, slice, narrow, split, splitWithSizes, chunk, tensorSplit, unbind];
export default parts;

function sameShape(a: readonly Size[], b: readonly Size[]): boolean {
  return a.every(isKnown) && b.every(isKnown) && a.every((size, i) => integer(size) === integer(b[i] as Size));
}

function selected(input: Tensor, at: number, index: number): Made {
  const length = input.shape[at] as Size;
  if (isKnown(length) && (index < -integer(length) || index >= integer(length))) {
    throw new Refused(`index ${index} is out of range for axis ${at} of size ${showSize(length)}`);
  }
  const place = index < 0 && isKnown(length) ? index + integer(length) : index;
  return walked(input, without(input.shape, at), (steps) => ({
    strides: without(steps, at),
    offset: place * (steps[at] as number),
  }));
}

function cut(input: Tensor, at: number, from: Size, to: Size, step: number): Made {
  const length = minus(to, from);
  const taken = step === 1 ? length : floorDivide(plus(length, step - 1), step);
  return walked(input, replaced(input.shape, at, taken), (steps) => ({
    strides: replaced(steps, at, (steps[at] as number) * step),
    offset: integer(from) * (steps[at] as number),
  }));
}

/** A slice whose length nobody knows: the other axes stay. */
function unknownSlice(input: Tensor, at: number, step: number, ...bounds: readonly (Arg | undefined)[]): Made {
  const cause = [input.shape[at], ...bounds].find((one) => one instanceof Unknown) as Unknown;
  return walked(input, replaced(input.shape, at, cause), (steps) => ({
    strides: replaced(steps, at, (steps[at] as number) * step),
    offset: 0,
  }));
}

/** A bound counted from the start and drawn into the axis. */
function bound(given: Size, length: Size): Size {
  const from = integer(given) < 0 ? plus(given, length) : given;
  return integer(from) <= 0 ? 0 : integer(from) >= integer(length) ? length : from;
}

function evenly(input: Tensor, at: number, piece: Size): readonly Made[] {
  const length = input.shape[at] as Size;
  const [whole, one] = [integer(length), integer(piece)];
  if (one < 0 || (one === 0 && whole > 0))
    throw new Refused(`split into pieces of ${one} on axis ${at} of size ${whole}`);
  const number = one === 0 ? 1 : Math.max(Math.ceil(whole / one), 1);
  const last = minus(length, times(piece, number - 1));
  return along(input, at, [...new Array<Size>(number - 1).fill(piece), last]);
}

function pieces(input: Tensor, at: number, list: readonly Size[]): readonly Made[] {
  const length = input.shape[at] as Size;
  const total = list.reduce(plus, 0);
  if (isKnown(length) && isKnown(total) && integer(length) !== integer(total)) {
    throw new Refused(`split sizes add up to ${showSize(total)}, but axis ${at} is ${showSize(length)}`);
  }
  return along(input, at, list);
}

function along(input: Tensor, at: number, list: readonly Size[]): readonly Made[] {
  let from: Size = 0;
  return list.map((one) => {
    const start = from;
    from = plus(from, one);
    return walked(input, replaced(input.shape, at, one), (steps) => ({
      strides: steps,
      offset: isKnown(start) ? integer(start) * (steps[at] as number) : Number.NaN,
    }));
  });
}

function whole(bound: Arg | undefined): boolean {
  return bound === null || bound === undefined;
}

function without<T>(list: readonly T[], at: number): T[] {
  return list.filter((_, i) => i !== at);
}

function replaced<T>(list: readonly T[], at: number, by: T): T[] {
  return list.map((one, i) => (i === at ? by : one));
}
