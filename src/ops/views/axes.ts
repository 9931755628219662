/** Axes in another order, repeated or folded: permute, transpose, expand, diagonal, unfold, as_strided. */
import { floorDivide, integer, minus, plus, type Size, sameSize, showSize, smallest } from "../../tensor/size.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";
import { type Made, type Op, Refused } from "../op.ts";
import { axes, axis, size, sizes, tensor } from "../shared/arguments.ts";
import { picked } from "../shared/folding.ts";
import { placedInZeros } from "../shared/gradientParts.ts";
import { into, passes, viewed, zeros } from "../shared/gradients.ts";
import { isKnown, showShape, view } from "../shared/making.ts";
import { walked } from "../shared/viewing.ts";

/** permute(self, dims) */
const permute: Op = {
  name: "aten.permute",
  result([self, dims]) {
    const input = tensor(self);
    const rank = input.shape.length;
    const order = rank === 0 ? [] : axes(dims, rank);
    if (order.length !== rank || new Set(order).size !== rank) {
      throw new Refused(`permute names ${order.length} axes [${order.join(", ")}] of a tensor of ${rank}`);
    }
    return permuted(input, order);
  },
  backward: ([grad], { args }) => [back(grad, axes(args[1], grad?.shape.length ?? 0))],
};

/** transpose(self, dim0, dim1) */
const transpose: Op = {
  name: "aten.transpose",
  result([self, first, second]) {
    const input = tensor(self);
    const rank = input.shape.length;
    const [a, b] = [axis(first, rank), axis(second, rank)];
    return permuted(input, swapped(rank, a, b));
  },
  backward([grad], { args }) {
    const rank = grad?.shape.length ?? 0;
    return [back(grad, swapped(rank, axis(args[1], rank), axis(args[2], rank)))];
  },
};

/** t(self): a matrix transposed; a vector stays. */
const t: Op = {
  name: "aten.t",
  result([self]) {
    const input = tensor(self);
    const rank = input.shape.length;
    if (rank > 2) throw new Refused(`t takes at most 2 axes, not ${rank}`);
    return permuted(input, rank === 2 ? [1, 0] : [...Array(rank).keys()]);
  },
  backward: ([grad]) => [back(grad, grad?.shape.length === 2 ? [1, 0] : [0])],
};

/** movedim(self, source, destination): the axes not named keep their order. */
const movedim: Op = {
  name: "aten.movedim",
  result([self, source, destination]) {
    const input = tensor(self);
    const rank = input.shape.length;
    const [from, to] = [axes(source, rank), axes(destination, rank)];
    if (from.length !== to.length) throw new Refused(`movedim moves ${from.length} axes to ${to.length} places`);
    return permuted(input, moved(rank, from, to));
  },
  backward([grad], { args }) {
    const rank = grad?.shape.length ?? 0;
    return [back(grad, moved(rank, axes(args[1], rank), axes(args[2], rank)))];
  },
};

/** expand(self, size): axes of size 1 repeated without copying; -1 keeps an axis. */
const expand: Op = {
  name: "aten.expand",
  result([self, wanted]) {
    const input = tensor(self);
    const to = sizes(wanted, "size");
    const missing = to.length - input.shape.length;
    const complaint = `expand of ${showShape(input.shape)} to ${showShape(to)}`;
    if (missing < 0) throw new Refused(`${complaint}: ${to.length} axes are fewer than ${input.shape.length}`);
    const shape = to.map((one, i) => {
      const own = input.shape[i - missing];
      if (isKnown(one) && integer(one) === -1) {
        if (own === undefined) throw new Refused(`${complaint}: a new axis needs a size`);
        return own;
      }
      if (own !== undefined && isKnown(own) && isKnown(one) && integer(own) !== 1 && !sameSize(own, one)) {
        throw new Refused(`${complaint}: axis ${i - to.length} is ${showSize(own)}, not 1 or ${showSize(one)}`);
      }
      return one;
    });
    return walked(input, shape, (steps) => ({
      strides: shape.map((one, i) => {
        const own = input.shape[i - missing];
        const repeats =
          own === undefined || (isKnown(own) && integer(own) === 1 && !(isKnown(one) && integer(one) === 1));
        return repeats ? 0 : (steps[i - missing] as number);
      }),
      offset: 0,
    }));
  },
  backward: passes,
};

