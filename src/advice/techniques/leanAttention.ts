import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { attentionBackend } from "../../ops/shared/attentionBackend.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { type AttentionCall, attentionCalls } from "../attention/calls.ts";
import { decodeEdit, isCutAlready } from "../attention/decodeEdit.ts";
import {
  bestSplits,
  type DecodeWork,
  heuristicSplits,
  type LeanSchedule,
  leanSchedule,
  type Schedule,
  wholeHeads,
} from "../attention/decodeSchedule.ts";
import { operationSeconds } from "../attention/seconds.ts";
import type { Subject } from "../subject.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface DecodeSite extends Site {
  readonly calls: readonly Operation[];
  readonly work: DecodeWork;
  readonly before: Schedule;
  readonly after: LeanSchedule;
}

/** Below this share of busy units the present schedule leaves something to win. */
const busyEnough = 0.9;

/**
 * Decode attention with its tiles in one line, cut into equal runs over the GPU's units.
 *
 * The time of attention is taken to shrink with the busiest unit's tiles, never below what reading keys and values takes.
 */
export default technique<DecodeSite>({
  id: "lean-attention",
  name: "Lean Attention",
  kind: "attention",
  paper: {
    title: "Lean Attention: Hardware-Aware Scalable Attention Mechanism for the Decode-Phase of Transformers",
    arxiv: "2405.10480",
    year: 2024,
    where: "section 4; schedule and buffers of ONNX Runtime's kernel",
  },
  what: "All key tiles of a decode step are shared out equally over the GPU's units, whatever heads they belong to.",
  price:
    "It needs a kernel of its own: flash_attn_with_kvcache cuts keys into equal parts, ONNX Runtime has ORT_ENABLE_LEAN_ATTENTION=1 for head sizes 64 and 128, ROCm aiter's persistent_lean_attention. Sums are added in another order.",
  demands: "nothing",
  exact: true,
  knobs: {},

  find(subject): Found<DecodeSite> {
    const { scenario, device, pass } = subject;
    if (scenario.phase !== "decode")
      return {
        sites: [],
        why: attentionCalls(pass).some(({ isCausal }) => isCausal)
          ? "It shares out the attention of a decode step: other phases have queries enough to fill the units."
          : undefined,
      };
    const units = device?.kind === "gpu" ? device.units : undefined;
    const calls = attentionCalls(pass).filter(({ queries }) => queries <= 16);
    if (calls.length === 0 || !device) return { sites: [] };
    if (!units) return { sites: [], why: `How many units ${device.name} has is not known.` };
    const fused = calls.filter(({ eager }) => !eager);
    if (fused.length === 0)
      return { sites: [], why: "Attention is written out as products here: the schedule is a fused kernel's." };
    const uncut = fused.filter(({ at }) => !isCutAlready(subject, at));
    if (uncut.length === 0) return { sites: [], why: "num_splits says already into how many parts its keys are cut." };
    const sites = sitesOf(uncut, subject, units);
    const [first] = sites;
    const pays = sites.filter(({ before, after }) => before.efficiency < busyEnough && after.tiles >= 2 * units);
    if (pays.length > 0 || !first)
      return { sites: pays.filter(({ before, after }) => after.makespan < before.makespan) };
    const { before, after } = first;
    const why =
      after.tiles < 2 * units
        ? `${after.tiles} tiles of keys are too few to share out over ${units} units.`
        : `The present schedule keeps ${percent(before.efficiency)} of ${units} units busy: at most ${ratio(before.makespan / after.makespan)} would be won.`;
    return { sites: [], why };
  },

  change(subject, sites) {
    const saved = sites.map((site) => savedSeconds(site, subject)).reduce((sum, one) => sum + one, 0);
    const [first] = sites;
    const formula =
      "attention's time times tiles on the busiest unit, after over before; at least the time to read keys and values";
    return {
      terms: (["seconds", "eagerSeconds"] as const).map((figure) => ({ figure, add: -saved, formula })),
      shows: first ? shownOf(first) : [],
      remarks: [
        "The saving is an upper bound: merging the partial results and a second kernel's start are left out of it.",
      ],
    };
  },

  edit(subject, [site]) {
    if (!site) return { reason: "no attention of a decode step was found" };
    return decodeEdit(subject, bestSplits(site.work).splits);
  },
});

function sitesOf(calls: readonly AttentionCall[], { device, scenario }: Subject, units: number): DecodeSite[] {
  const alike = new Map<string, AttentionCall[]>();
  for (const call of calls) {
    const key = [call.rows, call.keyRows, call.queries, call.keys, call.width, call.at?.line].join();
    alike.set(key, [...(alike.get(key) ?? []), call]);
  }
  return [...alike.values()].flatMap((same) => {
    const [one] = same as [AttentionCall];
    const sequences = Math.min(scenario.batch, one.keyRows);
    const work = {
      sequences,
      keyHeads: one.keyRows / sequences,
      group: one.rows / one.keyRows,
      queries: one.queries,
      keys: one.keys,
      width: one.width,
      units,
    };
    const kernel = kernelOf(one.operation, device?.capability);
    if (kernel === "math") return [];
    // The memory-efficient kernel has one block for each head.
    const before = kernel === "efficient" ? wholeHeads(work) : heuristicSplits(work);
    const after = leanSchedule(work);
    return [
      {
        at: one.at,
        calls: same.map(({ operation }) => operation),
        work,
        before,
        after,
        what: `${one.keyRows} heads of ${one.keys} keys keep ${percent(before.efficiency)} of ${units} units busy${same.length > 1 ? ` in each of ${same.length} calls` : ""}.`,
      },
    ];
  });
}

function kernelOf({ call }: Operation, capability: number | undefined) {
  const [query, key, value, mask] = call.args as readonly [Tensor, Tensor, Tensor, Tensor | null];
  return attentionBackend({
    query,
    key,
    value,
    mask,
    dropout: 0,
    causal: false,
    grouped: call.args[7] === true,
    capability,
  });
}

/** Seconds of all calls of a site less what they would take. */
function savedSeconds({ calls, before, after }: DecodeSite, subject: Subject): number {
  const secondsOf = operationSeconds(subject);
  const { memoryBytesPerSecond = Number.POSITIVE_INFINITY } = subject.device ?? {};
  return calls.reduce((sum, operation) => {
    const seconds = secondsOf(operation);
    const floor = Math.min(seconds, (known(operation.bytesRead) ?? 0) / memoryBytesPerSecond);
    return sum + seconds - Math.max(floor, (seconds * after.makespan) / before.makespan);
  }, 0);
}

function shownOf({ before, after, work }: DecodeSite) {
  const equal = bestSplits(work);
  return [
    { name: "tiles of keys", after: after.tiles },
    { name: "blocks", after: after.blocks },
    { name: "tiles on one block", after: after.tilesPerBlock },
    { name: "parts of a head's keys", before: before.splits, after: after.splits },
    { name: "waves", before: before.waves, after: after.waves },
    { name: "units' time spent on tiles", before: percent(before.efficiency), after: percent(after.efficiency) },
    {
      name: `of ${equal.splits} equal parts, which num_splits=${equal.splits} asks for`,
      after: percent(equal.efficiency),
    },
    { name: "attention at most faster by", after: ratio(before.makespan / after.makespan) },
    { name: "scratch", after: showBytes(after.scratchBytes, "GB") },
  ];
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
const ratio = (times: number) => `${times.toFixed(2)} ×`;
