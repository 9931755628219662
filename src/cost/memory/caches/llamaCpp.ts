/** llama.cpp: a cache of the whole context, taken when the context is made. */
import type { ScenarioDtype } from "../../../base/scenario.ts";
import { Unknown } from "../../../base/unknown.ts";
import { type CachedTokens, tokenElements } from "./cachedLayer.ts";
import { type Kept, type Runtime, statesOf, storedItemBytes, tokensOf, total, upTo } from "./layout.ts";

/** llama-context.cpp pads a sequence's context to so many cells, llama-kv-cache-iswa.cpp a window's cache too. */
const paddedCells = 256;
/** The default `n_ubatch`, for which a window's cache has room beside the window. */
const ubatchTokens = 512;

/** Families whose windows have a cache of their own; of all others, Mistral's and Phi's among them, windows are kept in full. */
const windowed = new Set([
  "afmoe",
  "cohere2",
  "exaone4",
  "gemma2",
  "gemma3",
  "gemma3_text",
  "gemma3n",
  "gemma3n_text",
  "gemma4",
  "gemma4_text",
  "gpt_oss",
  "llama4",
  "llama4_text",
  "olmo3",
]);

/** Families whose states llama-memory-recurrent.cpp keeps, by their convolution and their recurrence. */
const stateful = new Set([
  "falcon_h1",
  "falcon_mamba",
  "granitemoehybrid",
  "jamba",
  "kimi_linear",
  "lfm2",
  "lfm2_moe",
  "mamba",
  "mamba2",
  "nemotron_h",
  "qwen3_next",
]);

export const llamaCpp: Runtime = {
  id: "llama.cpp",
  source: (kept) =>
    [
      `llama.cpp (llama-kv-cache.cpp): ${nameOf(kept.kvDtype)} for the whole context, in steps of ${paddedCells} tokens`,
      ...(tokensOf(kept.layers).some(({ window }) => window !== undefined)
        ? [
            hasWindows(kept)
              ? `windows have room for ${ubatchTokens} tokens more (llama-kv-cache-iswa.cpp)`
              : "this family's windows are kept in full",
          ]
        : []),
      ...(tokensOf(kept.layers).some(({ kind }) => kind === "latent")
        ? ["latent vectors, with no values beside them"]
        : []),
      ...(statesOf(kept.layers).length > 0 ? ["states in float32 (llama-memory-recurrent.cpp)"] : []),
    ].join("; "),
  layout: (kept) => {
    const refused = refusal(kept);
    if (refused) return new Unknown(refused);
    const { layers, kvDtype } = kept;
    const item = kvDtype === undefined ? 2 : storedItemBytes(kvDtype);
    const isIswa = hasWindows(kept);
    const cells = ({ tokens, window }: CachedTokens) => {
      const context = upTo(paddedCells, tokens);
      return isIswa && window !== undefined ? upTo(paddedCells, Math.min(context, window + ubatchTokens)) : context;
    };
    const grows = (layer: CachedTokens) => cells(layer) === upTo(paddedCells, layer.tokens);
    return {
      bytes:
        total(tokensOf(layers), (layer) => layer.batch * cells(layer) * tokenElements(layer) * item) +
        total(statesOf(layers), ({ batch, elements }) => batch * elements * 4),
      bytesPerToken: total(tokensOf(layers).filter(grows), (layer) => tokenElements(layer) * item),
    };
  },
};

function hasWindows({ facts }: Kept): boolean {
  return windowed.has(String(facts["model_type"]));
}

/** Why it cannot be said; undefined where it can. */
function refusal({ layers, facts, kvDtype }: Kept): string | undefined {
  if (kvDtype === "fp8") return "llama.cpp has no KV cache in fp8";
  if (facts["model_type"] === undefined)
    return "the model names no family, so that what llama.cpp makes of it is not known";
  if (tokensOf(layers).some(({ kind }) => kind === "crossed"))
    return "llama.cpp computes an encoder's keys and values anew for each token";
  if (tokensOf(layers).some(({ kind }) => kind === "index"))
    return "what llama.cpp keeps of an indexer's keys is not known";
  if (statesOf(layers).length > 0 && !stateful.has(String(facts["model_type"])))
    return `how llama.cpp keeps the states of ${facts["model_type"]} is not known`;
  return undefined;
}

function nameOf(dtype: ScenarioDtype | undefined): string {
  return { fp32: "f32", bf16: "bf16", fp16: "f16", fp8: "fp8", int8: "q8_0", int4: "q4_0" }[dtype ?? "fp16"];
}
