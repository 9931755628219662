/** What a time means per second: samples, tokens, and the share of the device's peak that the model's own multiply-adds take. */
import type { Scenario } from "../../base/scenario.ts";
import { known } from "../../base/unknown.ts";
import type { TimeReport } from "../report.ts";

/** Undefined figures do not go with the phase, or are not known. */
export interface Throughput {
  /** As PyTorch runs the scenario: with what the CPU takes, or compiled where that is asked for. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
  /** Of a model that reads tokens: the prompt's, the step's, or one for each sequence when decoding. */
  readonly tokensPerSecond: number | undefined;
  /** A decode step's: each sequence gets one token from it. */
  readonly secondsPerToken: number | undefined;
  /** A prefill's. */
  readonly secondsToFirstToken: number | undefined;
  /**
   * Two per multiply-add of forward and backward, what runs again left out, over the peak of the matrix units in the
   * scenario's type (Chowdhery et al. 2022, arXiv 2204.02311, appendix B).
   */
  readonly modelFlopsUtilization: number;
}

/**
 * Undefined where the time is not known. Where several devices share the work, samples and tokens are those of all data
 * ranks together, and the multiply-adds are taken to be shared evenly by the ranks that one sample passes.
 */
export function throughput(
  time: TimeReport | undefined,
  scenario: Scenario,
  uses: { readonly sequence: boolean },
): Throughput | undefined {
  const seconds = time && known(scenario.compile ? time.seconds : time.eagerSeconds);
  if (!time || !seconds) return undefined;
  const { phase, parallel = {} } = scenario;
  const { data = 1, tensor = 1, pipeline = 1, context = 1 } = parallel;
  const samples = samplesOf(scenario) * data;
  const tokens = uses.sequence ? samples * (phase === "decode" ? 1 : scenario.sequence) : undefined;
  return {
    seconds,
    samplesPerSecond: samples / seconds,
    tokensPerSecond: tokens && tokens / seconds,
    secondsPerToken: tokens && phase === "decode" ? seconds : undefined,
    secondsToFirstToken: tokens && phase === "prefill" ? seconds : undefined,
    modelFlopsUtilization: time.modelFlops / (tensor * pipeline * context) / seconds / time.peakFlopsPerSecond,
  };
}

/** What one device works through in a pass, or in a step of all its accumulated passes. */
export function samplesOf({ batch, phase, gradientAccumulation = 1 }: Scenario): number {
  return phase === "train" ? batch * Math.max(1, gradientAccumulation) : batch;
}
