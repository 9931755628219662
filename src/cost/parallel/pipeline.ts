/** Pipelines: which layers a stage has, how many batches it holds, and how long it waits. */
import type { Parallel } from "../../base/scenario.ts";

export type Schedule = NonNullable<Parallel["schedule"]>;

/** A pipeline's order of work. */
export interface Pipeline {
  readonly schedule: Schedule;
  readonly stages: number;
  readonly microbatches: number;
  /** Chunks of layers on each stage of an interleaved schedule; 1 for the others. */
  readonly chunks: number;
}

/** Seconds that one micro-batch takes on one stage, by part of the work. */
export interface StageSeconds {
  readonly forward: number;
  /** Gradients of inputs. */
  readonly input: number;
  /** Gradients of weights, which nothing waits for. */
  readonly weight: number;
}

/**
 * The time that a stage waits over the time that it works: (p-1)/m for GPipe and 1F1B, 1/v of it interleaved
 * (arXiv 2104.04473, section 2.2); for ZB-H1 the weights' gradients fill all of it but (p-1)·(F + B - W)
 * (arXiv 2401.10241, table 1).
 */
export function bubbleFraction({ schedule, stages, microbatches, chunks }: Pipeline, seconds?: StageSeconds): number {
  const plain = (stages - 1) / microbatches;
  if (schedule === "interleaved") return plain / chunks;
  if (schedule !== "zero-bubble") return plain;
  const { forward, input, weight } = seconds ?? { forward: 1, input: 1, weight: 1 };
  const work = forward + input + weight;
  return work > 0 ? (plain * Math.max(0, forward + input - weight)) / work : plain;
}

/**
 * Micro-batches whose activations stage `stage` (from 0) holds at once, in units of all its layers: all of them for GPipe;
 * for 1F1B and ZB-H1 as many as there are stages from it on; interleaved, Megatron's warm-up of
 * 2·(p-stage-1) + (v-1)·p chunks and the one that runs.
 */
export function batchesInFlight({ schedule, stages, microbatches, chunks }: Pipeline, stage: number): number {
  if (stages === 1) return 1;
  if (schedule === "gpipe") return microbatches;
  if (schedule !== "interleaved") return Math.min(microbatches, stages - stage);
  const warmUp = 2 * (stages - stage - 1) + (chunks - 1) * stages + 1;
  return Math.min(microbatches * chunks, warmUp) / chunks;
}

/**
 * The stage of each of `layers` layers: contiguous runs as even as they can be, the longer ones first; interleaved, stage
 * `s` has runs s, s + p, s + 2·p ….
 */
export function stagesOf(layers: number, { stages, chunks }: Pick<Pipeline, "stages" | "chunks">): number[] {
  const runs = stages * chunks;
  const least = Math.floor(layers / runs);
  const longer = layers % runs;
  return Array.from({ length: runs }, (_, run) =>
    Array<number>(least + (run < longer ? 1 : 0)).fill(run % stages),
  ).flat();
}
