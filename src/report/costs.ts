/** Memory and time of the pass that a scenario asks for. */
import { type Scenario, scenarioItemBytes } from "../base/scenario.ts";
import { type Known, known, Unknown } from "../base/unknown.ts";
import type { Device } from "../cost/devices/device.ts";
import { holdings } from "../cost/memory/holdings.ts";
import type { RankReport } from "../cost/parallel/perRank.ts";
import { spread } from "../cost/parallel/spread.ts";
import type { MemoryReport, TimeReport } from "../cost/report.ts";
import { timeOf } from "../cost/time/timeOf.ts";
import type { Built, Pass } from "../evidence/run.ts";
import { memoryReport } from "./memory.ts";

export interface Costs {
  readonly pass: Pass;
  readonly scenario: Scenario;
  readonly device: Device | undefined;
  /** Where the scenario spreads the work: of the rank that needs most; so is `time`. */
  readonly memory: MemoryReport;
  /** Undefined where the device is not known or the pass did not come to its end. */
  readonly time: TimeReport | undefined;
  /** Undefined where one device does all the work. */
  readonly ranks: Known<RankReport> | undefined;
}

export function costsOf(built: Built, pass: Pass, scenario: Scenario, device: Device | undefined): Costs {
  const { trace } = pass;
  const memory = memoryReport(built, pass, scenario, device);
  const parameters = holdings(built.tree).trained.map(({ tensor }) => tensor);
  const time = device && !pass.failure ? timeOf(trace, { device, scenario, parameters }) : undefined;
  return { pass, scenario, device, ...spread(built.tree, trace, { memory, time }, scenario, device) };
}

/** The fields of an answer that a scenario adds. */
export interface CostAnswers {
  readonly memory?: Readonly<Record<string, unknown>>;
  readonly time?: Readonly<Record<string, unknown>>;
  /** Where several devices share the work: what is known of the ranks. */
  readonly parallel?: RankReport | null;
}

/** Whether nothing that memory and time depend on was unknown or assumed. */
export function sureOf({ pass, scenario, device, memory, time, ranks }: Costs): { memory: boolean; time: boolean } {
  const whole =
    pass.failure === undefined &&
    pass.notes.length === 0 &&
    pass.trace.events.every(({ kind }) => kind !== "unknown") &&
    !(ranks instanceof Unknown) &&
    (ranks?.problems.length ?? 0) === 0 &&
    // Weights of fewer bits than PyTorch computes in are weighed by their type alone.
    scenarioItemBytes(scenario.dtype) >= 2;
  return {
    memory: whole && device !== undefined && known(memory.peakBytes) !== undefined,
    time: whole && time !== undefined && known(time.seconds) !== undefined && time.remarks.length === 0,
  };
}

/** The costs as an answer gives them, and what in them is not known. */
export function costAnswers({ device, memory, time, ranks }: Costs): CostAnswers & { unknowns: readonly Unknown[] } {
  return {
    memory: memoryAnswer(memory, device),
    ...(time && { time: timeAnswer(time) }),
    ...(ranks !== undefined && { parallel: ranks instanceof Unknown ? null : ranks }),
    unknowns: [memory.peakBytes, memory.weightBytes, time?.seconds, ranks].filter((one) => one instanceof Unknown),
  };
}

function memoryAnswer(memory: MemoryReport, device: Device | undefined): Record<string, unknown> {
  const figures = Object.entries(memory).filter(([name]) => name.endsWith("Bytes") || name.endsWith("PerToken"));
  return {
    ...Object.fromEntries(figures.map(([name, value]) => [name, plain(value)])),
    // What the card shows holds the process's own context, which nobody has measured on every device.
    deviceBytes: device?.contextBytes === undefined ? null : plain(memory.deviceBytes),
    peakInterval: memory.peakInterval ?? null,
    peakMoment: memory.peakMoment ?? null,
    peakOperation: memory.peakOperation ?? null,
    remarks: memory.remarks,
  };
}

function timeAnswer(time: TimeReport): Record<string, unknown> {
  return {
    seconds: plain(time.seconds),
    eagerSeconds: plain(time.eagerSeconds),
    interval: time.interval ?? null,
    split: time.bound,
    parts: time.parts,
    remarks: time.remarks,
  };
}

function plain(value: unknown): unknown {
  return value instanceof Unknown ? null : (value ?? null);
}
