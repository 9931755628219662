/**
 * What cuDNN's convolutions take beside their results: its tensor-core kernels read and write with the channels last, so
 * what lies otherwise is rewritten in scratch memory first. Which kernel runs is cuDNN's own guess (no benchmark mode); the
 * rules here are those under which its choices on an H200 fall (test/oracle/memory_ops.jsonl).
 */
import { itemBytes } from "../../../tensor/dtype.ts";
import { integers } from "../../../tensor/size.ts";
import { isTensor, stridesOf, type Tensor } from "../../../tensor/tensor.ts";
import type { Operation } from "../../../trace/trace.ts";
import type { Machine } from "../machine.ts";

export function convolutionBytes({ call, name, outputs }: Operation, { capability }: Machine): number {
  if (capability === undefined || capability < 7) return 0;
  const tensors = call.args.filter(isTensor);
  const backward = name === "aten.convolution_backward";
  const [gradient, input, weight] = backward ? tensors : [call.out[0], tensors[0], tensors[1]];
  if (!gradient || !input || !weight || outputs.length === 0) return 0;
  const shape = shapeOf(input, weight, gradient);
  // Full-precision products have no matrix units before Ampere (TF32): the kernels there read what lies as it is.
  if (shape.item === 4 && capability < 8) return 0;
  if (liesChannelsLast(input) || shape.depthwise) return 0;
  return backward ? backwardBytes(shape) : forwardBytes(shape);
}

interface Shape {
  readonly batch: number;
  readonly item: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly positions: number;
  readonly kernel: readonly number[];
  readonly stride: number;
  readonly depthwise: boolean;
  /** Input, result and weight as the kernels want them. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly weightBytes: number;
  /** The weight's gradient in float32. */
  readonly partBytes: number;
}

function shapeOf(input: Tensor, weight: Tensor, result: Tensor): Shape {
  const [batch = 1, channels = 1, ...size] = integers(input.shape);
  const [, outChannels = 1, ...outSize] = integers(result.shape);
  const [, perGroup = 1, ...kernel] = integers(weight.shape);
  const item = itemBytes(input.dtype);
  const groups = Math.max(1, Math.round(channels / perGroup));
  const multiple = input.dtype === "bfloat16" ? 8 : input.dtype === "float16" ? 4 : 1;
  const padded = (n: number) => Math.ceil(n / multiple) * multiple;
  const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);
  const points = product(kernel);
  return {
    batch,
    item,
    channels,
    outChannels,
    groups,
    positions: product(size),
    kernel,
    stride: Math.round((size.at(-1) ?? 1) / (outSize.at(-1) ?? 1)),
    depthwise: groups > 1 && perGroup === 1,
    inputBytes: batch * padded(channels) * product(size) * item,
    outputBytes: batch * padded(outChannels) * product(outSize) * item,
    // Weights of one point lie the same either way.
    weightBytes: points === 1 ? 0 : padded(channels) * Math.ceil(padded(outChannels) / groups) * points * item,
    partBytes: outChannels * perGroup * points * 4,
  };
}

function forwardBytes(shape: Shape): number {
  const { item, channels, outChannels, positions, kernel, stride, inputBytes, outputBytes, weightBytes } = shape;
  const pointwise = weightBytes === 0;
  if (pointwise && stride === 1 && positions % 4 === 0) return 0;
  if (pointwise && stride === 1 && item === 4 && Math.min(channels, outChannels) < 512) return 0;
  if (pointwise && stride > 1 && channels < 256) return 0;
  // Images are read by kernels of their own, but for large windows.
  if (channels <= 4 && ((kernel.at(-1) ?? 1) < 7 || stride >= (kernel.at(-1) ?? 1))) return 0;
  const writesAsAsked = item === 4 && channels > 4 && channels <= 64;
  return inputBytes + (writesAsAsked ? 0 : outputBytes) + weightBytes;
}

const mebibyte = 2 ** 20;

/** The weight's gradient is summed in parts: one for each image where it is a plain product, else a few. */
function backwardBytes(shape: Shape): number {
  const { item, channels, outChannels, stride, inputBytes, outputBytes, weightBytes, partBytes } = shape;
  const rewritten = inputBytes + outputBytes + weightBytes;
  if (weightBytes === 0 && stride === 1) return pointwiseBackward(shape);
  if (forwardBytes(shape) > 0)
    return rewritten + (item === 4 ? Math.min(14 * partBytes, 8 * mebibyte) : Math.min(13 * partBytes, 2 * mebibyte));
  if (weightBytes === 0) return rewritten;
  return channels <= 4 && (item === 2 || outChannels > 64) ? rewritten + 2 * mebibyte : 2 * mebibyte;
}

function pointwiseBackward(shape: Shape): number {
  const { batch, item, channels, outChannels, positions, inputBytes, outputBytes, partBytes } = shape;
  if (positions === 1) return 0;
  const rewritten = inputBytes + outputBytes;
  const parts = batch * partBytes;
  if (item === 4 && (channels <= 24 || (channels <= 32 && outChannels <= 16))) return rewritten + mebibyte;
  const widens = outChannels >= 3 * channels && partBytes <= (item === 4 ? 1 : 2) * mebibyte;
  return positions % 4 !== 0 && widens ? parts : Math.min(parts, rewritten);
}

function liesChannelsLast(one: Tensor): boolean {
  return one.shape.length > 2 && one.strides !== null && stridesOf(one)[1] === 1;
}
