/** Formulas of gradients that many operations share. Sums over repeated axes and casts back are the engine's. */
import type { DType } from "../../tensor/dtype.ts";
import type { Size } from "../../tensor/size.ts";
import { isContiguous, isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Arg, BackwardCall, Gradient, KernelCost, Made, Op } from "../op.ts";
import { iterated } from "./layout.ts";
import { isKnown } from "./making.ts";
import { readsChannelsLast } from "./strided.ts";
import { restrided } from "./viewing.ts";

export type Backward = NonNullable<Op["backward"]>;

/** The gradient goes through to the first argument, unchanged. */
export const passes: Backward = ([grad]) => [grad];

/** The gradient goes through to every argument that needs one. */
export const passesToAll: Backward = ([grad], { needs }) => needs.map((one) => (one ? grad : undefined));

/** One kernel for the first argument's gradient, from the result's and what was kept. */
export function fused(name: string, work = 1): Backward {
  return ([grad], call) => [elementwise(call, name, [grad, ...call.kept], { work })];
}

/** Kernels one after the other, of which the last gives the first argument's gradient and the others are let go. */
export function chained(...names: readonly string[]): Backward {
  return ([grad], call) => {
    let last = grad as Tensor;
    names.forEach((name, i) => {
      const reads = i === 0 ? [grad, ...call.kept] : [last, grad];
      last = elementwise(call, name, reads);
    });
    return [last];
  };
}

/** One kernel for the gradients of all arguments that need one, each as its argument is. */
export function oneKernel(
  name: string,
  grads: readonly (Tensor | undefined)[],
  call: BackwardCall,
  cost: KernelCost,
): readonly Gradient[] {
  const follows = (one: unknown): one is Tensor => isTensor(one) && (one.requiresGrad || one.node !== undefined);
  const lists = call.args.map((arg, i) => (call.needs[i] ? [arg].flat().filter(follows) : []));
  const makes = lists.flat().map(({ shape, dtype }) => ({ shape, dtype }));
  const made = call.kernel(name, [...grads, ...call.kept], makes, cost);
  let next = 0;
  return call.args.map((arg, i): Gradient => {
    if (!call.needs[i]) return undefined;
    if (!Array.isArray(arg)) return made[next++];
    return arg.map((one) => (follows(one) ? made[next++] : undefined));
  });
}

/** An element-wise kernel over tensors; those that are only bytes are read but have no say about the layout. */
export function elementwise(
  { kernel }: BackwardCall,
  name: string,
  reads: readonly (Tensor | undefined)[],
  cost: KernelCost & { readonly dtype?: DType } = {},
): Tensor {
  const operands = reads.filter((one) => one !== undefined);
  const [first] = operands as [Tensor];
  const shape = operands.reduce((best, one) => (one.shape.length > best.length ? one.shape : best), first.shape);
  const alike = operands.filter((one) => one.dtype !== "uint8" && one.shape.length === shape.length);
  const made = fits(alike, shape) ? iterated(shape, alike, first.dtype) : { shape, dtype: first.dtype };
  const { dtype, ...rest } = cost;
  return kernel(`aten.${name}`, operands, [{ ...made, dtype: dtype ?? first.dtype }], rest)[0] as Tensor;
}

function fits(operands: readonly Tensor[], shape: readonly Size[]): boolean {
  return shape.every(isKnown) && operands.every((one) => one.shape.every(isKnown));
}

/** The same memory under another shape. */
export function viewed(of: Tensor, shape: readonly Size[], strides: readonly number[] | null): Tensor {
  const { dtype, storage } = of;
  const plain = strides === null || (shape.every(isKnown) && isContiguous(shape, strides));
  return { shape, strides: plain ? null : strides, dtype, storage, requiresGrad: false };
}

/** `grad.reshape(shape)` as a node of its own: a view, or a copy where its strides allow none, which takes the gradient's place. */
export function reshaped(grad: Tensor, shape: readonly Size[], call: BackwardCall): Tensor {
  const strides = restrided(grad, shape);
  if (strides !== undefined) return viewed(grad, shape, strides);
  const [copy] = call.kernel("aten.clone", [grad], [{ shape, dtype: grad.dtype }]) as [Tensor];
  call.drop(grad);
  return copy;
}

/** Row by row, or with channels fastest where `like` lies so: a copy where it does not. Kernels copy their gradient like that. */
export function contiguous(grad: Tensor, call: BackwardCall, like?: Tensor): Tensor {
  if (!grad.shape.every(isKnown)) return grad;
  if (like && readsChannelsLast(like)) {
    if (readsChannelsLast(grad)) return grad;
    return call.kernel("aten.clone", [grad], [
      { ...like, shape: grad.shape, dtype: grad.dtype },
    ] as Made[])[0] as Tensor;
  }
  if (isContiguous(grad.shape, grad.strides)) return grad;
  return call.kernel("aten.clone", [grad], [{ shape: grad.shape, dtype: grad.dtype }])[0] as Tensor;
}

/** A new tensor of zeros. */
export function zeros(call: BackwardCall, shape: readonly Size[], dtype: DType): Tensor {
  return call.kernel("aten.zeros", [], [{ shape, dtype }])[0] as Tensor;
}

/** Writes into memory that is there. */
export function into(
  call: BackwardCall,
  name: string,
  target: Tensor,
  ...reads: readonly (Tensor | undefined)[]
): void {
  call.kernel(`aten.${name}`, reads, [{ ...target, sharing: target }] as Made[]);
}

/** The argument where it is a tensor. */
export function tensorAt(args: readonly Arg[], i: number): Tensor | undefined {
  const arg = args[i];
  return isTensor(arg) ? arg : undefined;
}
