/** Memory and time of the pass that a scenario asks for. */
import { type Scenario, scenarioItemBytes } from "../base/scenario.ts";
import { type Known, known, Unknown } from "../base/unknown.ts";
import type { Device } from "../cost/devices/device.ts";
import { holdings } from "../cost/memory/holdings.ts";
import type { RankReport } from "../cost/parallel/perRank.ts";
import { spread } from "../cost/parallel/spread.ts";
import type { MemoryReport, TimeReport } from "../cost/report.ts";
import { fasterForm } from "../cost/time/captured.ts";
import { timeOf } from "../cost/time/timeOf.ts";
import type { Built, Pass } from "../evidence/run.ts";
import type { Trace } from "../trace/trace.ts";
import { memoryReport } from "./memory.ts";

export interface Costs {
  readonly pass: Pass;
  readonly scenario: Scenario;
  readonly device: Device | undefined;
  /** Where the scenario spreads the work: of the rank that needs most; so is `time`. */
  readonly memory: MemoryReport;
  /** Undefined where the device is not known or the pass did not come to its end. */
  readonly time: TimeReport | undefined;
  /** The operations and calls that `time` speaks of: the pass's, or those of the form that a CUDA graph captures. */
  readonly timed: Trace;
  /** Undefined where one device does all the work. */
  readonly ranks: Known<RankReport> | undefined;
}

/** `captured`: what the pass runs while a CUDA graph captures it, where that is something else. */
export function costsOf(
  built: Pick<Built, "tree">,
  pass: Pass,
  scenario: Scenario,
  device: Device | undefined,
  captured?: Trace,
): Costs {
  const { trace } = pass;
  const memory = memoryReport(built, pass, scenario, device);
  const parameters = holdings(built.tree).trained.map(({ tensor }) => tensor);
  const own = device && !pass.failure ? timeOf(trace, { device, scenario, parameters }) : undefined;
  const other = device && captured && !scenario.parallel && !scenario.compile ? captured : undefined;
  const time = own && device && other ? fasterForm(own, timeOf(other, { device, scenario, parameters })) : own;
  const timed = other && time?.calls !== own?.calls ? other : trace;
  return { pass, scenario, device, timed, ...spread(built.tree, trace, { memory, time }, scenario, device) };
}

/** Memory alone, of the rank that needs most where the scenario spreads the work. */
export function memoryCosts(
  built: Pick<Built, "tree">,
  pass: Pass,
  scenario: Scenario,
  device: Device | undefined,
): Pick<Costs, "memory" | "ranks"> {
  const memory = memoryReport(built, pass, scenario, device);
  const { memory: own, ranks } = spread(built.tree, pass.trace, { memory, time: undefined }, scenario, device);
  return { memory: own, ranks };
}

/** The fields of an answer that a scenario adds. */
export interface CostAnswers {
  readonly memory?: Readonly<Record<string, unknown>>;
  readonly time?: Readonly<Record<string, unknown>>;
  /** Where several devices share the work: what is known of the ranks. */
  readonly parallel?: RankReport | null;
}

/** Whether nothing that memory and time depend on was unknown or assumed. */
export function sureOf({
  pass,
  scenario,
  device,
  memory,
  time,
  ranks,
}: Pick<Costs, "pass" | "scenario" | "device" | "memory" | "time" | "ranks">): { memory: boolean; time: boolean } {
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
    ...kvAnswer(memory),
    // What the card shows holds the process's own context, which nobody has measured on every device.
    deviceBytes: device?.contextBytes === undefined ? null : plain(memory.deviceBytes),
    peakInterval: memory.peakInterval ?? null,
    peakMoment: memory.peakMoment ?? null,
    peakOperation: memory.peakOperation ?? null,
    remarks: memory.remarks,
  };
}

/** Whose KV cache `kvCacheBytes` is, and every runtime's. */
function kvAnswer({ kv }: MemoryReport): Record<string, unknown> {
  if (kv === undefined || kv instanceof Unknown) return {};
  const rows = kv.layouts.map(({ name, bytes, bytesPerToken, source }) => [
    name,
    { bytes: plain(bytes), bytesPerToken: plain(bytesPerToken), source },
  ]);
  return { kvRuntime: kv.runtime, kvRuntimes: Object.fromEntries(rows) };
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
