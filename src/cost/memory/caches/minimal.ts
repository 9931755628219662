/** What the next token's arithmetic needs, and nothing else. */
import { type CachedState, type CachedTokens, tokenElements } from "./cachedLayer.ts";
import { type Runtime, statesOf, storedItemBytes, tokensOf, total } from "./layout.ts";

/** How many tokens of a sequence a layer still looks at. */
export function seenTokens({ tokens, window }: CachedTokens): number {
  return Math.min(tokens, window ?? tokens);
}

/** Whether one more token takes the place of an old one. */
export function isFull({ tokens, window, kind }: CachedTokens): boolean {
  return kind === "crossed" || (window !== undefined && tokens >= window);
}

export function stateBytes({ batch, elements, itemBytes }: CachedState): number {
  return batch * elements * itemBytes;
}

export const minimal: Runtime = {
  id: "minimal",
  source: ({ layers }) => {
    const tokens = tokensOf(layers);
    const parts = [
      ...(tokens.some(({ window }) => window !== undefined) ? ["windows hold their tokens alone"] : []),
      ...(tokens.some(({ kind }) => kind === "latent") ? ["one latent vector stands for all heads"] : []),
      ...(layers.some(({ kind }) => kind === "convolution") ? ["a convolution keeps its last inputs"] : []),
    ];
    return ["what the next token's arithmetic needs", ...(parts.length > 0 ? [parts.join(", ")] : [])].join(": ");
  },
  layout: ({ layers, kvDtype }) => {
    const item = (layer: CachedTokens) => (kvDtype === undefined ? layer.itemBytes : storedItemBytes(kvDtype));
    const each = (layer: CachedTokens) => tokenElements(layer) * item(layer);
    return {
      bytes:
        total(tokensOf(layers), (layer) => layer.batch * seenTokens(layer) * each(layer)) +
        total(statesOf(layers), stateBytes),
      bytesPerToken: total(
        tokensOf(layers).filter((layer) => !isFull(layer)),
        each,
      ),
    };
  },
};
