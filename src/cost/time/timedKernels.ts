/** The kernels of a trace in order, each with its seconds. */
import { Unknown } from "../../base/unknown.ts";
import { NeedsKnownSize } from "../../tensor/size.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { Operation, StepPart, Trace, TraceEvent } from "../../trace/trace.ts";
import { kernelsOf, type Run } from "./kernels.ts";
import type { Machine } from "./machine.ts";
import { type KernelSeconds, together } from "./products.ts";
import { Residency } from "./residency.ts";
import { kernelSeconds } from "./seconds.ts";
import { traffic } from "./shapes.ts";

export interface TimedKernel {
  /** Position of its operation in the trace; -1 for what stands in none. */
  readonly index: number;
  /** As in the curves. */
  readonly kind: string;
  /** What the CPU asks for, where that is not its kind. */
  readonly asked?: string | undefined;
  /** Kernels that the device is handed one by one. */
  readonly launches: number;
  /** Until the device works on it. */
  readonly start: number;
  readonly rest: number;
  readonly bound: "compute" | "memory";
  readonly part: StepPart;
  readonly module: number;
}

/** Unknown from the first operation whose cost is. */
export function timedKernels(trace: Trace, machine: Machine): TimedKernel[] | Unknown {
  try {
    return timed(trace, machine);
  } catch (error) {
    // A weight of unknown size is read by operations whose own bytes are known.
    if (error instanceof NeedsKnownSize) return error.unknown;
    throw error;
  }
}

function timed({ events }: Trace, machine: Machine): TimedKernel[] | Unknown {
  const residency = new Residency(machine.cacheBytes);
  // A step follows another one: what that left in the cache is there where the weights are few.
  if (parameterBytes(events) < 2 * machine.cacheBytes) warm(events, residency);
  const kernels: TimedKernel[] = [];
  for (const event of events) {
    if (event.kind === "unknown") return event.reason;
    if (event.kind === "release") {
      residency.free(event.storage);
      continue;
    }
    const runs = kernelsOf(event);
    if (runs instanceof Unknown) return runs;
    for (const run of runs) kernels.push(timedKernel(event, run, runSeconds(event, run, residency, machine)));
  }
  return kernels;
}

/** What a kernel beside the main one moves is in the cache where it fits there. */
export function runSeconds(
  event: Operation,
  { kernel, bytes }: Run,
  residency: Residency,
  machine: Machine,
): KernelSeconds {
  if (bytes === undefined) {
    const { reads, writes } = traffic(event);
    return kernelSeconds(kernel, residency.pass(reads, writes), machine);
  }
  const near = bytes <= machine.cacheBytes;
  return kernelSeconds(kernel, { near: near ? bytes : 0, far: near ? 0 : bytes }, machine);
}

function timedKernel({ index, pass, module }: Operation, { kernel, asked }: Run, seconds: KernelSeconds): TimedKernel {
  return {
    index,
    kind: kernel.kind,
    asked,
    launches: launches(kernel),
    start: seconds.start,
    rest: together(seconds) - seconds.start,
    bound: seconds.compute > seconds.memory ? "compute" : "memory",
    part: pass,
    module,
  };
}

/** Bringing operands into another order and back are kernels of their own. */
function launches(kernel: Run["kernel"]): number {
  return kernel.form === "convolution" ? 1 + kernel.layouts : 1;
}

function warm(events: readonly TraceEvent[], residency: Residency): void {
  for (const event of events) {
    if (event.kind === "release") residency.free(event.storage);
    if (event.kind !== "operation" || (event.bytesRead === 0 && event.bytesWritten === 0)) continue;
    if (event.bytesRead instanceof Unknown || event.bytesWritten instanceof Unknown) continue;
    const { reads, writes } = traffic(event);
    residency.pass(reads, writes);
  }
}

function parameterBytes(events: readonly TraceEvent[]): number {
  const seen = new Set<Storage>();
  let bytes = 0;
  for (const event of events) {
    if (event.kind !== "operation") continue;
    for (const { storage } of event.inputs) {
      if (storage.role !== "parameter" || seen.has(storage)) continue;
      seen.add(storage);
      bytes += storage.bytes instanceof Unknown ? 0 : storage.bytes;
    }
  }
  return bytes;
}
