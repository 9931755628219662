/** How a decode step's attention is shared out over a GPU's units, by the schedules in use. */

export interface DecodeWork {
  readonly sequences: number;
  /** Heads of keys. */
  readonly keyHeads: number;
  /** Query heads for each of them. */
  readonly group: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  /** Streaming multiprocessors. */
  readonly units: number;
}

export interface Schedule {
  /** Parts that the keys of one head are cut into. */
  readonly splits: number;
  /** Share of the units' time that is spent on tiles, from the first tile to the last. */
  readonly efficiency: number;
  /** Tiles one after another on the busiest unit. */
  readonly makespan: number;
  readonly waves: number;
}

export interface LeanSchedule extends Schedule {
  readonly tiles: number;
  readonly blocks: number;
  readonly tilesPerBlock: number;
  /** Partial results and locks. */
  readonly scratchBytes: number;
}

const rowsPerTile = 64;

/** Keys in one tile (ONNX Runtime's `lean_api.cc`). */
export function tileKeys(width: number): number {
  return width <= 64 ? 256 : width <= 128 ? 128 : 64;
}

/**
 * All tiles in one line, cut into equal runs, one for each resident block, two blocks a unit (Lean Attention, arXiv:2405.10480;
 * grid and buffers as in ONNX Runtime's `lean_api.cc`).
 */
export function leanSchedule(work: DecodeWork): LeanSchedule {
  const { sequences, keyHeads, group, queries, keys, width, units } = work;
  const rows = queries * group;
  const rowTiles = Math.ceil(rows / rowsPerTile);
  const perHead = Math.ceil(keys / tileKeys(width));
  const tiles = sequences * keyHeads * rowTiles * perHead;
  const wanted =
    tiles <= 4 * units
      ? Math.min(Math.floor((tiles + 1) / 2), Math.ceil((32 * tiles) / perHead))
      : Math.min(2 * units, 32 * keyHeads * sequences * rowTiles);
  const blocks = Math.max(1, Math.min(wanted, tiles));
  const tilesPerBlock = Math.ceil(tiles / blocks);
  const splits =
    tilesPerBlock === 1
      ? perHead
      : tiles % blocks === 0
        ? 1 + Math.floor((perHead + tilesPerBlock - 2) / tilesPerBlock)
        : 1 + Math.floor((perHead + tilesPerBlock - 3) / (tilesPerBlock - 1));
  const padded = Math.ceil(width / 32) * 32;
  return {
    tiles,
    blocks,
    tilesPerBlock,
    splits,
    efficiency: tiles / (blocks * tilesPerBlock),
    makespan: Math.ceil(tiles / units),
    waves: 1,
    scratchBytes: 4 * splits * sequences * keyHeads * rows * (1 + padded) + 4 * sequences * keyHeads * rowTiles,
  };
}

/** One block for each head of each sequence: kernels that do not cut the keys. */
export function wholeHeads(work: DecodeWork): Schedule {
  return fixedSplits(work, 1);
}

/** Every head's keys in the same number of parts, by the heuristic of flash-attn and of PyTorch's flash kernel. */
export function heuristicSplits(work: DecodeWork): Schedule {
  const { sequences, keyHeads, group, queries, keys, width, units } = work;
  const blocks = sequences * keyHeads * Math.ceil((queries * group) / rowsPerTile);
  if (blocks >= 0.8 * units) return fixedSplits(work, 1);
  const perHead = Math.ceil(keys / tileKeys(width));
  const most = Math.min(128, units, perHead);
  const isNew = (splits: number) => splits === 1 || Math.ceil(perHead / splits) !== Math.ceil(perHead / (splits - 1));
  const filled = (splits: number) => {
    const waves = (blocks * splits) / units;
    return waves / Math.ceil(waves);
  };
  const candidates = Array.from({ length: most }, (_, i) => i + 1).filter(isNew);
  const best = Math.max(...candidates.map(filled));
  return fixedSplits(work, candidates.find((splits) => filled(splits) >= 0.85 * best) ?? 1);
}

/** The number of equal parts, up to flash-attn's 128, whose busiest unit has the fewest tiles. */
export function bestSplits(work: DecodeWork): Schedule {
  const most = Math.min(128, Math.ceil(work.keys / tileKeys(work.width)));
  let best = fixedSplits(work, 1);
  for (let splits = 2; splits <= most; splits++) {
    const one = fixedSplits(work, splits);
    if (one.makespan < best.makespan) best = one;
  }
  return best;
}

function fixedSplits({ sequences, keyHeads, keys, width, units }: DecodeWork, splits: number): Schedule {
  const heads = sequences * keyHeads;
  const perHead = Math.ceil(keys / tileKeys(width));
  const waves = Math.ceil((heads * splits) / units);
  const makespan = waves * Math.ceil(perHead / splits);
  return { splits, waves, makespan, efficiency: (heads * perHead) / (units * makespan) };
}
