/** A source of chance that repeats itself for the same seed. */
export interface Random {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Mulberry32: small, fast and even enough for tests. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    pick(items) {
      if (items.length === 0) throw new Error("nothing to pick from");
      return items[integer(0, items.length - 1)]!;
    },
  };
}

/**
 * A mocha test of a law: `rounds` runs, each with a seed of its own. The seeds are the same on every run; a failure
 * names its seed, and `SEED=n` runs that one alone.
 */
export function law(title: string, rounds: number, check: (random: Random) => void | Promise<void>): void {
  it(title, async () => {
    const only = process.env.SEED;
    const seeds = only === undefined ? Array.from({ length: rounds }, (_, i) => i + 1) : [Number(only)];
    for (const seed of seeds) {
      try {
        await check(random(seed));
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        failure.message = `seed ${seed}: ${failure.message}`;
        throw failure;
      }
    }
  });
}
