/** Strided layouts in this scenario's integers: which reshapes are views, and what a copy would keep. */
import { type DType, itemBytes } from "../../tensor/dtype.ts";
import { integer, integers } from "../../tensor/size.ts";
import { contiguousStrides, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Extra } from "../op.ts";

/** A tensor inside an operation: a view of an argument, or a copy that only autograd would see. */
export interface Strided {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly kept: Tensor | Extra;
  readonly itemBytes: number;
  readonly dtype?: DType;
}

/** Throws NeedsKnownSize where a size is unknown. */
export function strided(tensor: Tensor): Strided {
  return {
    shape: integers(tensor.shape),
    strides: stridesOf(tensor),
    kept: tensor,
    itemBytes: itemBytes(tensor.dtype),
    dtype: tensor.dtype,
  };
}

/** A new contiguous block of this shape. */
export function block(shape: readonly number[], bytes: number, what: string, dtype?: DType): Strided {
  const extraBytes = shape.reduce((total, n) => total * n, bytes);
  const like = dtype && { shape, dtype };
  const of = dtype && { dtype };
  return { shape, strides: contiguousStrides(shape), kept: { extraBytes, like, what }, itemBytes: bytes, ...of };
}

export function permuted(of: Strided, order: readonly number[]): Strided {
  return { ...of, shape: order.map((i) => of.shape[i] ?? 1), strides: order.map((i) => of.strides[i] ?? 0) };
}

/** The last two axes exchanged. */
export function transposed(of: Strided): Strided {
  const order = [...of.shape.keys()];
  const last = order.length - 1;
  return last < 1 ? of : permuted(of, [...order.slice(0, -2), last, last - 1]);
}

export function unsqueezed(of: Strided, at: number): Strided {
  const stride = at < of.shape.length ? (of.strides[at] ?? 1) * (of.shape[at] ?? 1) : 1;
  return { ...of, shape: of.shape.toSpliced(at, 0, 1), strides: of.strides.toSpliced(at, 0, stride) };
}

/** Axes in front and axes of size 1 repeated with stride 0, as `Tensor.expand`. */
export function expanded(of: Strided, shape: readonly number[]): Strided {
  const missing = shape.length - of.shape.length;
  const strides = shape.map((n, i) =>
    i < missing || (of.shape[i - missing] === 1 && n !== 1) ? 0 : (of.strides[i - missing] ?? 0),
  );
  return { ...of, shape, strides };
}

/** A view where the strides allow one, otherwise a contiguous copy, as `Tensor.reshape`. */
export function reshaped(of: Strided, shape: readonly number[]): Strided {
  const strides = viewStrides(of.shape, of.strides, shape);
  return strides ? { ...of, shape, strides } : block(shape, of.itemBytes, "copy made by reshape", of.dtype);
}

/** Strides of the same elements under another shape, or `null` where they would have to be copied (`computeStride` of ATen). */
export function viewStrides(
  from: readonly number[],
  strides: readonly number[],
  to: readonly number[],
): readonly number[] | null {
  if (from.includes(0)) return contiguousStrides(to);
  const out: number[] = new Array(to.length).fill(1);
  let at = to.length - 1;
  let base = strides[from.length - 1] ?? 1;
  let chunk = 1;
  let viewed = 1;
  for (let i = from.length - 1; i >= 0; i--) {
    chunk *= from[i] ?? 1;
    if (i > 0 && (from[i - 1] === 1 || strides[i - 1] === chunk * base)) continue;
    while (at >= 0 && (viewed < chunk || to[at] === 1)) {
      out[at] = viewed * base;
      viewed *= to[at] ?? 1;
      at--;
    }
    if (viewed !== chunk) return null;
    base = strides[i - 1] ?? 1;
    chunk = 1;
    viewed = 1;
  }
  return to.slice(0, at + 1).every((n) => n === 1) ? out : null;
}

/** Whether a kernel would read it in channels-last order (`is_channels_last_strides` of ATen; images and volumes). */
export function readsChannelsLast(tensor: Tensor): boolean {
  const rank = tensor.shape.length;
  if (!tensor.strides || (rank !== 4 && rank !== 5) || tensor.strides[1] === 0) return false;
  let least = 0;
  for (const d of rank === 4 ? [1, 3, 2, 0] : [1, 4, 3, 2, 0]) {
    const n = integer(tensor.shape[d] ?? 1);
    const stride = tensor.strides[d] ?? 0;
    if (n === 0 || stride < least || (d === 0 && least === tensor.strides[1])) return false;
    least = stride * Math.max(n, 1);
  }
  return true;
}
