/** Published and computed figures of Lean Attention (arXiv:2405.10480; ONNX Runtime's lean_api.cc and its pull request 22352). */
import { bestSplits, heuristicSplits, leanSchedule, wholeHeads } from "../../../src/advice/attention/decodeSchedule.ts";
import type { Gate } from "./gate.ts";

const work = { sequences: 1, group: 1, queries: 1, units: 108, width: 64 };
const exact = "exact" as const;

const schedules = [
  [
    "1 × 32 heads of 64, 262,144 keys, 108 units",
    { ...work, keyHeads: 32, keys: 262_144 },
    ["32768", "216", "152", "8", "66688", "0.998"],
  ],
  [
    "1 × 8 heads of 128, 32 of queries, 131,072 keys, 132 units",
    { ...work, keyHeads: 8, group: 4, keys: 131_072, width: 128, units: 132 },
    ["8192", "256", "32", "33", "544928", "1.000"],
  ],
  [
    "1 × 56 heads of 64, 4096 keys, 108 units",
    { ...work, keyHeads: 56, keys: 4096 },
    ["896", "216", "5", "5", undefined, "0.830"],
  ],
] as const;

const ratios = [
  [1, 32, "3.37", "3", "1.13"],
  [1, 56, "1.93", "5", "1.16"],
  [4, 32, "1.69", "1", "1.69"],
  [1, 12, "8.98", "8", "1.12"],
] as const;

/** Microseconds of ONNX Runtime's kernels on an H100 with and without lean attention. */
const measured = [
  [16, 64, 512, 59, 60],
  [32, 128, 512, 62, 62],
  [16, 64, 1024, 61, 63],
  [32, 128, 1024, 75, 72],
  [16, 64, 2048, 69, 64],
  [32, 128, 2048, 98, 92],
] as const;

export function leanGates(): readonly Gate[] {
  return [
    ...schedules.flatMap(([setting, given, [tiles, blocks, run, splits, scratch, efficiency]]): Gate[] => {
      const lean = leanSchedule(given);
      return [
        { what: `${setting}: tiles`, published: tiles, here: lean.tiles, within: exact },
        { what: "blocks", published: blocks, here: lean.blocks, within: exact },
        { what: "tiles on one", published: run, here: lean.tilesPerBlock, within: exact },
        { what: "parts of a head", published: splits, here: lean.splits, within: exact },
        ...(scratch ? [{ what: "scratch, bytes", published: scratch, here: lean.scratchBytes, within: exact }] : []),
        { what: "share of the units' time on tiles", published: efficiency, here: lean.efficiency, within: exact },
      ];
    }),
    ...ratios.flatMap(([sequences, keyHeads, overWhole, splits, overSplit]): Gate[] => {
      const given = { ...work, sequences, keyHeads, keys: 262_144 };
      const { makespan } = leanSchedule(given);
      const split = heuristicSplits(given);
      const setting = `${sequences} × ${keyHeads} heads, 262,144 keys, 108 units`;
      return [
        {
          what: `${setting}: faster than whole heads at most, ×`,
          published: overWhole,
          here: wholeHeads(given).makespan / makespan,
          within: exact,
        },
        { what: "parts by flash-attn's heuristic", published: splits, here: split.splits, within: exact },
        { what: "faster than these at least, ×", published: overSplit, here: split.makespan / makespan, within: exact },
        {
          what: "the best equal parts over lean's runs, time ×",
          published: "1.00",
          here: bestSplits(given).makespan / makespan,
          within: 0.1,
        },
      ];
    }),
    {
      what: "512k keys: faster than whole heads by up to, × (a bound here, 12 heads)",
      published: "8.33",
      here:
        wholeHeads({ ...work, keyHeads: 12, keys: 524_288 }).makespan /
        leanSchedule({ ...work, keyHeads: 12, keys: 524_288 }).makespan,
      within: [8.33, 9],
    },
    ...measured.map(([heads, width, keys, flash, lean]): Gate => {
      const given = { ...work, keyHeads: heads, keys, width, units: 132 };
      return {
        what: `${heads} heads of ${width}, ${keys} keys, H100: split over lean, time ×`,
        published: (flash / lean).toFixed(2),
        here: heuristicSplits(given).makespan / leanSchedule(given).makespan,
        within: [0.9, 1.1],
      };
    }),
  ];
}
