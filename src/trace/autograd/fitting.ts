import { Unknown } from "../../base/unknown.ts";
import { integer, type Size, sameSize } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Running } from "./running.ts";

/**
 * A gradient as the engine hands it on: summed over the axes that its input was repeated along, in the input's dtype. What
 * a formula gives in the wrong shape for any other reason is replaced by a tensor of the right one.
 */
export function fitted(gradient: Tensor, input: Tensor, running: Running): Tensor {
  let one = gradient;
  if (!sameShape(one.shape, input.shape)) one = summed(one, input.shape, running);
  if (one.dtype !== input.dtype) one = running.run("aten._to_copy", one, input.dtype);
  return one;
}

function summed(gradient: Tensor, to: readonly Size[], running: Running): Tensor {
  const missing = gradient.shape.length - to.length;
  const over = gradient.shape.flatMap((size, i) => {
    const own = to[i - missing];
    return i < missing || (own !== undefined && isOne(own) && !isOne(size)) ? [i] : [];
  });
  const repeated =
    missing >= 0 && to.every((size, i) => isOne(size) || sameKnown(size, gradient.shape[i + missing] as Size));
  if (!repeated) {
    return running.kernel("aten.copy", [gradient], [{ shape: to, dtype: gradient.dtype }])[0] as Tensor;
  }
  if (over.length === 0) return gradient;
  const sum = running.run("aten.sum", gradient, over, true);
  return missing > 0 ? { ...sum, shape: to, strides: null } : sum;
}

function sameShape(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, i) => sameKnown(size, b[i] as Size));
}

/** Sizes of which one is unknown are taken for equal. */
function sameKnown(a: Size, b: Size): boolean {
  return a instanceof Unknown || b instanceof Unknown || a === b || sameSize(a, b) || integer(a) === integer(b);
}

function isOne(size: Size): boolean {
  return !(size instanceof Unknown) && integer(size) === 1;
}
