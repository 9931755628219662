/** Bytes of weights, gradients and optimizer state on one data-parallel rank. */

/** Bytes for each parameter on one device, before anything is sharded. */
export interface StateBytes {
  readonly weight: number;
  readonly gradient: number;
  readonly optimizer: number;
}

/** Mixed precision with Adam: fp16 weights and gradients; fp32 weights and two moments (ZeRO, arXiv 1910.02054, K = 12). */
export const mixedAdam: StateBytes = { weight: 2, gradient: 2, optimizer: 12 };

/** Mixed precision with Adam as Megatron keeps it: bf16 weights, fp32 gradients; fp32 weights and two moments. */
export const megatronAdam: StateBytes = { weight: 2, gradient: 4, optimizer: 12 };

export type ZeroStage = 0 | 1 | 2 | 3;

/** What each stage shards: the optimizer's state, gradients as well, weights as well. */
export function stateShares(stage: ZeroStage, ranks: number): StateBytes {
  const shard = 1 / ranks;
  return { optimizer: stage >= 1 ? shard : 1, gradient: stage >= 2 ? shard : 1, weight: stage >= 3 ? shard : 1 };
}

/** Bytes on each of `ranks` for so many parameters: with mixed Adam 16·P, 4·P + 12·P/N, 2·P + 14·P/N and 16·P/N by stage. */
export function modelStates(parameters: number, each: StateBytes, stage: ZeroStage, ranks: number): StateBytes {
  const share = stateShares(stage, ranks);
  return {
    weight: parameters * each.weight * share.weight,
    gradient: parameters * each.gradient * share.gradient,
    optimizer: parameters * each.optimizer * share.optimizer,
  };
}

/** Weights that are whole for a while under full sharding, as parameters of each unit in the order in which they run. */
export function unshardedParameters(units: readonly number[], root: number): number {
  // A unit is gathered while the one before it runs, and the root's own stay from forward until the end of backward.
  const pairs = units.map((unit, i) => unit + (units[i + 1] ?? 0));
  return root + Math.max(0, ...pairs);
}
