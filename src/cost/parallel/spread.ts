/** One rank's figures in place of one device's, where a scenario spreads the work over several. */
import type { Scenario } from "../../base/scenario.ts";
import { type Known, known, Unknown } from "../../base/unknown.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Trace } from "../../trace/trace.ts";
import type { Device } from "../devices/device.ts";
import type { MemoryReport, MemoryTerm, TimeReport } from "../report.ts";
import { perRank, type RankReport } from "./perRank.ts";

/** Memory and time as the scenario has them, and where they are one rank's, all that is known of the ranks. */
export interface Spread<Time extends TimeReport | undefined> {
  readonly memory: MemoryReport;
  readonly time: Time;
  /** Undefined where one device does all the work. */
  readonly ranks: Known<RankReport> | undefined;
}

/** `memory` and `time` are one device's for the whole model and batch; `trace` is what they were found from. */
export function spread<Time extends TimeReport | undefined>(
  tree: BuiltLayer,
  trace: Trace,
  { memory, time }: { readonly memory: MemoryReport; readonly time: Time },
  scenario: Scenario,
  device: Device | undefined,
): Spread<Time> {
  if (!scenario.parallel || memory.peakBytes instanceof Unknown) return { memory, time, ranks: undefined };
  const seconds = typeof time?.seconds === "number" ? time.parts : undefined;
  const secondsOf = ({ index }: { index: number }) => time?.operations.get(index)?.seconds ?? 0;
  const ranks = perRank({ tree, trace, memory, seconds, ...(seconds && { secondsOf }) }, scenario, device);
  if (ranks === undefined) return { memory, time, ranks };
  if (ranks instanceof Unknown) {
    const nothing = { peakBytes: ranks, reservedBytes: ranks, deviceBytes: ranks, peakInterval: undefined };
    return { memory: { ...memory, ...nothing }, time: withoutTime(time, ranks), ranks };
  }
  return { memory: rankMemoryReport(memory, ranks), time: rankTimeReport(time, ranks), ranks };
}

function withoutTime<Time extends TimeReport | undefined>(time: Time, reason: Unknown): Time {
  return time && { ...time, seconds: reason, eagerSeconds: reason, hostSeconds: reason, interval: undefined };
}

/** The report of the rank that needs most. Its peak lies where the single device's does; who holds it there is not told. */
function rankMemoryReport(single: MemoryReport, rank: RankReport): MemoryReport {
  const { memory, degrees, problems } = rank;
  const term = (name: string, bytes: number, source: string): MemoryTerm[] =>
    bytes > 0 ? [{ name, bytes, source }] : [];
  const of = `one of ${degrees.ranks} ranks`;
  return {
    ...single,
    weightBytes: memory.weightBytes + memory.unshardedBytes,
    bufferBytes: memory.bufferBytes,
    inputBytes: memory.inputBytes,
    gradientBytes: memory.gradientBytes + memory.bucketBytes,
    optimizerBytes: memory.optimizerBytes,
    activationBytes: memory.activationBytes,
    kvCacheBytes: single.kvCacheBytes === undefined ? undefined : memory.kvCacheBytes,
    peakBytes: memory.peakBytes,
    peakInterval: memory.peakInterval,
    reservedBytes: memory.reservedBytes ?? single.reservedBytes,
    deviceBytes: memory.deviceBytes ?? single.deviceBytes,
    peakHolders: [],
    moments: [],
    timeline: [],
    terms: [
      ...term("weights", memory.weightBytes, `shard of ${of}`),
      ...term("gathered weights", memory.unshardedBytes, "whole while they are used"),
      ...term("gradients", memory.gradientBytes, of),
      ...term("gradient buckets", memory.bucketBytes, "copies on their way to other ranks"),
      ...term("optimizer state", memory.optimizerBytes, of),
      ...term("activations", memory.activationBytes, "of all micro-batches in flight"),
      ...term("KV cache", memory.kvCacheBytes, of),
    ],
    remarks: [...single.remarks, ...problems],
  };
}

/** Seconds of a step on one rank: with the bubble and the communication that nothing hides. */
function rankTimeReport<Time extends TimeReport | undefined>(single: Time, rank: RankReport): Time {
  const { seconds, exposedSeconds } = rank;
  if (!single) return single;
  const whole = known(single.seconds);
  const host = known(single.hostSeconds) ?? 0;
  if (seconds === undefined || exposedSeconds === undefined || whole === undefined)
    return withoutTime(single, new Unknown("the time that communication takes is not known"));
  const { stages, microbatches } = rank.degrees;
  // A rank asks for as many kernels as one device does, for its layers, once for each micro-batch.
  const asked = (host * microbatches) / stages;
  const scale = whole > 0 ? (seconds - exposedSeconds) / whole : 0;
  const working = scale / (1 + rank.bubbleFraction);
  const { compute, memory, launch } = single.bound;
  const [low, high] = single.interval ?? [];
  return {
    ...single,
    seconds,
    eagerSeconds: Math.max(seconds, asked + exposedSeconds),
    hostSeconds: asked,
    bound: {
      compute: compute * working,
      memory: memory * working,
      launch: launch * working,
      // Waiting for other stages is waiting for what they send.
      communication: seconds - (compute + memory + launch) * working,
    },
    // Overlap is the least certain: all of the communication hidden, or none of it.
    interval:
      low === undefined || high === undefined
        ? undefined
        : [low * scale, high * scale + (rank.communicationSeconds ?? exposedSeconds)],
    remarks: [...single.remarks, ...rank.remarks],
  };
}
