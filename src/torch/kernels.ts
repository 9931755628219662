/** Which attention kernel the interpreted program is given: what a scenario asks for, on the GPU that it names. */
import type { AttentionBackend } from "../ops/shared/attentionBackend.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { Value } from "../python/values.ts";
import { Float } from "../tensor/scalar.ts";

export interface KernelChoice {
  /** The one that `scaled_dot_product_attention` runs where its constraints hold; undefined: PyTorch's choice. */
  readonly kernel: AttentionBackend | undefined;
  /** CUDA compute capability; undefined: an H200's. */
  readonly capability: number | undefined;
}

export function chooseKernel(py: Interpreter, choice: KernelChoice): void {
  py.extensions.set("attention kernel", choice);
}

/** The arguments that say so to the operation; none where nothing was chosen. */
export function attentionKernel(py: Interpreter): readonly Value[] {
  const choice = py.extensions.get("attention kernel") as KernelChoice | undefined;
  if (!choice) return [];
  return [choice.kernel ?? null, choice.capability === undefined ? null : new Float(choice.capability)];
}
