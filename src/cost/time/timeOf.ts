/** Seconds of a pass or step on a device: each kernel by its curve, what bounds it, and what the CPU adds where it asks for them one by one. */
import type { Scenario } from "../../base/scenario.ts";
import { Unknown } from "../../base/unknown.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Trace } from "../../trace/trace.ts";
import type { Device } from "../devices/device.ts";
import type { Bound, TimeReport, TimeShare } from "../report.ts";
import { fused } from "./fusion.ts";
import { hostSeconds } from "./host.ts";
import { type Machine, machineOf } from "./machine.ts";
import { gradientSums, optimizerKernels, trainedTensors } from "./optimizer.ts";
import { eagerSeconds, type Queued } from "./queue.ts";
import { type TimedKernel, timedKernels } from "./timedKernels.ts";

export interface TimeQuestion {
  readonly device: Device;
  readonly scenario: Scenario;
  /** Those that are trained; undefined: all parameters that the trace reads. */
  readonly parameters?: readonly Tensor[];
}

/**
 * `trace`: all events of the pass, or of a training step. The optimizer's kernels are added where they are not among them;
 * a step of several passes runs all but those as often as the scenario accumulates gradients.
 *
 * Unknown where a size in the trace is, and where nobody says how fast the device multiplies.
 */
export function timeOf(trace: Trace, { device, scenario, parameters }: TimeQuestion): TimeReport {
  const machine = machineOf(device);
  if (machine instanceof Unknown) return unknownTime(machine);
  const timed = timedKernels(trace, machine);
  if (timed instanceof Unknown) return unknownTime(timed);
  const trains =
    scenario.phase === "train" && !trace.events.some((one) => one.kind === "operation" && one.pass === "optimizer");
  const trained = trains ? (parameters ?? trainedTensors(trace)) : [];
  const optimizer = trains ? optimizerKernels(trained, scenario.optimizer, machine) : [];
  const run = scenario.compile ? fused(timed, trace, machine) : timed;
  const passes = scenario.phase === "train" ? Math.max(1, scenario.gradientAccumulation ?? 1) : 1;
  const sums = passes > 1 ? gradientSums(trained, machine) : [];
  const whole = passes > 1 ? timed.map((one) => repeated(one, passes)) : timed;
  const worked = passes > 1 ? [...run, ...sums].map((one) => repeated(one, one.index < 0 ? passes - 1 : passes)) : run;
  const kernels = [...worked, ...optimizer];
  const seconds = sum(kernels.map(total));
  const asked = hostSeconds(trace, timed, trained, machine);
  // Each pass before the last has no optimizer behind it; each but the first adds to the gradients that are there.
  const eager = scenario.compile
    ? seconds + machine.curves.host.step
    : eagerSeconds(queue(asked, timed, [...sums, ...optimizer], machine)) +
      (passes - 1) * (passes > 1 ? eagerSeconds(queue({ ...asked, optimizer: 0 }, timed, sums, machine)) : 0);
  const width = errorOf(kernels, machine) * seconds;
  return {
    seconds,
    eagerSeconds: Math.max(eager, seconds),
    hostSeconds: scenario.compile
      ? machine.curves.host.step
      : passes * sum(asked.events.map((one) => one.seconds)) + asked.optimizer,
    interval: [Math.max(0, seconds - width), seconds + width],
    bound: bounds(kernels),
    kinds: byKind(kernels),
    parts: byPart(kernels),
    operations: new Map([...grouped(whole, ({ index }) => index)].map(([index, list]) => [index, share(list)])),
    calls: byCall(trace, whole),
    modelFlops: passes * modelFlops(trace),
    peakFlopsPerSecond: machine.flopsPerSecond(typeOf(scenario), false),
    remarks: machine.measured
      ? []
      : [`No kernels were measured on ${device.name}: those of the H200 stand in, by shares of the peaks.`],
  };
}

function modelFlops({ events }: Trace): number {
  let macs = 0;
  for (const event of events) {
    if (event.kind !== "operation" || event.pass === "recompute") continue;
    const own = event.detail?.["multiplyAdds"] ?? event.macs;
    if (typeof own === "number") macs += own;
  }
  return 2 * macs;
}

/** Of the multiply-adds: weights of fewer bits are multiplied in bfloat16. */
function typeOf({ autocast, dtype }: Scenario): DType {
  const type = autocast ?? dtype;
  return type === "fp16" ? "float16" : type === "fp32" ? "float32" : "bfloat16";
}

