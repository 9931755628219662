/** Costs of the Bottlenecked Transformer's cache processor in closed form (arXiv:2505.16950; derivation in its record). */

export interface Processor {
  readonly layers: number;
  /** Elements of a token's keys and values in one layer: 2·h_kv·d_h. */
  readonly elements: number;
  readonly width: number;
  readonly hidden: number;
  /** Matrices of its feed-forward part: 3 gated, 2 not. */
  readonly matrices: number;
}

/** L·(2·c·d_p + 4·d_p² + g·d_p·f_p + 1), norms left out. */
export function processorParams({ layers, elements, width, hidden, matrices }: Processor): number {
  return layers * (2 * elements * width + 4 * width ** 2 + matrices * width * hidden + 1);
}

/** FLOPs of one invocation over the step's recent positions and those recalled. */
export function invocationFlops(processor: Processor, positions: number): number {
  return 2 * positions * processorParams(processor) + 4 * processor.layers * positions ** 2 * processor.width;
}
