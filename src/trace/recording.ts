/** What the tracer writes down of arguments and results. */
import { Unknown } from "../base/unknown.ts";
import type { Arg, Made, Saved } from "../ops/op.ts";
import { isComplex, isFloating } from "../tensor/dtype.ts";
import { NeedsKnownSize } from "../tensor/size.ts";
import { denseBytes, isTensor, type Storage, type Tensor } from "../tensor/tensor.ts";
import type { TensorNote } from "./trace.ts";

export function copyOf({ shape, dtype }: Tensor): Saved {
  return { extraBytes: denseBytes(shape, dtype), what: "the tensor before it was overwritten" };
}

export function needsGrad(arg: Arg): boolean {
  if (Array.isArray(arg)) return arg.some(needsGrad);
  return isTensor(arg) && (arg.requiresGrad || arg.storage.writer !== undefined);
}

/** Tensors as results are: in new storages, or in those that they share. */
export function madeTensors(
  made: readonly Made[],
  newStorage: (bytes: number | Unknown) => Storage,
): { out: Tensor[]; fresh: Storage[] } {
  const fresh: Storage[] = [];
  const out = made.map((one): Tensor => {
    const { shape, strides, dtype, data, sharing, atLeast } = one;
    const storage = sharing?.storage ?? newStorage(one.storageBytes ?? denseBytes(shape, dtype));
    const tensor: Tensor = { shape, strides: strides ?? null, dtype, storage, data, requiresGrad: false };
    if (atLeast !== undefined) Object.assign(tensor, { atLeast });
    if (!sharing) {
      fresh.push(storage);
      storage.base = tensor;
    }
    return tensor;
  });
  return { out, fresh };
}

/** Whether autograd follows a result: a number of real or complex type that no record excludes. */
export function leads(out: readonly Tensor[], made: readonly Made[], i: number): boolean {
  const { dtype } = out[i] as Tensor;
  return !made[i]?.detached && (isFloating(dtype) || isComplex(dtype));
}

/** The tensors among arguments, those in lists included. */
export function tensorsOf(args: readonly Arg[]): Tensor[] {
  const found: Tensor[] = [];
  for (const arg of args) {
    if (Array.isArray(arg)) {
      for (const one of arg) if (isTensor(one)) found.push(one);
    } else if (isTensor(arg)) found.push(arg);
  }
  return found;
}

export function note({ shape, dtype, storage }: Tensor): TensorNote {
  return { shape, dtype, storage };
}

export function deviceOf(args: readonly Arg[]): string | undefined {
  for (const arg of args) {
    if (isTensor(arg)) return arg.storage.device;
    if (Array.isArray(arg)) {
      const first = arg.find(isTensor);
      if (first) return (first as Tensor).storage.device;
    }
  }
  return undefined;
}

export function total(tensors: readonly Tensor[]): number | Unknown {
  let bytes = 0;
  for (const { shape, dtype } of tensors) {
    const one = denseBytes(shape, dtype);
    if (one instanceof Unknown) return one;
    bytes += one;
  }
  return bytes;
}

export function scaled(count: number | Unknown, factor: number): number | Unknown {
  return count instanceof Unknown ? count : count * factor;
}

/** A figure, or the size that it lacks. */
export function attempt<T>(figure: () => T): T | Unknown {
  try {
    return figure();
  } catch (error) {
    if (error instanceof NeedsKnownSize) return error.unknown;
    throw error;
  }
}

/** What a record says, or undefined where it needs a size that is not known. */
export function settled<T>(say: () => T): T | undefined {
  const said = attempt(say);
  return said instanceof Unknown ? undefined : said;
}