/** The same kernel as often as a step runs its pass. */
function repeated(one: TimedKernel, times: number): TimedKernel {
  return { ...one, launches: one.launches * times, start: one.start * times, rest: one.rest * times };
}

/** What the CPU asks for in order, each with what the device works on it, gaps between its kernels included. */
function queue(
  asked: ReturnType<typeof hostSeconds>,
  timed: readonly TimedKernel[],
  optimizer: readonly TimedKernel[],
  { curves }: Machine,
): Queued[] {
  const busy = (kernels: readonly TimedKernel[]) =>
    sum(kernels.map((one) => total(one) + one.launches * curves.gapSeconds));
  const kernels = grouped(timed, ({ index }) => index);
  const events = asked.events.map(({ index, seconds, waits }) => ({
    host: seconds,
    device: busy(kernels.get(index) ?? []),
    waits,
  }));
  const share = asked.optimizer / Math.max(1, optimizer.length);
  return [...events, ...optimizer.map((one) => ({ host: share, device: busy([one]), waits: false }))];
}

function total({ start, rest }: TimedKernel): number {
  return start + rest;
}

function sum(list: readonly number[]): number {
  return list.reduce((all, one) => all + one, 0);
}

function bounds(kernels: readonly TimedKernel[]): TimeReport["bound"] {
  const found = { compute: 0, memory: 0, launch: 0, communication: 0 };
  for (const { start, rest, bound } of kernels) {
    found.launch += start;
    found[bound] += rest;
  }
  return found;
}

function share(kernels: readonly TimedKernel[]): TimeShare {
  const all = bounds(kernels);
  const [first] = (Object.entries(all) as [Bound, number][]).toSorted((a, b) => b[1] - a[1]);
  return { seconds: sum(kernels.map(total)), bound: first?.[0] ?? "launch" };
}

function byKind(kernels: readonly TimedKernel[]): TimeReport["kinds"] {
  const kinds = grouped(kernels, ({ kind }) => kind);
  return [...kinds]
    .map(([kind, list]) => ({ kind, seconds: sum(list.map(total)), operations: list.length }))
    .toSorted((a, b) => b.seconds - a.seconds);
}

function byPart(kernels: readonly TimedKernel[]): TimeReport["parts"] {
  return Object.fromEntries(
    [...grouped(kernels, ({ part }) => part)].map(([part, list]) => [part, sum(list.map(total))]),
  );
}

function grouped<Key>(kernels: readonly TimedKernel[], key: (kernel: TimedKernel) => Key): Map<Key, TimedKernel[]> {
  const groups = new Map<Key, TimedKernel[]>();
  for (const one of kernels) {
    const group = groups.get(key(one));
    if (group) group.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}

/** Of each module call, the calls inside it included. */
function byCall({ calls }: Trace, timed: readonly TimedKernel[]): ReadonlyMap<number, TimeShare> {
  const inside: TimedKernel[][] = calls.map(() => []);
  for (const one of timed) inside[one.module]?.push(one);
  const found = new Map<number, TimeShare>();
  const merged = calls.map((_, id) => bounds(inside[id] ?? []));
  for (let id = calls.length - 1; id >= 0; id--) {
    const own = merged[id] as TimeReport["bound"];
    const parent = id > 0 ? merged[calls[id]?.parent ?? 0] : undefined;
    const [first] = (Object.entries(own) as [Bound, number][]).toSorted((a, b) => b[1] - a[1]);
    found.set(id, { seconds: sum(Object.values(own)), bound: first?.[0] ?? "launch" });
    if (parent) for (const name of Object.keys(own) as Bound[]) parent[name] += own[name];
  }
  return found;
}

/** Relative: errors of kinds add up as if they did not know of each other, behind what any machine differs from its like. */
function errorOf(kernels: readonly TimedKernel[], { curves, doubt }: Machine): number {
  const all = sum(kernels.map(total));
  const parts = byKind(kernels).map(({ kind, seconds }) => (seconds / all) * (curves.errors[kind]?.most ?? usualError));
  return doubt * (likeMachines + Math.hypot(...parts));
}

const likeMachines = 0.05;
const usualError = 0.4;

function unknownTime(reason: Unknown): TimeReport {
  return {
    seconds: reason,
    eagerSeconds: reason,
    hostSeconds: reason,
    interval: undefined,
    bound: { compute: 0, memory: 0, launch: 0, communication: 0 },
    kinds: [],
    parts: {},
    operations: new Map(),
    calls: new Map(),
    modelFlops: 0,
    peakFlopsPerSecond: 0,
    remarks: [],
  };
}
