/** The memory order of new tensors: what TensorIterator and `empty_like` choose from the strides of their inputs. */
import type { DType } from "../../tensor/dtype.ts";
import { integer, type Size } from "../../tensor/size.ts";
import { isContiguous, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, Refused } from "../op.ts";
import { isDense, isKnown } from "./making.ts";

/** A new tensor in the memory order that an element-wise operation gives it: that of its inputs, the first one first. */
export function iterated(shape: readonly Size[], operands: readonly Tensor[], dtype: DType): Made {
  if (operands.every((operand) => operand.strides === null) || !shape.every(isKnown)) return { shape, dtype };
  return iteratedOver(
    shape,
    operands.map((operand) => broadcastStrides(operand, shape)),
    dtype,
  );
}

/** The same from strides already brought to the shape, 0 where an operand is repeated. */
export function iteratedOver(shape: readonly Size[], strides: readonly (readonly number[])[], dtype: DType): Made {
  const lengths = shape.map(integer);
  const made = stridesInOrder(lengths, iterationOrder(lengths, strides));
  return { shape, dtype, strides: isContiguous(shape, made) ? null : made };
}

/** `empty_like`: the memory order of a tensor is kept, without the gaps and repeats; a named format is obeyed. */
export function likeInFormat(of: Tensor, dtype: DType, format: Arg | undefined): Made {
  if (format === "contiguous_format") return { shape: of.shape, dtype };
  if (format === "channels_last" || format === "channels_last_3d") {
    const strides = channelsLastStrides(of.shape, format);
    return { shape: of.shape, dtype, strides: isContiguous(of.shape, strides) ? null : strides };
  }
  if (of.strides && isDense(of)) return { shape: of.shape, dtype, strides: of.strides };
  return iterated(of.shape, [of], dtype);
}

/** Strides with the channels fastest, for images `[N, C, H, W]` or volumes `[N, C, D, H, W]`. */
export function channelsLastStrides(shape: readonly Size[], format: string): number[] {
  const rank = format === "channels_last" ? 4 : 5;
  if (shape.length !== rank) throw new Refused(`${format} needs ${rank} axes, but the tensor has ${shape.length}`);
  return stridesInOrder(shape.map(integer), [1, ...[...Array(rank - 2).keys()].map((i) => rank - 1 - i), 0]);
}

/** Whether a tensor lies in memory with its channels fastest, as convolutions leave it under that format. */
export function isChannelsLast(tensor: Tensor): boolean {
  const { shape, strides } = tensor;
  if (!strides || (shape.length !== 4 && shape.length !== 5) || !shape.every(isKnown)) return false;
  const wanted = channelsLastStrides(shape, shape.length === 4 ? "channels_last" : "channels_last_3d");
  return !isContiguous(shape, strides) && shape.every((size, i) => integer(size) === 1 || strides[i] === wanted[i]);
}

/** Strides of a tensor broadcast to a shape: 0 on the axes that repeat it. */
export function broadcastStrides(tensor: Tensor, shape: readonly Size[]): number[] {
  const own = stridesOf(tensor);
  const missing = shape.length - own.length;
  return shape.map((size, i) => {
    const at = i - missing;
    if (at < 0) return 0;
    return integer(tensor.shape[at] as Size) === 1 && integer(size) !== 1 ? 0 : (own[at] as number);
  });
}

/** Axes from the fastest to the slowest. Operands that repeat along either of two axes have no say about them. */
function iterationOrder(lengths: readonly number[], strides: readonly (readonly number[])[]): number[] {
  const order = lengths.map((_, i) => lengths.length - 1 - i);
  for (let i = 1; i < order.length; i++) {
    let moving = i;
    for (let before = i - 1; before >= 0; before--) {
      const verdict = compare(order[before] as number, order[moving] as number, lengths, strides);
      if (verdict < 0) break;
      if (verdict === 0) continue;
      [order[before], order[moving]] = [order[moving] as number, order[before] as number];
      moving = before;
    }
  }
  return order;
}

/** Positive where axis `a` is slower than axis `b`, 0 where no operand tells. */
function compare(a: number, b: number, lengths: readonly number[], strides: readonly (readonly number[])[]): number {
  for (const own of strides) {
    const [first, second] = [own[a] as number, own[b] as number];
    if (first === 0 || second === 0) continue;
    if (first !== second) return first - second;
    if ((lengths[a] as number) > (lengths[b] as number)) return 1;
  }
  return 0;
}

function stridesInOrder(lengths: readonly number[], order: readonly number[]): number[] {
  const strides: number[] = new Array(lengths.length).fill(1);
  let step = 1;
  for (const at of order) {
    strides[at] = step;
    step *= Math.max(lengths[at] as number, 1);
  }
  return strides;
}
