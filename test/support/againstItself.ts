/** Techniques that make a smaller model of the same kind, which can be made smaller again. */
const repeatable = new Set(["cross-layer-sharing", "distillation", "grouped-query-attention", "simple-hack"]);

export function isRepeatable(technique: string): boolean {
  return repeatable.has(technique);
}
