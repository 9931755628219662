/** Sizes and memory order of tensors as numbers. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, integer, integers } from "../../tensor/size.ts";
import { isContiguous, isTensor, type Storage, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";

/** The tensors among an operation's arguments, lists included. */
export function operands({ call }: Operation): Tensor[] {
  return call.args.flatMap((arg) => (Array.isArray(arg) ? arg.filter(isTensor) : isTensor(arg) ? [arg] : []));
}

/** Its results, in the order of memory that is known of them. */
export function results({ call, outputs }: Operation): Tensor[] {
  if (call.out.length === outputs.length) return [...call.out];
  return outputs.map((one) => ({ ...one, strides: null, requiresGrad: false }));
}

export function elementsOf({ shape }: Pick<Tensor, "shape">): number {
  return count(shape);
}

/** Elements that are really there: an expanded axis holds one. */
export function storedElements(tensor: Tensor): number {
  if (!tensor.strides) return count(tensor.shape);
  return tensor.shape.reduce((total: number, size, i) => total * (tensor.strides?.[i] === 0 ? 1 : integer(size)), 1);
}

/** What only writes, although it is told of a tensor like that which it makes. */
const filling = /\.(zeros|ones|empty|full|zero|fill|arange)(_like|_)?$/;

/** Bytes read and written by storage, in sum what the operation's record says. */
export function traffic(operation: Operation): { reads: Map<Storage, number>; writes: Map<Storage, number> } {
  const reads = filling.test(operation.name) ? new Map() : byStorage(operands(operation));
  const writes = byStorage(results(operation));
  scale(reads, operation.bytesRead as number);
  scale(writes, operation.bytesWritten as number);
  return { reads, writes };
}

function byStorage(tensors: readonly Tensor[]): Map<Storage, number> {
  const bytes = new Map<Storage, number>();
  for (const tensor of tensors) {
    if (tensor.storage.device === "cpu") continue;
    const own = storedElements(tensor) * itemBytes(tensor.dtype);
    bytes.set(tensor.storage, Math.max(own, bytes.get(tensor.storage) ?? 0));
  }
  return bytes;
}

/** A record that says less than its tensors hold (a gather) is right; views of one storage are read once. */
function scale(bytes: Map<Storage, number>, most: number): void {
  let total = 0;
  for (const one of bytes.values()) total += one;
  if (total <= most || total === 0) return;
  for (const [storage, one] of bytes) bytes.set(storage, (one * most) / total);
}

/** Whether all have the shape and memory order of the first. */
export function sameOrder(first: Tensor, others: readonly Tensor[]): boolean {
  const shape = integers(first.shape).join();
  const strides = ordered(first);
  return others.every((one) => integers(one.shape).join() === shape && ordered(one) === strides);
}

/** Strides of the axes that are longer than 1. */
function ordered(tensor: Tensor): string {
  const strides = stridesOf(tensor);
  return tensor.shape.flatMap((size, i) => (integer(size) > 1 ? [strides[i]] : [])).join();
}

/** Whether neighbours in memory of the one are neighbours in the other: the axis of stride 1 is the same. */
export function sameInnermost(a: Tensor, b: Tensor): boolean {
  const [inA, inB] = [innermost(a), innermost(b)];
  return inA === undefined || inB === undefined || inA === inB;
}

function innermost(tensor: Tensor): number | undefined {
  const strides = stridesOf(tensor);
  const found = tensor.shape.findLastIndex((size, i) => integer(size) > 1 && strides[i] === 1);
  return found < 0 ? undefined : tensor.shape.length - found;
}

export function isDenseRowMajor({ shape, strides }: Tensor): boolean {
  return isContiguous(shape, strides);
}
