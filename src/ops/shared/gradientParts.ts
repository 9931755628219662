/** Gradients of parts and of joined tensors. */
import { integer, type Size } from "../../tensor/size.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { BackwardCall } from "../op.ts";
import { type Backward, into, tensorAt, viewed, zeros } from "./gradients.ts";
import { isKnown } from "./making.ts";

/** A part's gradient copied into zeros as large as the whole (select_backward, slice_backward, diagonal_backward …). */
export const placedInZeros: Backward = ([grad], call) => {
  const whole = tensorAt(call.args, 0) as Tensor;
  const made = zeros(call, whole.shape, (grad as Tensor).dtype);
  into(call, "copy_", viewed(made, (grad as Tensor).shape, null), grad);
  return [made];
};

/** Gradients of chosen elements written into zeros at their places. */
export const scatteredBack: Backward = ([grad], call) => {
  const whole = tensorAt(call.args, 0) as Tensor;
  const made = zeros(call, whole.shape, whole.dtype);
  into(call, "scatter_", made, grad, ...call.kept);
  return [made];
};

/** Gradients of pieces put together again along an axis; a piece without one is zeros. */
export function joinedPieces(
  grads: readonly (Tensor | undefined)[],
  call: BackwardCall,
  name: "cat" | "stack",
): readonly Tensor[] {
  const whole = tensorAt(call.args, 0) as Tensor;
  const dtype = grads.find((one) => one !== undefined)?.dtype ?? whole.dtype;
  const pieces = call.out.map((piece, i) => grads[i] ?? zeros(call, piece.shape, dtype));
  return call.kernel(`aten.${name}`, pieces, [{ shape: whole.shape, dtype }]);
}

/** The part of a gradient along an axis, as a view. */
export function narrowed(grad: Tensor, at: number, length: Size): Tensor {
  const shape = grad.shape.map((size, i) => (i === at ? length : size));
  const whole = shape.every(isKnown) && integer(length) === integer(grad.shape[at] as Size);
  return viewed(grad, shape, whole ? grad.strides : grad.shape.every(isKnown) ? stridesOf(grad) : null);
}

/** The same without the axis. */
export function selected(grad: Tensor, at: number): Tensor {
  const without = <T>(list: readonly T[]) => list.filter((_, i) => i !== at);
  return viewed(grad, without(grad.shape), grad.shape.every(isKnown) ? without(stridesOf(grad)) : null);
}
