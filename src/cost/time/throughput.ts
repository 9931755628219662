/** What a time means per second: samples, tokens, and the share of the device's peak that the model's own multiply-adds take. */
import type { Scenario } from "../../base/scenario.ts";
import { type Known, Unknown } from "../../base/unknown.ts";
import type { Trace } from "../../trace/trace.ts";
import type { Device } from "../devices/device.ts";
import type { TimeReport } from "../report.ts";
import { machineOf } from "./machine.ts";

export interface Throughput {
  readonly samplesPerSecond: Known<number>;
  /** Of a model that reads sequences: the prompt's or the step's tokens, or one for each sequence when decoding. */
  readonly tokensPerSecond: Known<number>;
  /** A prefill's own seconds; undefined for other phases. */
  readonly timeToFirstToken: Known<number> | undefined;
  /** Two per multiply-add of forward and backward, what runs again left out, over the matrix units' peak in the scenario's type. */
  readonly modelFlopsUtilization: Known<number>;
}

/** `eager`: with what the CPU takes. */
export function throughput(
  report: TimeReport,
  trace: Trace,
  { device, scenario, eager }: { readonly device: Device; readonly scenario: Scenario; readonly eager: boolean },
): Throughput {
  const seconds = eager ? report.eagerSeconds : report.seconds;
  const { batch, sequence, phase } = scenario;
  const per = (count: number): Known<number> => (seconds instanceof Unknown ? seconds : count / seconds);
  return {
    samplesPerSecond: per(batch),
    tokensPerSecond: per(batch * (phase === "decode" ? 1 : sequence)),
    timeToFirstToken: phase === "prefill" ? seconds : undefined,
    modelFlopsUtilization: utilization(seconds, trace, device, scenario),
  };
}

function utilization(seconds: Known<number>, { events }: Trace, device: Device, scenario: Scenario): Known<number> {
  const machine = machineOf(device);
  if (seconds instanceof Unknown) return seconds;
  if (machine instanceof Unknown) return machine;
  let macs = 0;
  for (const event of events) {
    if (event.kind !== "operation" || event.pass === "recompute") continue;
    const own = event.detail?.["multiplyAdds"] ?? event.macs;
    if (typeof own === "number") macs += own;
  }
  const type = scenario.autocast ?? scenario.dtype;
  const peak = machine.flopsPerSecond(type === "fp16" ? "float16" : type === "fp32" ? "float32" : "bfloat16", false);
  return (2 * macs) / seconds / peak;
}