/** diagonal(self, offset=0, dim1=0, dim2=1): the diagonal comes last. */
const diagonal: Op = {
  name: "aten.diagonal",
  result([self, offset, dim1, dim2]) {
    const input = tensor(self);
    const rank = input.shape.length;
    const [a, b] = [axis(dim1 ?? 0, rank), axis(dim2 ?? 1, rank)];
    if (a === b) throw new Refused(`diagonal needs two different axes, not ${a} twice`);
    const shift = integer(size(offset ?? 0, "offset"));
    const [rows, columns] = [input.shape[a] as Size, input.shape[b] as Size];
    const length = smallest(shift < 0 ? plus(rows, shift) : rows, shift > 0 ? minus(columns, shift) : columns);
    const kept = <T>(list: readonly T[]) => list.filter((_, i) => i !== a && i !== b);
    const shape = [...kept(input.shape), isKnown(length) && integer(length) < 0 ? 0 : length];
    return walked(input, shape, (steps) => {
      const [down, along] = [steps[a] as number, steps[b] as number];
      return { strides: [...kept(steps), down + along], offset: shift > 0 ? shift * along : -shift * down };
    });
  },
  backward: placedInZeros,
};

/** unfold(self, dimension, size, step): windows along an axis, their elements in a new last axis. */
const unfold: Op = {
  name: "aten.unfold",
  result([self, dimension, window, step]) {
    const input = tensor(self);
    const at = axis(dimension, input.shape.length);
    const length = input.shape[at] ?? 1;
    const [width, stride] = [size(window, "size"), size(step, "step")];
    if (isKnown(length) && integer(width) > integer(length)) {
      throw new Refused(`unfold: a window of ${integer(width)} on axis ${at} of size ${integer(length)}`);
    }
    const windows = plus(floorDivide(minus(length, width), stride), 1);
    const shape =
      input.shape.length === 0 ? [width] : [...input.shape.map((one, i) => (i === at ? windows : one)), width];
    return walked(input, shape, (steps) => ({
      strides:
        input.shape.length === 0
          ? [1]
          : [...steps.map((one, i) => (i === at ? one * integer(stride) : one)), steps[at] as number],
      offset: 0,
    }));
  },
  // Windows overlap: they are summed into zeros by one kernel.
  backward([grad], call) {
    const whole = tensor(call.args[0]);
    const made = zeros(call, whole.shape, whole.dtype);
    into(call, "unfold_backward", made, grad);
    return [made];
  },
};

/** as_strided(self, size, stride, storage_offset): strides over the whole storage. */
const asStrided: Op = {
  name: "aten.as_strided",
  result([self, wanted, stride, offset]) {
    const input = tensor(self);
    const shape = sizes(wanted, "size");
    const strides = sizes(stride, "stride").map(integer);
    const start = offset === null || offset === undefined ? 0 : integer(size(offset));
    const known = input.data && input.strides === null && shape.every(isKnown);
    return view(input, shape, strides, known ? complete(picked(input.data, shape, strides, start)) : undefined);
  },
  backward: placedInZeros,
};

const order: readonly Op[] = [permute, transpose, t, movedim, expand, diagonal, unfold, asStrided];
export default order;

/** A gradient in the order of axes from before. */
function back(grad: Tensor | undefined, order: readonly number[]): Tensor | undefined {
  if (!grad || grad.shape.length < 2) return grad;
  const from = order.map((_, i) => order.indexOf(i));
  const steps = grad.shape.every(isKnown) ? stridesOf(grad) : undefined;
  return viewed(
    grad,
    from.map((i) => grad.shape[i] as Size),
    steps ? from.map((i) => steps[i] as number) : null,
  );
}

function moved(rank: number, from: readonly number[], to: readonly number[]): number[] {
  const rest = [...Array(rank).keys()].filter((i) => !from.includes(i));
  return [...Array(rank).keys()].map((i) => {
    const at = to.indexOf(i);
    return at >= 0 ? (from[at] as number) : (rest.shift() as number);
  });
}

function permuted(input: Tensor, to: readonly number[]): Made {
  const shape = to.map((i) => input.shape[i] as Size);
  if (input.strides === null && input.shape.length > 0 && to.every((from, i) => from === i)) {
    return view(input, shape, null, input.data);
  }
  return walked(input, shape, (steps) => ({ strides: to.map((i) => steps[i] as number), offset: 0 }));
}

function swapped(rank: number, a: number, b: number): number[] {
  return [...Array(rank).keys()].map((i) => (i === a ? b : i === b ? a : i));
}

function complete(data: readonly number[] | undefined): readonly number[] | undefined {
  return data?.every((value) => value !== undefined) ? data : undefined;
}
