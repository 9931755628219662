/** From one device's figures to one rank's: bytes by term, communication, and the step's seconds. */
import type { Scenario } from "../../base/scenario.ts";
import { type Known, Unknown } from "../../base/unknown.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation, StepPart, Trace } from "../../trace/trace.ts";
import type { Device } from "../devices/device.ts";
import { attentionsOf } from "./attentions.ts";
import { type Traffic, trafficOf } from "./communications.ts";
import { type Degrees, degreesOf, problemsOf } from "./degrees.ts";
import { layoutOf } from "./layout.ts";
import { type Communication, linksOf, timed } from "./links.ts";
import { bubbleFraction } from "./pipeline.ts";
import { type RankMemory, rankMemory, type SingleMemory } from "./rankMemory.ts";
import { remarksOf } from "./remarks.ts";
import { workShares } from "./shareOfWork.ts";
import { splitsOf } from "./splits.ts";
import { stagingOf } from "./stages.ts";
import { keptOf, statesOf } from "./states.ts";
import { axesOf, walksOf } from "./walk.ts";

/** One device's figures for the whole model and batch. */
export interface SingleDevice {
  readonly tree: BuiltLayer;
  /** The list that the memory walk and the roofline read. */
  readonly trace: Trace;
  readonly memory: SingleMemory;
  /** By part of the step, all of its passes together; nothing given leaves the step's seconds out. */
  readonly seconds?: Partial<Readonly<Record<StepPart, number>>> | undefined;
  readonly secondsOf?: ((operation: Operation) => number) | undefined;
}

export interface RankReport {
  readonly degrees: Degrees;
  /** The rank that needs most: one of pipeline stage `heaviest`. */
  readonly memory: RankMemory;
  readonly heaviest: number;
  /** A rank of each pipeline stage. */
  readonly stages: readonly RankMemory[];
  /** Of the stage that takes longest. */
  readonly communications: readonly Communication[];
  readonly communicationSeconds: number | undefined;
  readonly exposedSeconds: number | undefined;
  /** Time that a stage waits over the time that it works; 0 without a pipeline. */
  readonly bubbleFraction: number;
  /** Of one step, with the bubble and the communication that nothing hides. */
  readonly seconds: number | undefined;
  /** What does not divide, both numbers named. */
  readonly problems: readonly string[];
  /** What the figures take for granted. */
  readonly remarks: readonly string[];
}

/** Undefined where one device does all the work; unknown where a size that counts is. */
export function perRank(
  single: SingleDevice,
  scenario: Scenario,
  device: Device | undefined,
): Known<RankReport> | undefined {
  const degrees = degreesOf(scenario, axesOf(single.trace).batch);
  const isAlone = degrees.ranks === 1 && !degrees.masterWeights && !degrees.offload;
  return isAlone ? undefined : rankReport(single, scenario, device, degrees);
}

