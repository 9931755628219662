/** Keys that a query meets through landmark tokens (Landmark Attention, arXiv:2305.16300). */
export interface Blocks {
  /** Tokens to a landmark. */
  readonly block: number;
  /** Blocks that a query fetches. */
  readonly blocks: number;
  /** Recent tokens that it always sees. */
  readonly local: number;
}

/** Keys that a query touches, and its multiply-adds in units of the model's width. `keys` counts the landmarks. */
export function keysTouched(keys: number, { block, blocks, local }: Blocks): { all: number; products: number } {
  const landmarks = keys / (block + 1);
  const fetched = blocks * (block + 1) + local;
  return { all: landmarks + fetched, products: landmarks + 2 * fetched };
}

/** The paper's size of attention: recent tokens, fetched blocks without their landmarks, and all landmarks. */
export function attentionSize(keys: number, { block, blocks, local }: Blocks): number {
  return local + blocks * block + Math.floor(keys / (block + 1));
}

/** Positions that a query's blocks and its local tokens with their landmarks take: no more than the window it was trained on. */
export function positionsTaken({ block, blocks, local }: Blocks): number {
  return (blocks + 1) * (block + 1) + (local * (block + 1)) / block;
}
