/** Kernels that PyTorch runs beside the one that an operation is named for: operands copied into order, a bias added after. */
import { loweredMatmul } from "../../ops/shared/contracting.ts";
import { strided, transposed } from "../../ops/shared/strided.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { isContiguous, isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import type { Run } from "./kernels.ts";
import { elementsOf, sameInnermost } from "./shapes.ts";

export function sideKernels({ name, call }: Operation): Run[] {
  const [first, second, third] = call.args;
  const [out] = call.out;
  if (!isTensor(first) || !out) return [];
  switch (name) {
    case "aten.matmul":
      return isTensor(second) ? copies(first, second) : [];
    case "aten.linear":
      return isTensor(second) && !isContiguous(first.shape, first.strides)
        ? [...copies(first, matrix(second)), ...(isTensor(third) && first.shape.length > 2 ? [pass(out)] : [])]
        : [];
    // cuDNN adds no bias: a kernel behind it does. The depthwise kernel of PyTorch's own adds it itself.
    case "aten.convolution":
      return isTensor(third) && isTensor(second) && !isNativeDepthwise(first, second) ? [pass(out)] : [];
    // These kernels read rows that lie one behind the other.
    case "aten.native_layer_norm":
    case "aten.layer_norm":
    case "aten.rms_norm":
    case "aten._fused_rms_norm":
      return isContiguous(first.shape, first.strides) ? [] : [ordered(first)];
    // Out of place it is a copy that is filled.
    case "aten.masked_fill":
      return call.inPlace ? [] : [stream("element-wise", elementsOf(out), 2 * bytesOf(out))];
    default:
      return [];
  }
}

/** Operands whose order of axes no product can read. */
function copies(a: Tensor, b: Tensor): Run[] {
  const { left, right } = loweredMatmul(a, b);
  return (
    [
      [a, left],
      [b, right],
    ] as const
  ).flatMap(([from, to]) => {
    if (isTensor(to)) return [];
    const bytes = Number(to.extraBytes);
    const kind = sameInnermost(from, { ...from, strides: null }) ? "strided element-wise" : "transposed copy";
    return [stream(kind, bytes / itemBytes(from.dtype), 2 * bytes)];
  });
}

/** A copy that lies row by row. */
function ordered(from: Tensor): Run {
  const kind = sameInnermost(from, { ...from, strides: null }) ? "strided element-wise" : "transposed copy";
  return stream(kind, elementsOf(from), 2 * bytesOf(from));
}

/** The weight of a linear layer as the second operand of a product. */
function matrix(weight: Tensor): Tensor {
  const { shape, strides } = transposed(strided(weight));
  return { ...weight, shape, strides };
}

/** One pass over a result, with a short operand. */
function pass(out: Tensor): Run {
  return stream("strided element-wise", elementsOf(out), 2 * bytesOf(out));
}

function stream(kind: string, items: number, bytes: number): Run {
  return { kernel: { form: "stream", kind, items, rows: 0, lanes: Number.POSITIVE_INFINITY }, bytes };
}

function bytesOf(tensor: Tensor): number {
  return elementsOf(tensor) * itemBytes(tensor.dtype);
}

function isNativeDepthwise(x: Tensor, weight: Tensor): boolean {
  return weight.shape[1] === 1 && x.shape[1] === weight.shape[0] && isContiguous(x.shape, x.strides);
}