/** The same for degrees that are decided, of which all may be 1. */
export function rankReport(
  { tree, trace, memory, seconds, secondsOf }: SingleDevice,
  scenario: Scenario,
  device: Device | undefined,
  degrees: Degrees,
): Known<RankReport> {
  const layout = layoutOf(tree);
  if (layout instanceof Unknown) return layout;
  const splits = splitsOf(trace, layout);
  const staging = stagingOf(trace, layout, degrees);
  const kept = keptOf(layout, memory);
  if (kept instanceof Unknown) return kept;
  const axes = axesOf(trace);
  const attentions = attentionsOf(trace);
  const ones: Degrees = { ...degreesOf({ ...scenario, parallel: {} }), accumulation: degrees.accumulation };
  const alone = {
    staging: stagingOf(trace, layout, ones),
    degrees: ones,
  };
  const stagesOf = (staging: typeof alone.staging, degrees: Degrees) => {
    const walks = walksOf(trace, layout, splits, staging, degrees);
    if (walks instanceof Unknown) return walks;
    return walks.map((walk, stage) => ({
      walk,
      states: statesOf(layout, splits, staging, degrees, stage, kept, scenario),
      blocks: staging.blocks[stage] ?? 0,
    }));
  };
  const [whole, parts] = [stagesOf(alone.staging, ones), stagesOf(staging, degrees)];
  if (whole instanceof Unknown) return whole;
  if (parts instanceof Unknown) return parts;
  const hasBackward = trace.events.some((event) => event.kind === "operation" && event.pass === "backward");
  const heads = attentions.find((one) => one.heads !== undefined);
  const memories = parts.map((part, stage) =>
    rankMemory(memory, whole[0] as (typeof whole)[number], part, {
      degrees,
      stage,
      layout,
      hasBackward,
      keyHeads: heads?.keyHeads,
    }),
  );
  const unknown = memories.find((one) => one instanceof Unknown);
  if (unknown instanceof Unknown) return unknown;
  const stages = memories as RankMemory[];
  const heaviest = stages.reduce(
    (best, one, i) => (one.peakBytes > (stages[best] as RankMemory).peakBytes ? i : best),
    0,
  );

  const shares = workShares(trace, splits, staging, degrees, secondsOf);
  const trainedHere = (stage: number) => parts[stage]?.states.updated ?? 0;
  const trainedInAll = whole[0]?.states.updated ?? 0;
  const secondsIn = (part: StepPart, stage: number) =>
    part === "optimizer"
      ? ((seconds?.optimizer ?? 0) * trainedHere(stage)) / Math.max(1, trainedInAll)
      : (seconds?.[part] ?? 0) * (shares[part][stage] ?? 0);
  const forwardOf = (stage: number) => secondsIn("forward", stage) + secondsIn("loss", stage);
  const backwardOf = (stage: number) => secondsIn("backward", stage) + secondsIn("recompute", stage);
  // Without seconds, a backward pass takes twice a forward one.
  const workOf = (stage: number) =>
    seconds
      ? forwardOf(stage) + backwardOf(stage)
      : (shares.forward[stage] ?? 0) + (scenario.phase === "train" ? 2 * (shares.backward[stage] ?? 0) : 0);
  const slowest = stages.reduce((best, _, i) => (workOf(i) > workOf(best) ? i : best), 0);
  const linkOf = linksOf(degrees, scenario.parallel ?? {}, device);
  const here = ({ operation }: { operation: Operation }) => staging.stageOf(operation) === slowest;
  const boundaries = layout.blocks.length === 0 ? 0 : boundaryBytes(trace, layout.blockOf);
  const part = parts[slowest] as (typeof parts)[number];
  const traffic: readonly Traffic[] = trafficOf(
    {
      splits: {
        sums: splits.sums.filter(here),
        copies: splits.copies.filter(here),
        gathers: splits.gathers.filter(here),
        dispatched: splits.dispatched.filter(here),
        combined: splits.combined.filter(here),
      },
      attentions: attentions.filter(here),
      states: part.states,
      weightItem: scenario.autocast ? 2 : layout.itemBytes,
      gradientItem: degrees.engine === "megatron" && degrees.masterWeights ? 4 : layout.itemBytes * kept.gradient,
      blocks: part.blocks,
      boundaryBytes: boundaries,
      expertLayers: staging.blocks[slowest]
        ? layout.expertBlocks.filter((block) => staging.stageOfBlock(block) === slowest).length
        : 0,
    },
    degrees,
    scenario,
  );
  const cover = seconds && { forward: forwardOf(slowest), backward: backwardOf(slowest), passes: degrees.accumulation };
  const communications = timed(traffic, linkOf, cover);
  const total = (of: (one: Communication) => number | undefined): number | undefined =>
    communications.some((one) => of(one) === undefined)
      ? undefined
      : communications.reduce((sum, one) => sum + (of(one) ?? 0), 0);
  const exposedSeconds = total((one) => one.exposedSeconds);
  const bubble = bubbleFraction(
    degrees,
    cover && { forward: cover.forward, input: cover.backward / 2, weight: cover.backward / 2 },
  );
  return {
    degrees,
    memory: stages[heaviest] as RankMemory,
    heaviest,
    stages,
    communications,
    communicationSeconds: total((one) => one.seconds),
    exposedSeconds,
    bubbleFraction: bubble,
    seconds:
      cover === undefined || exposedSeconds === undefined
        ? undefined
        : (cover.forward + cover.backward) * (1 + bubble) + secondsIn("optimizer", slowest) + exposedSeconds,
    problems: problemsOf(degrees, {
      ...axes,
      heads: heads?.heads,
      keyHeads: heads?.keyHeads,
      layers: layout.blocks.length,
      experts: layout.experts,
      splits: layout.weights.some(({ storage }) => splits.split.has(storage)),
    }),
    remarks: remarksOf(degrees, scenario, linkOf),
  };
}

/** What one block hands to the next, the whole batch's: the largest first output of a block's call. */
function boundaryBytes({ calls }: Trace, blockOf: ReadonlyMap<object, number>): number {
  let most = 0;
  for (const { parent, module, outputs } of calls) {
    if (!blockOf.has(module) || blockOf.has(calls[parent]?.module as object)) continue;
    const bytes = outputs[0]?.storage.bytes;
    if (typeof bytes === "number") most = Math.max(most, bytes);
  }
  return most;
}
