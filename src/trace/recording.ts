/** What the tracer writes down of arguments and results. */
import { Unknown } from "../base/unknown.ts";
import type { Arg, Made, Saved } from "../ops/op.ts";
import { isComplex, isFloating } from "../tensor/dtype.ts";
import { NeedsKnownSize } from "../tensor/size.ts";
import { denseBytes, elements, isTensor, type Storage, type Tensor } from "../tensor/tensor.ts";
import type { Operation, OperationCall, TensorNote } from "./trace.ts";
import type { Tracer } from "./tracer.ts";

/** What an operation says of itself: its name, arguments, results and costs. */
export function costOf(
  call: OperationCall,
  fresh: readonly Storage[],
  slices: number,
): Omit<Operation, "kind" | "index" | "made" | "saved" | "pass" | "module" | "at"> {
  const { op, args, out, inPlace } = call;
  const inputs = tensorsOf(args);
  const isView = fresh.length === 0 && !inPlace;
  const traffic = isView
    ? { read: 0, written: 0 }
    : (attempt(() => op.traffic?.(args, out)) ?? { read: total(inputs), written: total(out) });
  const macs = attempt(() => op.macs?.(args, out) ?? 0);
  return {
    name: op.name,
    inputs: inputs.map(note),
    outputs: out.map(note),
    macs: scaled(macs, slices),
    bytesRead: traffic instanceof Unknown ? traffic : scaled(traffic.read, slices),
    bytesWritten: traffic instanceof Unknown ? traffic : scaled(traffic.written, slices),
    work: isView || !out[0] ? 0 : scaled(elements(out[0].shape), slices * (op.work ?? 1)),
    workspaceBytes: attempt(() => op.workspaceBytes?.(args, out) ?? 0),
    detail: settled(() => op.detail?.(args, out)),
    call,
  };
}

export function copyOf({ shape, dtype }: Tensor): Saved {
  return { extraBytes: denseBytes(shape, dtype), what: "the tensor before it was overwritten" };
}

/** What is kept as tensors: what autograd makes itself gets a storage of its own. */
export function keptTensors(
  list: readonly Saved[],
  tracer: Pick<Tracer, "storage" | "slices">,
): (Tensor | undefined)[] {
  return list.map((one) => {
    if (!one) return undefined;
    if (isTensor(one)) return one;
    const { extraBytes, onHost, like } = one;
    const storage = tracer.storage(scaled(extraBytes, tracer.slices), "activation", onHost && "cpu");
    // A copy of an operand is followed as the operand is.
    if (tracer.slices === 1 && like) return { ...like, strides: null, storage, requiresGrad: true };
    return { shape: [extraBytes], strides: null, dtype: "uint8", storage, requiresGrad: false };
  });
}

/** What a node keeps that no operation told of belongs to the last one that ran. */
export function tellSaved({ events }: Pick<Tracer, "events">, storages: readonly Storage[]): void {
  const at = events.findLastIndex(({ kind }) => kind === "operation");
  const last = events[at];
  if (last?.kind === "operation") events[at] = { ...last, saved: [...new Set([...last.saved, ...storages])] };
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
  for (const { shape, dtype, storage } of tensors) {
    const one = denseBytes(shape, dtype);
    if (one instanceof Unknown) return one;
    bytes += one * storage.keptShare;
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
