/** Which kernel an operation runs, and what its time depends on. */
import { Unknown } from "../../base/unknown.ts";
import { NeedsKnownSize } from "../../tensor/size.ts";
import type { Operation } from "../../trace/trace.ts";
import { type AttentionShape, attentionShape } from "./attention.ts";
import { type ConvolutionShape, convolutionShape } from "./convolution.ts";
import { type MathShape, mathAttention } from "./mathAttention.ts";
import { type ProductShape, productShape } from "./products.ts";
import { sideKernels } from "./sideKernels.ts";
import { type StreamShape, streamShape } from "./streams.ts";

export type Kernel = StreamShape | ProductShape | ConvolutionShape | AttentionShape;

export interface Run {
  readonly kernel: Kernel;
  /** What it moves, where that is not the operands and results of its operation. */
  readonly bytes?: number;
  /** What the CPU asks for where an operation of several kernels has a figure of its own there. */
  readonly asked?: string;
}

/** The kernels of an operation, the one that its record stands for first; none for a view, unknown where a size is. */
export function kernelsOf(operation: Operation): readonly Run[] | Unknown {
  const { bytesRead, bytesWritten, macs } = operation;
  for (const figure of [bytesRead, bytesWritten, macs]) if (figure instanceof Unknown) return figure;
  if (bytesRead === 0 && bytesWritten === 0) return [];
  if (operation.outputs[0]?.storage.device === "cpu") return [];
  try {
    const main = mainKernel(operation);
    return main.form === "math" ? mathAttention(main) : [{ kernel: main }, ...sideKernels(operation)];
  } catch (error) {
    if (error instanceof NeedsKnownSize) return error.unknown;
    throw error;
  }
}

function mainKernel(operation: Operation): Kernel | MathShape {
  const { name } = operation;
  if (name.includes("convolution")) return convolutionShape(operation);
  if (/attention/.test(name)) return attentionShape(operation) ?? streamShape(operation);
  if (/lstm|gru|rnn_/.test(name)) return streamShape(operation);
  if (operation.macs !== 0 || /^aten\.(matmul|mv|dot|linear)$/.test(name)) return vectorShape(productShape(operation));
  return streamShape(operation);
}

/** One row or one column is multiplied by a kernel that streams over the matrix. */
function vectorShape(shape: ProductShape): ProductShape | StreamShape {
  const { batch, m, n, k } = shape;
  if (Math.min(m, n) > 1 || shape.kind === "grouped product") return shape;
  const items = batch * Math.max(m, n) * k;
  return { form: "stream", kind: "vector product", items, rows: 0, lanes: Number.POSITIVE_INFINITY };
}
