/** Operands beyond this are contracted from left to right: the search over all orders grows as a factorial. */
const mostSearched = 6;

type Pair = readonly [number, number];

/**
 * The order of contractions that opt_einsum's `optimal` finds, which `torch.einsum` uses for three operands and more: pairs
 * of positions in the list that is left, where each result is put at the end.
 */
export function cheapestPath(
  operands: readonly (readonly string[])[],
  result: readonly string[],
  sizes: ReadonlyMap<string, number>,
): readonly Pair[] {
  if (operands.length > mostSearched)
    return operands.slice(1).map((_, i) => (i === 0 ? [0, 1] : [0, operands.length - 1 - i]));
  let best: { readonly cost: number; readonly path: readonly Pair[] } = { cost: Number.POSITIVE_INFINITY, path: [] };
  const search = (left: readonly ReadonlySet<string>[], cost: number, path: readonly Pair[]): void => {
    if (cost >= best.cost) return;
    if (left.length === 1) {
      best = { cost, path };
      return;
    }
    for (let i = 0; i < left.length; i++) {
      for (let j = i + 1; j < left.length; j++) {
        const others = left.filter((_, k) => k !== i && k !== j);
        const [a, b] = [left[i] ?? new Set<string>(), left[j] ?? new Set<string>()];
        const needed = new Set([...result, ...others.flatMap((one) => [...one])]);
        const either = new Set([...a, ...b]);
        const inner = [...a].some((label) => b.has(label) && !needed.has(label));
        const size = [...either].reduce((total, label) => total * (sizes.get(label) ?? 1), 1);
        const made = new Set([...either].filter((label) => needed.has(label)));
        search([...others, made], cost + size * (inner ? 2 : 1), [...path, [i, j]]);
      }
    }
  };
  search(
    operands.map((labels) => new Set(labels)),
    0,
    [],
  );
  return best.path;
}
