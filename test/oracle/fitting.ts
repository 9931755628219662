/** Coordinate search on logarithms with shrinking steps: deterministic, and few parameters need no more. */
export function search(start: readonly number[], cost: (values: readonly number[]) => number, most = 1e16): number[] {
  let best = [...start];
  let least = cost(best);
  for (let step = 0.4; step > 0.012; step *= 0.6) {
    for (let round = 0, moved = true; moved && round < 8; round++) {
      moved = false;
      for (let i = 0; i < best.length; i++) {
        for (const factor of [Math.exp(step), Math.exp(-step)]) {
          for (;;) {
            const next = best.map((value, j) => (j === i ? value * factor : value));
            const now = (next[i] as number) < most ? cost(next) : Number.POSITIVE_INFINITY;
            if (now > least - 1e-5) break;
            best = next;
            least = now;
            moved = true;
          }
        }
      }
    }
  }
  return best;
}

/** Mean of errors as logarithms; large ones count less, so that a row that another mechanism rules does not lead. */
export function meanError(pairs: readonly (readonly [got: number, want: number])[]): number {
  let sum = 0;
  for (const [got, want] of pairs) {
    const error = Math.abs(Math.log(Math.max(got, 1e-12) / want));
    sum += Math.min(error, 0.5 + 0.3 * (error - 0.5)) + Math.min(0.5 * error * error, 0.5);
  }
  return sum / Math.max(1, pairs.length);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
