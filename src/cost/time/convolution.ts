/** Convolutions: products by tiles, with the operands brought into channels-last order; depthwise ones by their own kernel. */

import type { DType } from "../../tensor/dtype.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { count, integer, integers } from "../../tensor/size.ts";
import { isTensor, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import type { Machine } from "./machine.ts";
import { type KernelSeconds, tiledSeconds } from "./products.ts";
import type { Traffic } from "./residency.ts";
import { elementsOf, operands, results } from "./shapes.ts";

export interface ConvolutionShape {
  readonly form: "convolution";
  /** As in the curves: `few-channel half convolution backward`. */
  readonly kind: string;
  readonly depthwise: boolean;
  readonly pass: "forward" | "backward";
  readonly groups: number;
  /** Output positions of the whole batch, channels of a group on both sides, elements of the kernel. */
  readonly positions: number;
  readonly channelsOut: number;
  readonly channelsIn: number;
  readonly window: number;
  readonly macs: number;
  readonly dtype: DType;
  /** Kernels that bring operands into the order that the convolution reads, and back; 0 where all lies so. */
  readonly layouts: number;
  /** Bytes that they read and write. */
  readonly reorderedBytes: number;
  /** Elements that a depthwise kernel works on: the results; backward, what lies on either side. */
  readonly outputs: number;
  /** Gradients that a backward kernel makes: of the input, of the weight. */
  readonly gradients: number;
}

export function convolutionShape(operation: Operation): ConvolutionShape {
  const { name, macs } = operation;
  const made = results(operation);
  const backward = name.includes("backward");
  const tensors = operands(operation).filter(({ shape }) => shape.length > 2);
  const byRole = backward ? backwardOperands(tensors, made) : { x: tensors[0], w: tensors[1], y: made[0] };
  const x = byRole.x as Tensor;
  const w = (byRole.w ?? x) as Tensor;
  const y = (byRole.y ?? x) as Tensor;
  const [out = 1, perGroup = 1, ...kernel] = integers(w.shape);
  const channels = integer(x.shape[1] ?? 1);
  const groups = Math.max(1, Math.round(channels / perGroup));
  const window = kernel.reduce((a, b) => a * b, 1);
  const positions = elementsOf(y) / Math.max(1, integer(y.shape[1] ?? 1));
  const depthwise = groups > 1 && perGroup === 1;
  const order = channelsLast(x) || (window === 1 && plainProduct(x, y));
  const reordered = order ? [] : window > 1 ? [x, w, y] : integer(x.shape[0] ?? 1) > 1 ? [x, y] : [x];
  const gradients = backward ? made.filter(({ shape }) => shape.length > 2).length : 1;
  return {
    form: "convolution",
    kind: kindOf(depthwise, perGroup < 8 && groups === 1, itemBytes(x.dtype) <= 2, backward, order),
    depthwise,
    pass: backward ? "backward" : "forward",
    groups,
    positions,
    channelsOut: out / groups,
    channelsIn: perGroup,
    window,
    macs: macs as number,
    dtype: x.dtype,
    layouts: reordered.length,
    reorderedBytes: 2 * itemBytes(x.dtype) * reordered.reduce((all, one) => all + elementsOf(one), 0),
    outputs: backward ? (elementsOf(x) + elementsOf(y)) / 2 : elementsOf(y),
    gradients,
  };
}

/** The gradient comes first, then the input and the weight as they were kept. */
function backwardOperands(
  tensors: readonly Tensor[],
  out: readonly Tensor[],
): Partial<Record<"x" | "w" | "y", Tensor>> {
  const [y, first, second] = tensors;
  const made = out.filter(({ shape }) => shape.length > 2);
  if (first && second) return { y, x: first, w: second } as Record<"x" | "w" | "y", Tensor>;
  return { y, x: first ?? made[0], w: made.find((one) => one !== first) ?? first } as Record<"x" | "w" | "y", Tensor>;
}

function channelsLast(x: Tensor): boolean {
  return isTensor(x) && x.strides !== null && stridesOf(x)[1] === 1 && integer(x.shape[1] ?? 1) > 1;
}

/** A 1 × 1 window over planes of aligned length is a product as it stands; of one image the input alone is brought into line otherwise. */
function plainProduct(x: Tensor, y: Tensor): boolean {
  const plane = count(x.shape.slice(2));
  const aligned = (plane * itemBytes(x.dtype)) % 16 === 0 || plane === 1;
  return aligned && plane === count(y.shape.slice(2));
}

function kindOf(depthwise: boolean, few: boolean, half: boolean, backward: boolean, ordered: boolean): string {
  const suffix = backward ? " backward" : "";
  const type = half ? "half" : "fp32";
  if (depthwise)
    return ordered ? `channels-last ${type} depthwise convolution${suffix}` : `depthwise convolution${suffix}`;
  return `${few ? "few-channel " : ""}${type} convolution${suffix}`;
}

/** Elements of the windows that PyTorch's depthwise kernel is compiled for (aten/src/ATen/native/cuda/DepthwiseConv2d.cu). */
const unrolled: readonly number[] = [1, 9, 25];

export function convolutionSeconds(shape: ConvolutionShape, traffic: Traffic, machine: Machine): KernelSeconds {
  const { curves } = machine;
  const depthwise = shape.depthwise ? curves.depthwise[shape.kind] : undefined;
  if (depthwise) {
    const { startSeconds, outputSeconds, macSeconds, stepSeconds } = depthwise;
    const steps = unrolled.includes(shape.window) ? 0 : shape.window;
    const both = shape.pass === "forward" || shape.gradients > 1 ? 1 : 0.5;
    const compute = (both * shape.outputs * (outputSeconds + shape.window * macSeconds)) / machine.vectorScale;
    return {
      start: startSeconds + steps * stepSeconds,
      compute,
      memory: (traffic.far + traffic.near) / machine.bytesPerSecond,
    };
  }
  const curve = curves.convolutions[shape.kind];
  if (!curve) throw new Error(`no curve for ${shape.kind}`);
  const rate = machine.flopsPerSecond(shape.dtype, true);
  // Channels are padded to what a matrix unit takes at once.
  const inner = Math.ceil(shape.channelsIn / 8) * 8 * shape.window;
  const base = tiledSeconds(
    { batch: shape.groups, m: shape.positions, n: shape.channelsOut, k: inner },
    rate,
    curve,
    traffic,
    machine,
    1,
  );
  const reorder =
    shape.layouts > 0
      ? shape.layouts * curve.layoutStartSeconds + shape.reorderedBytes / (machine.bytesPerSecond * curve.layoutShare)
      : 0;
  const times = shape.pass === "backward" ? shape.gradients : 1;
  return { start: base.start * times + reorder, compute: base.compute * times, memory: base.memory };
}
