/** Attention as products and a softmax, in the program that is run again. */
import { numberOf } from "../../ops/shared/folding.ts";
import { Float } from "../../tensor/scalar.ts";
import { integer } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { AttentionCall, Operands } from "./calls.ts";
import { maskNow } from "./fused.ts";

/** `between` stands behind softmax; masks are what the call was given. `sampled`: only the first so many keys are left. */
export function writtenAttention(
  { eager, operation, isCausal }: AttentionCall,
  { query, key, value, dropout, rewriting, run }: Operands,
  { between = (weights: Tensor) => weights, sampled }: { between?: (weights: Tensor) => Tensor; sampled?: number } = {},
): Tensor {
  const grouped = integer(query.shape[1] ?? 1) / integer(key.shape[1] ?? 1);
  const whole = (one: Tensor) => (grouped > 1 ? run("repeat_interleave", one, grouped, 1, null) : one);
  const cut = (mask: Tensor) =>
    sampled === undefined || integer(mask.shape.at(-1) ?? 1) === 1 ? mask : run("slice", mask, -1, null, sampled, 1);
  let scores = run("matmul", query, run("transpose", whole(key), -2, -1));
  /** A name is given another value: the one before is let go of. */
  const next = (one: Tensor) => {
    rewriting.done(scores);
    scores = one;
  };
  if (!eager) {
    next(run("mul", scores, new Float(numberOf(operation.call.args[6]) ?? integer(query.shape.at(-1) ?? 1) ** -0.5)));
    const mask = operation.call.args[3];
    if (isTensor(mask)) {
      const given = cut(rewriting.now(mask));
      scores =
        given.dtype === "bool"
          ? run("masked_fill", scores, run("logical_not", given), new Float(Number.NEGATIVE_INFINITY))
          : run("add", scores, given);
    }
    if (isCausal) {
      const seen = run("ones", scores.shape.slice(-2), "bool");
      next(run("masked_fill", scores, run("logical_not", run("tril", seen, 0)), new Float(Number.NEGATIVE_INFINITY)));
    }
  }
  const scored = eager?.scores ?? scores;
  for (const step of eager?.steps ?? []) {
    if (step.kind === "scale") {
      const factor = numberOf(step.by);
      next(
        run(
          step.inverse ? "div" : "mul",
          scores,
          factor === undefined ? rewriting.now(step.by as Tensor) : new Float(factor),
        ),
      );
    } else if (step.kind === "add")
      next(run(step.negative ? "sub" : "add", scores, cut(maskNow(step, scored, { rewriting, run }))));
    else {
      const flags = cut(maskNow(step, scored, { rewriting, run }));
      next(run("masked_fill", scores, step.dropsTrue ? flags : run("logical_not", flags), new Float(step.value)));
    }
  }
  const plain = run("softmax", scores, -1, null);
  rewriting.done(scores);
  const kept = between(plain);
  if (kept !== plain) rewriting.done(plain);
  const weights = dropout > 0 ? run("dropout", kept, new Float(dropout), true) : kept;
  if (weights !== kept) rewriting.done(kept);
  return run("matmul", weights, whole(value));
}
