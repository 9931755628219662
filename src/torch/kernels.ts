/** Which attention kernel the interpreted program is given: what a scenario asks for, on the GPU that it names. */
import { Unknown } from "../base/unknown.ts";
import { type AttentionBackend, allowedBy, amongAllowed } from "../ops/shared/attentionBackend.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { Value } from "../python/values.ts";
import { Float } from "../tensor/scalar.ts";
import { TensorObject } from "./tensorObject.ts";

export interface KernelChoice {
  /** The one that `scaled_dot_product_attention` runs where its constraints hold; undefined: PyTorch's choice. */
  readonly kernel: AttentionBackend | undefined;
  /** CUDA compute capability; undefined: an H200's. */
  readonly capability: number | undefined;
}

const choiceKey = "attention kernel";
const allowedKey = "allowed attention kernels";

export function chooseKernel(py: Interpreter, choice: KernelChoice): void {
  py.extensions.set(choiceKey, choice);
}

/** The arguments that say so to the operation; none where nothing was chosen. */
export function attentionKernel(py: Interpreter): readonly Value[] {
  const choice = py.extensions.get(choiceKey) as KernelChoice | undefined;
  const allowed = allowedKernels(py);
  if (!choice && allowed === undefined) return [];
  const named = [choice?.kernel ?? null, choice?.capability === undefined ? null : new Float(choice.capability)];
  return allowed === undefined ? named : [...named, allowed];
}

/** The kernels that the program allows, as it last said: `flash,math`, with `>` where they are tried in that order; undefined: all. */
export function allowedKernels(py: Interpreter): string | undefined {
  return py.extensions.get(allowedKey) as string | undefined;
}

export function allowKernels(py: Interpreter, allowed: string | undefined): void {
  if (allowed === undefined) py.extensions.delete(allowedKey);
  else py.extensions.set(allowedKey, allowed);
}

/** Notes where no kernel that the program allows takes a call: on such a GPU PyTorch raises, and figures are those of `math`. */
export function noteForbidden(
  py: Interpreter,
  [query, key, value, mask, dropout, causal, , grouped]: readonly Value[],
): void {
  const allowed = allowedKernels(py);
  if (allowed === undefined) return;
  const operands = [query, key, value].map((one) => (one instanceof TensorObject ? one.value : undefined));
  const [q, k, v] = operands;
  if (!q || !k || !v || !operands.every((one) => one?.shape.every((size) => !(size instanceof Unknown)))) return;
  const { allowed: names = [], ordered } = allowedBy(allowed);
  const { capability = 9 } = (py.extensions.get(choiceKey) as KernelChoice | undefined) ?? {};
  const call = {
    query: q,
    key: k,
    value: v,
    mask: mask instanceof TensorObject ? mask.value : null,
    dropout: typeof dropout === "number" ? dropout : 0,
    causal: causal === true,
    grouped: grouped === true,
    ordered,
  };
  if (!amongAllowed(call, names, { capability }))
    py.note(
      "assumption",
      `none of the attention kernels that the program allows (${names.join(", ")}) takes this call: those of math are counted`,
    );
}
