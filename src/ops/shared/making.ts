/** Results of operations: new tensors, views, broadcast shapes and promoted dtypes. */
import { Unknown } from "../../base/unknown.ts";
import { category, type DType, promoteTypes } from "../../tensor/dtype.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { integer, type Size, showSize } from "../../tensor/size.ts";
import { isContiguous, isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, Refused } from "../op.ts";
import { isSize } from "./arguments.ts";

/** A new contiguous tensor. */
export function fresh(shape: readonly Size[], dtype: DType, data?: readonly number[]): Made {
  return { shape, dtype, data };
}

/** A view of `of`; strides that are row-major are kept as `null`. */
export function view(
  of: Tensor,
  shape: readonly Size[],
  strides: readonly number[] | null,
  data?: readonly number[],
): Made {
  const plain = strides === null || (shape.every(isKnown) && isContiguous(shape, strides));
  return { shape, dtype: of.dtype, strides: plain ? null : strides, sharing: of, data };
}

/** A new tensor with the strides of a dense input of the same shape, as element-wise operations preserve its layout. */
export function like(of: Tensor, dtype: DType = of.dtype): Made {
  return { shape: of.shape, dtype, strides: isDense(of) ? of.strides : null };
}

/** Whether the elements fill memory without gaps or overlaps, in some order of axes (channels-last, a transpose). */
export function isDense(tensor: Tensor): boolean {
  if (!tensor.strides || !tensor.shape.every(isKnown)) return !tensor.strides;
  const sized = tensor.shape
    .map((size, i) => [integer(size), tensor.strides?.[i] ?? 0] as const)
    .filter(([n]) => n !== 1);
  let step = 1;
  for (const [n, stride] of sized.sort((a, b) => a[1] - b[1])) {
    if (stride !== step) return false;
    step *= n;
  }
  return true;
}

/** The common shape under broadcasting. Refused with both sizes named where there is none. */
export function broadcastShapes(...shapes: readonly (readonly Size[])[]): readonly Size[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const out: Size[] = [];
  for (let fromEnd = rank; fromEnd >= 1; fromEnd--) {
    let best: Size = 1;
    for (const shape of shapes) {
      const one = shape[shape.length - fromEnd];
      if (one === undefined || one === 1) continue;
      if (best === 1) best = one;
      else if (best instanceof Unknown) best = !(one instanceof Unknown) && integer(one) !== 1 ? one : best;
      else if (one instanceof Unknown || integer(one) === integer(best)) continue;
      else if (integer(best) === 1) best = one;
      else if (integer(one) !== 1) {
        throw new Refused(
          `shapes ${shapes.map(showShape).join(" and ")} do not broadcast: ${showSize(best)} against ${showSize(one)} at axis ${-fromEnd}`,
        );
      }
    }
    out.push(best);
  }
  return out;
}

/** PyTorch's result type of tensors and Python numbers: dimensioned tensors first, then 0-d ones, then numbers. */
export function resultType(...operands: readonly (Arg | undefined)[]): DType {
  let dimensioned: DType | undefined;
  let scalar: DType | undefined;
  let number: DType | undefined;
  for (const operand of operands) {
    if (isTensor(operand)) {
      if (operand.shape.length > 0)
        dimensioned = dimensioned ? promoteTypes(dimensioned, operand.dtype) : operand.dtype;
      else scalar = scalar ? promoteTypes(scalar, operand.dtype) : operand.dtype;
    } else if (typeof operand === "boolean") number = number ?? "bool";
    else if (operand instanceof Complex) number = "complex64";
    else if (operand instanceof Float) number = number === "complex64" ? number : "float32";
    else if (isSize(operand)) number = number && category(number) > 1 ? number : "int64";
  }
  const ranked = [dimensioned, scalar, number].filter((dtype) => dtype !== undefined);
  let best = ranked[0] ?? "float32";
  for (const dtype of ranked.slice(1)) {
    if (category(dtype) <= category(best)) continue;
    best = dtype === "complex64" && best === "float64" ? "complex128" : dtype;
  }
  return best;
}

/** `[B, 3, 224]`. */
export function showShape(shape: readonly Size[]): string {
  return `[${shape.map(showSize).join(", ")}]`;
}

export function isKnown(size: Size): boolean {
  return !(size instanceof Unknown);
}
