/** Making tensors with the dtype, device and gradient asked for. */
import { Unknown } from "../base/unknown.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { following } from "../python/remember/buildTags.ts";
import type { Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import { dtypeName } from "./arguments.ts";
import { followedShape } from "./remember/followedShape.ts";
import { run } from "./table.ts";
import { dtypeObject, TensorObject, tracerOf } from "./tensorObject.ts";

export interface MakingOptions {
  readonly dtype: Value;
  readonly device: Value;
  readonly requiresGrad: boolean;
}

/** Runs a factory: its own arguments, then dtype, layout, device, pinning and memory format as aten's schemas have them. */
export function make(
  py: Interpreter,
  op: string,
  args: readonly Value[],
  options: MakingOptions,
  otherwise: DType,
  format: Value = null,
): Value {
  const { dtype, device, requiresGrad } = options;
  if (dtype instanceof Unknown) return dtype;
  const followed = following.count > 0 ? followedShape(op, args[0]) : undefined;
  const given = followed ? [followed.plain, ...args.slice(1)] : args;
  const made = run(py, op, ...given, dtypeObject(dtypeName(dtype) ?? otherwise), null, device, null, format);
  if (followed && made instanceof TensorObject) made.value = { ...made.value, shape: followed.shape };
  if (requiresGrad && made instanceof TensorObject) made.value.requiresGrad = true;
  return made;
}

export function likeOptions(like: TensorObject, options: MakingOptions): MakingOptions {
  return options.device === null ? { ...options, device: like.value.storage.device } : options;
}

export function defaultType(py: Interpreter): DType {
  return tracerOf(py).defaultDtype;
}
