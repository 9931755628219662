/** Sizes that matrix units take in pieces of 8, 64 or 128 numbers, and what padding to them costs. */
import { showCount, showShare } from "../../base/units.ts";
import { type Check, isSize, pick, sizeNames, type Values } from "./problem.ts";

/**
 * Rows of 16-bit numbers that are no multiple of 16 bytes (8 numbers) cannot be loaded in whole vectors, and tiles of 64 are
 * part empty besides (NVIDIA, Matrix Multiplication Background User's Guide).
 */
export const alignment: Check = function* ({ values, className }) {
  const hidden = pick(values, sizeNames.hidden).size;
  if (!hidden || hidden < 256) return;
  for (const [name, matrices] of rowsOf(values, className)) {
    const size = values[name];
    if (!isSize(size) || size < 256 || size % 8 === 0) continue;
    const padded = 64 * Math.ceil(size / 64);
    const more = matrices === undefined ? "" : `: ${showCount((padded - size) * hidden * matrices)} parameters`;
    yield {
      rule: "unaligned-size",
      severity: "information",
      keys: [name],
      text: `${name} ${size} is no multiple of 8.`,
      why: `In 16-bit types its rows cannot be loaded in whole vectors, and the matrix units' tiles are part empty. ${padded} is ${showShare(padded - size, size)} more and fills them${more}.`,
      price: "weights get another shape: older checkpoints do not fit, and sampling must leave the padded entries out.",
      fixes: [{ title: `Pad ${name} to ${padded}`, set: [[name, padded]] }],
    };
  }
};

/** Sizes that products have rows of, with how many matrices of the hidden width each one has; undefined where experts have their own. */
function* rowsOf(
  values: Values,
  className: string | undefined,
): Iterable<[name: string, matrices: number | undefined]> {
  const layers = pick(values, sizeNames.layers).size ?? 1;
  const hasHead = /For(CausalLM|MaskedLM|ConditionalGeneration|PreTraining)$|LMHead/.test(className ?? "");
  if (hasHead) yield ["vocab_size", values["tie_word_embeddings"] === false ? 2 : 1];
  const isGated = /silu|swish|swiglu|gelu_pytorch_tanh/.test(
    String(values["hidden_act"] ?? values["hidden_activation"]),
  );
  const hasExperts = pick(values, sizeNames.experts).size !== undefined;
  yield ["intermediate_size", hasExperts ? undefined : (isGated ? 3 : 2) * layers];
}
