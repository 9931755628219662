/** Operations of TensorFlow.js that PyTorch has no like of: channels last, TensorFlow's paddings, copies instead of views. */
import { Unknown } from "../../base/unknown.ts";
import { type Arg, type BackwardCall, type Op, Refused } from "../../ops/op.ts";
import { broadcastShapes } from "../../ops/shared/making.ts";
import type { DType } from "../../tensor/dtype.ts";
import { count, type Size, sameSize, showSize, times } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";

/** An operation that makes a tensor of a shape that is worked out before. */
export function makes(name: string, shape: readonly Size[], dtype: DType, more: Partial<Op> = {}): Op {
  return { name: `tfjs.${name}`, result: () => ({ shape, dtype }), ...more };
}

/** One that works on each element of operands that broadcast together. */
export function elementwise(name: string, work: number, dtype?: DType): Op {
  return {
    name: `tfjs.${name}`,
    result(args) {
      const inputs = args.filter(isTensor);
      const [first] = inputs as [Tensor];
      return { shape: broadcastShapes(...inputs.map(({ shape }) => shape)), dtype: dtype ?? first.dtype };
    },
    saves: (args) => args.filter(isTensor),
    work,
  };
}

/** A copy with its axes in another order. */
export function transposed(order: readonly number[]): Op {
  return {
    name: "tfjs.transpose",
    result([input]) {
      const { shape, dtype } = input as Tensor;
      return { shape: order.map((axis) => shape[axis] as Size), dtype };
    },
    backward: ([grad], call) => call.kernel("tfjs.transpose", [grad], [same(call.args[0])]),
  };
}

function same(arg: Arg | undefined): { shape: readonly Size[]; dtype: DType } {
  const { shape, dtype } = arg as Tensor;
  return { shape, dtype };
}

/** A convolution whose weight is [...kernel, in, out]: every weight at every output position. */
export function convolved(name: string, spatial: readonly Size[]): Op {
  const macs = everywhere(spatial);
  return {
    name: `tfjs.${name}`,
    result([input, weight]) {
      const [x, w] = [input as Tensor, weight as Tensor];
      mustHave(x, w.shape.at(-2), name);
      return { shape: [x.shape[0] as Size, ...spatial, w.shape.at(-1) as Size], dtype: x.dtype };
    },
    macs,
    saves: ([input, weight]) => [input as Tensor, weight as Tensor],
    backward: gradients(name, macs),
  };
}

/** Each channel convolved by filters of its own; the weight is [...kernel, in, multiplier]. */
export function convolvedApart(spatial: readonly Size[]): Op {
  const name = "depthwiseConv2d";
  const macs = everywhere(spatial);
  return {
    name: `tfjs.${name}`,
    result([input, weight]) {
      const [x, w] = [input as Tensor, weight as Tensor];
      mustHave(x, w.shape.at(-2), name);
      const channels = times(w.shape.at(-2) as Size, w.shape.at(-1) as Size);
      return { shape: [x.shape[0] as Size, ...spatial, channels], dtype: x.dtype };
    },
    macs,
    saves: ([input, weight]) => [input as Tensor, weight as Tensor],
    backward: gradients(name, macs),
  };
}

/** A transposed convolution; the weight is [...kernel, out, in]: every weight at every input position. */
export function convolvedBack(name: string, shape: readonly Size[]): Op {
  const macs = ([input, weight]: readonly Arg[]) =>
    count([...(input as Tensor).shape.slice(0, -1), ...(weight as Tensor).shape]);
  return {
    name: `tfjs.${name}`,
    result([input, weight]) {
      mustHave(input as Tensor, (weight as Tensor).shape.at(-1), name);
      return { shape, dtype: (input as Tensor).dtype };
    },
    macs,
    saves: ([input, weight]) => [input as Tensor, weight as Tensor],
    backward: gradients(name, macs),
  };
}

/** Every weight at every position of a result. */
function everywhere(spatial: readonly Size[]): (args: readonly Arg[]) => number {
  return ([input, weight]) => count([(input as Tensor).shape[0] as Size, ...spatial, ...(weight as Tensor).shape]);
}

function mustHave(x: Tensor, channels: Size | undefined, name: string): void {
  const own = x.shape.at(-1);
  if (own === undefined || channels === undefined || own instanceof Unknown || channels instanceof Unknown) return;
  if (!sameSize(own, channels))
    throw new Refused(`${name} takes ${showSize(channels)} channels, but the input has ${showSize(own)}`);
}

/** Each gradient is a product of as many multiply-adds as the operation itself; that of a bias, a sum. */
function gradients(name: string, multiplied: (args: readonly Arg[]) => number): NonNullable<Op["backward"]> {
  return ([grad], call: BackwardCall) => {
    const [x, w] = [call.args[0] as Tensor, call.args[1] as Tensor];
    const macs = multiplied(call.args);
    return call.args.map((one, i) => {
      if (!call.needs[i] || !isTensor(one)) return undefined;
      if (i > 1) return call.kernel("tfjs.sum", [grad], [same(one)])[0];
      const kernel = `tfjs.${name}Backprop${i === 0 ? "Input" : "Filter"}`;
      return call.kernel(kernel, [grad, i === 0 ? w : x], [same(one)], { macs })[0];
    });
  };
}

/** Batch normalization by given statistics: four operations an element. */
export const batchNorm: Op = elementwise("fusedBatchNorm", 4);
