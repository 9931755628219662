/** transformers' own caches: `DynamicCache` with its sliding and linear-attention layers, or `QuantizedCache`. */
import { type CachedTokens, tokenElements } from "./cachedLayer.ts";
import { type Kept, type Runtime, statesOf, storedItemBytes, tokensOf, total } from "./layout.ts";
import { isFull } from "./minimal.ts";

/** `QuantizedCache`'s `residual_length`: the newest tokens, which stay in the model's type. */
export const residualTokens = 128;

export const transformers: Runtime = {
  id: "transformers",
  source: ({ layers, kvDtype }) =>
    [
      isQuantized(kvDtype)
        ? `transformers' QuantizedCache: every layer keeps all tokens, the newest ${residualTokens} in the model's type`
        : `transformers' DynamicCache (cache_utils.py)${details(layers)}`,
      ...(tokensOf(layers).some(({ kind }) => kind === "latent")
        ? [
            tokensOf(layers).some(({ expanded }) => expanded)
              ? "latent attention is kept expanded for every head"
              : "latent vectors stay latent (5.17; huggingface/transformers#47761)",
          ]
        : []),
    ].join("; "),
  layout: (kept) => held(kept, (layer) => (layer.expanded ? layer.expandedElements : tokenElements(layer))),
};

function details(layers: Kept["layers"]): string {
  const parts = [
    ...(tokensOf(layers).some(({ window }) => window !== undefined) ? ["a window of W tokens holds W − 1"] : []),
    ...(layers.some(({ kind }) => kind === "convolution") ? ["a convolution keeps its whole kernel"] : []),
  ];
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

/** The same where latent attention's keys and values are kept for every head, as older versions do. */
export const expandedTransformers: Pick<Runtime, "source" | "layout"> = {
  source: () =>
    "transformers before huggingface/transformers#47761, which keeps latent attention expanded for every head",
  layout: (kept) => held(kept, (layer) => (layer.kind === "latent" ? layer.expandedElements : tokenElements(layer))),
};

function held({ layers, kvDtype }: Kept, elements: (layer: CachedTokens) => number) {
  const quantized = isQuantized(kvDtype);
  const stored = kvDtype === undefined ? undefined : storedItemBytes(kvDtype);
  const bytes = (layer: CachedTokens) => {
    if (stored === undefined) return layer.heldTokens * elements(layer) * layer.itemBytes;
    if (!quantized) return layer.heldTokens * elements(layer) * stored;
    const newest = Math.min(layer.tokens, residualTokens);
    return elements(layer) * (newest * layer.itemBytes + (layer.tokens - newest) * stored);
  };
  const grows = (layer: CachedTokens) =>
    layer.kind !== "crossed" && (quantized || layer.heldTokens === layer.tokens || !isFull(layer));
  return {
    bytes:
      total(tokensOf(layers), (layer) => layer.batch * bytes(layer)) +
      total(statesOf(layers), ({ batch, keptElements, itemBytes }) => batch * keptElements * itemBytes),
    bytesPerToken: total(tokensOf(layers).filter(grows), (layer) => elements(layer) * (stored ?? layer.itemBytes)),
  };
}

const isQuantized = (dtype: Kept["kvDtype"]) => dtype === "int8" || dtype === "int4";
