/** Attention that writes its scores out as one call of `scaled_dot_product_attention`, in the program that is run again. */
import { type AttentionBackend, attentionBackend } from "../../ops/shared/attentionBackend.ts";
import { numberOf } from "../../ops/shared/folding.ts";
import { Float } from "../../tensor/scalar.ts";
import { integers } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { AttentionCall, Operands } from "./calls.ts";
import { type Eager, isDense, type Operand } from "./eager.ts";
import { maskShape, type ScoreStep } from "./scoreSteps.ts";

/** The call of the kernel. `isCausal`: its one mask is the causal one of equally many queries and keys. */
export function fusedAttention(
  { eager }: AttentionCall,
  { query: asQuery, key: asKey, value: asValue, dropout, rewriting, run }: Operands,
  { isCausal, capability }: { readonly isCausal: boolean; readonly capability: number | undefined },
): Tensor {
  const laid = (one: Tensor, operand: Operand | undefined) =>
    operand && !isDense(operand) ? run("contiguous", one) : one;
  const [query, key, value] = [laid(asQuery, eager?.query), laid(asKey, eager?.key), laid(asValue, eager?.value)];
  let asked = query;
  let scale = 1;
  for (const step of eager?.steps ?? []) {
    if (step.kind !== "scale") continue;
    const factor = numberOf(step.by);
    if (factor !== undefined) scale *= step.inverse ? 1 / factor : factor;
    else asked = run(step.inverse ? "div" : "mul", asked, rewriting.now(step.by as Tensor));
  }
  const mask = eager && !isCausal ? maskOf(eager, { query, rewriting, run }) : null;
  return run(
    "scaled_dot_product_attention",
    ...[asked, key, value, mask, new Float(dropout), isCausal, new Float(scale), false, null, capability ?? null],
  );
}

/** The kernel that would run: `math` where none is fused, which writes the scores as well. */
export function kernelOf(call: AttentionCall, capability: number | undefined): AttentionBackend {
  const { eager, rows, queries, keys, width, valueWidth, dtype } = call;
  const storage = (eager?.query.tensor ?? (call.operation.call.out[0] as Tensor)).storage;
  const like = (...shape: number[]): Tensor => ({ shape, strides: null, dtype, storage, requiresGrad: false });
  const masks = (eager?.steps ?? []).filter((step) => step.kind !== "scale");
  const isTrained = masks.some((step) => step.kind === "add" && step.mask.requiresGrad);
  const mask = masks.length > 0 ? { ...like(rows, 1, queries, keys), requiresGrad: isTrained } : null;
  return attentionBackend({
    query: like(rows, 1, queries, width),
    key: like(rows, 1, keys, width),
    value: like(rows, 1, keys, valueWidth),
    mask,
    dropout: 0,
    causal: false,
    grouped: false,
    capability,
  });
}

/** A step's mask as it meets scores of `[sequences, heads, queries, keys]`; a single leading axis has one head each. */
export function maskNow(
  step: Exclude<ScoreStep, { kind: "scale" }>,
  { shape }: Tensor,
  { rewriting, run }: Pick<Operands, "rewriting" | "run">,
): Tensor {
  const given = rewriting.now(step.kind === "add" ? step.mask : step.flags);
  const wanted = maskShape(given, step.shape, shape) ?? given.shape;
  const one = integers(wanted).join() === integers(given.shape).join() ? given : run("reshape", given, wanted);
  return shape.length < 4 && one.shape.length > 2 ? run("unsqueeze", one, 1) : one;
}

/** All masks in one, as the kernel takes them: flags of what is kept, or numbers of the queries' type. */
function maskOf(
  { steps, scores }: Eager,
  { query, rewriting, run }: Pick<Operands, "query" | "rewriting" | "run">,
): Tensor | null {
  let bias: Tensor | undefined;
  let keep: Tensor | undefined;
  for (const step of steps) {
    if (step.kind === "scale") continue;
    const one = maskNow(step, scores, { rewriting, run });
    if (step.kind === "add") {
      const added = step.negative ? run("neg", one) : one;
      bias = bias ? run("add", bias, added) : added;
      continue;
    }
    if (bias) {
      const flags = step.dropsTrue ? one : run("logical_not", one);
      bias = run("masked_fill", bias, flags, new Float(step.value));
      continue;
    }
    const flags = step.dropsTrue ? run("logical_not", one) : one;
    keep = keep ? run("bitwise_and", keep, flags) : flags;
  }
  if (keep && bias) bias = run("masked_fill", bias, run("logical_not", keep), new Float(Number.NEGATIVE_INFINITY));
  let mask = bias ?? keep ?? null;
  // Rows without any key stay even where the fill is a number, so the numbers themselves are added.
  const isInfinite = steps.every((step) => step.kind !== "fill" || step.value === Number.NEGATIVE_INFINITY);
  if (mask?.dtype === "bool" && !isInfinite) mask = run("where", mask, new Float(0), new Float(-1e9));
  if (mask && mask.dtype !== "bool" && mask.dtype !== query.dtype) mask = run("_to_copy", mask, query.dtype);
  return mask;
}

/** The same call of the kernel as in the recorded program. */
export function fusedAgain({ operation }: AttentionCall, { query, key, value, rewriting, run }: Operands): Tensor {
  const [, , , mask, ...others] = operation.call.args;
  const given = isTensor(mask) ? rewriting.now(mask) : (mask ?? null);
  return run("scaled_dot_product_attention", query, key, value, given, ...others);
}
