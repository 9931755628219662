/** What of a model's memory could be cut, and by how much: settings of the scenario whose bytes are known without another run. */
import type { Scenario } from "../../base/scenario.ts";
import { known } from "../../base/unknown.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { holdings, totalBytes } from "../memory/holdings.ts";
import { optimizerBytes } from "../memory/optimizers.ts";
import type { MemoryMoment, MemoryReport } from "../report.ts";

/** One way to take less. */
export interface Cut {
  /** A term of the memory: `optimizer state`. */
  readonly term: string;
  /** In words: `adamw-8bit`. */
  readonly how: string;
  /** The part of the term that stays; 0 where the whole may go, of which `atMost` says that no less does. */
  readonly stays: number;
  readonly atMost?: boolean;
}

/** The cuts that a scenario has not made yet; where several cut one term, the one that leaves least. */
export function cutsOf(scenario: Scenario, tree: BuiltLayer): readonly Cut[] {
  return scenario.phase === "train" ? trainingCuts(scenario, tree) : inferenceCuts(scenario, tree);
}

const activations = "activations and temporaries";

function trainingCuts({ optimizer, checkpointing, autocast, dtype, parallel }: Scenario, tree: BuiltLayer): Cut[] {
  const { trained } = holdings(tree, dtype);
  const stateBytes = (name: Scenario["optimizer"]) =>
    optimizerBytes(name, trained).state.reduce((total, bytes) => total + bytes, 0);
  const state = stateBytes(optimizer);
  const name = "adamw-8bit";
  const least = stateBytes(name);
  const shards = parallel?.data !== undefined && parallel.data > 1 ? (parallel.zero ?? 0) : undefined;
  const ranks = parallel?.data ?? 1;
  return [
    ...(checkpointing ? [] : [{ term: activations, how: "checkpointing", stays: 0, atMost: true }]),
    ...(least < state ? [{ term: "optimizer state", how: name, stays: least / state }] : []),
    ...(dtype === "fp32" && autocast === undefined
      ? [{ term: activations, how: "bf16 autocast", stays: 0.5, atMost: true }]
      : []),
    ...(shards !== undefined && shards < 1 ? [{ term: "optimizer state", how: "ZeRO-1", stays: 1 / ranks }] : []),
    ...(shards !== undefined && shards < 2 ? [{ term: "gradients", how: "ZeRO-2", stays: 1 / ranks }] : []),
    ...(shards !== undefined && shards < 3 ? [{ term: "weights", how: "ZeRO-3", stays: 1 / ranks }] : []),
  ];
}

function inferenceCuts({ dtype, kvDtype, batch }: Scenario, tree: BuiltLayer): Cut[] {
  const bytesAs = (type: Scenario["dtype"]) => known(totalBytes(holdings(tree, type).parameters));
  const [now, packed] = [bytesAs(dtype), bytesAs("int4")];
  return [
    ...(now && packed !== undefined && packed < now
      ? [{ term: "weights", how: "int4 weights", stays: packed / now }]
      : []),
    ...(kvDtype === undefined ? [{ term: "KV cache", how: "a cache of int8", stays: 0.5, atMost: true }] : []),
    ...(batch > 1 ? [{ term: activations, how: `a batch of ${Math.ceil(batch / 2)}`, stays: 0.5, atMost: true }] : []),
  ];
}

/** A term at a moment, and what a cut would take off it. */
export interface Cuttable {
  readonly term: string;
  readonly bytes: number;
  readonly how: string | undefined;
  readonly by: number;
  readonly atMost: boolean;
}

/** The terms of a moment, the largest first, each with the cut that takes most off it. */
export function cuttable({ terms }: Pick<MemoryMoment, "terms">, cuts: readonly Cut[]): readonly Cuttable[] {
  return terms
    .map(({ name, bytes }): Cuttable => {
      const size = known(bytes) ?? 0;
      const best = cuts.filter(({ term }) => isTerm(term, name)).reduce<Cut | undefined>(lesser, undefined);
      return {
        term: name,
        bytes: size,
        how: best?.how,
        by: best ? size * (1 - best.stays) : 0,
        atMost: best?.atMost === true,
      };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}

const lesser = (a: Cut | undefined, b: Cut) => (a && a.stays <= b.stays ? a : b);

/** A rank's report says `activations` for what passes make. */
const isTerm = (term: string, name: string) => term === name || (term === activations && name === "activations");

/** The moments of a step; where only the peak is known (of a rank), that one. */
export function momentsOf({ moments, terms, peakBytes }: MemoryReport): readonly (MemoryMoment | Rank)[] {
  const peak = known(peakBytes);
  if (moments.length > 0 || peak === undefined) return moments;
  return [{ part: undefined, bytes: peak, terms }];
}

interface Rank extends Omit<MemoryMoment, "part"> {
  readonly part: undefined;
}
