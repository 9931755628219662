/** Making tensors with the dtype, device and gradient asked for. */
import { Unknown } from "../base/unknown.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import { dtypeName } from "./arguments.ts";
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
  const made = run(py, op, ...args, dtypeObject(dtypeName(dtype) ?? otherwise), null, device, null, format);
  if (requiresGrad && made instanceof TensorObject) made.value.requiresGrad = true;
  return made;
}

export function likeOptions(like: TensorObject, options: MakingOptions): MakingOptions {
  return options.device === null ? { ...options, device: like.value.storage.device } : options;
}

export function defaultType(py: Interpreter): DType {
  return tracerOf(py).defaultDtype;
}
