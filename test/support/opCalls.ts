/** Calling operation records directly: tensors from a line of a table, and results as that table writes them. */

import type { Arg, Made, Op } from "../../src/ops/op.ts";
import { type DType, isComplex, isFloating } from "../../src/tensor/dtype.ts";
import { Float } from "../../src/tensor/scalar.ts";
import { type Size, showSize } from "../../src/tensor/size.ts";
import { denseBytes, isContiguous, isTensor, Storage, type Tensor } from "../../src/tensor/tensor.ts";

export interface Outcome {
  readonly outs: readonly Tensor[];
  /** `i0 o1 x64`: storages of arguments and results that autograd keeps, and other bytes. */
  readonly saved: string;
}

let nextStorage = 1;

export interface TensorOptions {
  readonly strides?: readonly number[] | null;
  readonly data?: readonly number[];
  readonly requiresGrad?: boolean;
}

export function makeTensor(dtype: DType, shape: readonly Size[], options: TensorOptions = {}): Tensor {
  const { strides = null, data, requiresGrad = false } = options;
  const storage = new Storage(nextStorage++, denseBytes(shape, dtype), "input", "cuda");
  return { shape, strides, dtype, storage, data, requiresGrad };
}

/** Applies a record as the interpreter does: results get storages, and what autograd keeps is asked for. */
export function call(op: Op, args: readonly Arg[]): Outcome {
  const made = op.result(args);
  const inputs = args.flat().filter(isTensor) as Tensor[];
  const needs = args.map((arg) => [arg].flat().some((one) => isTensor(one) && one.requiresGrad));
  const follows = op.differentiable !== false && needs.some(Boolean);
  const outs = (("shape" in made ? [made] : made) as readonly Made[]).map((one) => ({
    ...makeTensor(one.dtype, one.shape),
    strides: one.strides ?? null,
    data: one.data,
    ...(one.sharing && { storage: one.sharing.storage }),
    requiresGrad: follows && !one.detached && (isFloating(one.dtype) || isComplex(one.dtype)),
  }));
  const kept = outs.some((out) => out.requiresGrad) ? (op.saves?.(args, outs, needs) ?? []) : [];
  const names = new Set<string>();
  for (const one of kept) {
    if (!one) continue;
    if ("extraBytes" in one) names.add(`x${one.extraBytes}`);
    else names.add(nameOf(one.storage, inputs, outs));
  }
  return { outs, saved: [...names].sort().join(" ") };
}

/** `float32[2,3]/[1,2]@i0+`: a result as the tables write it, without its elements. */
export function written(out: Tensor, args: readonly Arg[]): string {
  const inputs = args.flat().filter(isTensor) as Tensor[];
  const shared = inputs.findIndex((input) => input.storage === out.storage && out.storage.bytes !== 0);
  const strides = isContiguous(out.shape, out.strides) ? "" : `/[${out.strides?.join(",")}]`;
  return `${out.dtype}[${out.shape.map(showSize).join(",")}]${strides}${shared < 0 ? "" : `@i${shared}`}${out.requiresGrad ? "+" : ""}`;
}

/** An argument from its JSON: objects are tensors and floats, the rest stands for itself. */
export function readArg(json: unknown): Arg {
  if (Array.isArray(json)) return json.map((one) => readArg(one)) as Arg;
  if (typeof json !== "object" || json === null) return json as Arg;
  if ("f" in json) return new Float(Number(json.f === "inf" ? Infinity : json.f === "-inf" ? -Infinity : json.f));
  const { d, s, st, g, v } = json as { d: DType; s: number[]; st?: number[]; g?: 1; v?: number[] };
  return makeTensor(d, s, { strides: st ?? null, requiresGrad: g === 1, ...(v && { data: v }) });
}

function nameOf(storage: Storage, inputs: readonly Tensor[], outs: readonly Tensor[]): string {
  const input = inputs.findIndex((one) => one.storage === storage);
  if (input >= 0) return `i${input}`;
  const out = outs.findIndex((one) => one.storage === storage);
  return out >= 0 ? `o${out}` : `x${storage.bytes}`;
}
