/** The walk's figures as a report. */
import { showBytes } from "../../base/units.ts";
import { type Known, known, Unknown } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { count } from "../../tensor/size.ts";
import type { Storage, Tensor } from "../../tensor/tensor.ts";
import type { Operation, StepPart } from "../../trace/trace.ts";
import { sum } from "../figures.ts";
import type { MemoryReport, MemoryTerm, PeakMoment } from "../report.ts";
import { rounded } from "./allocator.ts";
import { chosenLayout, kvReport } from "./caches/kvReport.ts";
import { totalBytes } from "./holdings.ts";
import { peakInterval } from "./interval.ts";
import { storedBytes } from "./kvCache.ts";
import { inputStorages, type Subject } from "./memory.ts";
import { peakHolders } from "./peak.ts";
import type { Amounts, Term, Walked } from "./walk.ts";
import { workspaceBytes } from "./workspaces/workspaces.ts";

/** The report where the walk's figures are not known, for that reason; what is held all the time is told. */
export function unknownReport(subject: Subject, reason: Unknown): MemoryReport {
  return {
    ...standing(subject),
    ...unwalked(reason),
  };
}

/** What only a walk over the trace says. */
function unwalked(reason: Unknown) {
  return {
    activationBytes: reason,
    castBytes: reason,
    workspaceBytes: reason,
    peakBytes: reason,
    peakInterval: undefined,
    reservedBytes: reason,
    deviceBytes: reason,
    peakMoment: undefined,
    peakOperation: undefined,
    peakAt: undefined,
    peakHolders: [],
    terms: [],
    moments: [],
    timeline: [],
  } satisfies Partial<MemoryReport>;
}

/** The report of a model of which nothing is known. */
export function noMemory(reason: Unknown): MemoryReport {
  return {
    weightBytes: reason,
    bufferBytes: reason,
    inputBytes: reason,
    gradientBytes: reason,
    optimizerBytes: reason,
    kvCacheBytes: undefined,
    kvBytesPerToken: undefined,
    ...unwalked(reason),
    remarks: [],
  };
}

export function reported(subject: Subject, walked: Walked): MemoryReport {
  const { machine, trace, casts } = subject;
  const { amounts, peakEvent } = walked;
  const event = peakEvent === undefined ? undefined : (trace.events[peakEvent] as Operation);
  const operations = trace.events.filter((one) => one.kind === "operation");
  const most = operations.reduce((largest, one) => Math.max(largest, workspaceBytes(one, machine)), 0);
  const held = standing(subject);
  return {
    ...held,
    activationBytes: walked.activationBytes,
    castBytes: [...casts].reduce((total, { bytes }) => total + rounded(known(bytes) ?? 0), 0),
    workspaceBytes: amounts.libraries + most,
    peakBytes: walked.peakBytes,
    peakInterval: peakInterval(walked.peakBytes, subject.scenario, subject.device),
    reservedBytes: walked.reservedBytes,
    deviceBytes: walked.reservedBytes + (machine.contextBytes ?? 0),
    peakMoment: momentOf(subject, walked, event),
    peakOperation: event?.name,
    peakAt: event?.at,
    peakHolders: peakHolders(subject, walked),
    terms: termsOf(subject, walked.amounts, walked.peakPart),
    moments: walked.parts.map(({ part, bytes, amounts }) => ({ part, bytes, terms: termsOf(subject, amounts, part) })),
    timeline: thinned(walked.samples),
    remarks: [...outputRemark(subject, walked.peakBytes), ...held.remarks],
  };
}

/** What is held whatever runs. */
function standing(
  subject: Subject,
): Pick<
  MemoryReport,
  | "weightBytes"
  | "bufferBytes"
  | "inputBytes"
  | "gradientBytes"
  | "optimizerBytes"
  | "kvCacheBytes"
  | "kvBytesPerToken"
  | "kv"
  | "remarks"
> {
  const { parameters, buffers, trained, optimizer, kvCaches, machine, device, cached, form } = subject;
  const kept = keptOver(subject);
  const beyond = kept.kv instanceof Unknown ? undefined : kept.kv?.beyond;
  return {
    weightBytes: totalBytes(parameters),
    bufferBytes: totalBytes(buffers),
    inputBytes: inputStorages(subject)
      .filter((storage) => !cached.has(storage))
      .reduce<Known<number>>((total, { bytes }) => sum(total, bytes), 0),
    gradientBytes: optimizer ? totalBytes(trained) : 0,
    optimizerBytes: optimizer ? optimizer.state.reduce((total, bytes) => total + bytes, 0) : 0,
    ...kept,
    remarks: [
      ...(beyond === undefined ? [] : [beyond]),
      ...(device ? [] : ["no device is named: workspaces are those of a GPU of compute capability 8.0"]),
      ...(form && kvCaches.length > 0 ? [`the KV cache is ${form.source}`] : []),
      ...(machine.caching && machine.contextBytes === undefined
        ? ["what a process takes of this device before its first tensor is not known, and not counted"]
        : []),
    ],
  };
}

/** What is kept from token to token: as the record of it says, else the keys and values that the pass ends with. */
function keptOver(subject: Subject): Pick<MemoryReport, "kvCacheBytes" | "kvBytesPerToken" | "kv"> {
  const { kvCaches, form, caches, scenario } = subject;
  if (caches) {
    const kv = kvReport(caches, scenario);
    const { bytes, bytesPerToken } = kv instanceof Unknown ? { bytes: kv, bytesPerToken: kv } : chosenLayout(kv);
    return { kvCacheBytes: bytes, kvBytesPerToken: bytesPerToken, kv };
  }
  return {
    kvCacheBytes:
      kvCaches.length === 0
        ? undefined
        : distinct(kvCaches.flat()).reduce<Known<number>>((total, one) => sum(total, storedBytes(one, form)), 0),
    kvBytesPerToken: kvBytesPerToken(subject),
  };
}

/** A script that keeps the model's output while it runs backward holds that much more: told where it is a hundredth of the peak. */
function outputRemark({ scenario, trace }: Subject, peakBytes: number): string[] {
  if (scenario.phase !== "train") return [];
  const made = new Set<Storage>();
  let held = 0;
  let isForward = true;
  for (const event of trace.events) {
    if (event.kind === "operation") {
      if (event.pass === "backward") break;
      isForward = event.pass === "forward";
      if (isForward) for (const storage of event.made) made.add(storage);
    } else if (event.kind === "release" && !isForward && made.has(event.storage)) {
      held += rounded(known(event.storage.bytes) ?? 0);
    }
  }
  if (held < 0.01 * peakBytes) return [];
  return [
    `the model's output dies before the backward pass: a script that keeps it holds ${showBytes(held, "GB")} more`,
  ];
}

/** Bytes that the layers cache, per token of one sequence; undefined where none says so. */
function kvBytesPerToken({ kvCaches, form }: Subject): Known<number> | undefined {
  if (kvCaches.length === 0) return undefined;
  let total = 0;
  for (const { shape, storage, dtype } of kvCaches.flat()) {
    const [batch, , length] = shape;
    if (typeof storage.bytes !== "number") return storage.bytes;
    if (batch === undefined || length === undefined) continue;
    total += (count(shape) * (form?.itemBytes ?? itemBytes(dtype))) / (count([batch]) * count([length]));
  }
  return total;
}

/** One tensor for each storage. */
function distinct(tensors: readonly Tensor[]): readonly Tensor[] {
  return [...new Map(tensors.map((one) => [one.storage, one])).values()];
}

const lossOperations = new Set(
  [
    "_log_softmax",
    "log_softmax",
    "_log_softmax_backward_data",
    "nll_loss_forward",
    "nll_loss2d_forward",
    "nll_loss_backward",
    "nll_loss2d_backward",
    "cross_entropy_loss",
  ].map((name) => `aten.${name}`),
);

/** Which moment the peak is. Logits and loss: at a loss, or where what is made is as large as what a loss takes. */
function momentOf(
  { scenario, trace }: Subject,
  { peakPart }: Walked,
  event: Operation | undefined,
): PeakMoment | undefined {
  if (peakPart === "optimizer") return "optimizer step";
  if (!event) return undefined;
  if (scenario.phase === "decode") return "decode step";
  if (scenario.phase === "prefill") return "longest prefill";
  const sizes = new Set<number>();
  for (const one of trace.events)
    if (one.kind === "operation" && lossOperations.has(one.name) && one.inputs[0]) sizes.add(sizeOf(one.inputs[0]));
  sizes.delete(0);
  if (event.pass === "loss" || lossOperations.has(event.name) || event.outputs.some((out) => sizes.has(sizeOf(out))))
    return "logits and loss";
  return event.pass === "backward" || event.pass === "recompute" ? event.pass : "forward";
}

function sizeOf({ shape }: Operation["outputs"][number]): number {
  return shape.length < 2 ? 0 : shape.every((size) => typeof size === "number" || "hint" in size) ? count(shape) : 0;
}

const names: Readonly<Record<Term, string>> = {
  weights: "weights",
  buffers: "buffers",
  inputs: "inputs",
  libraries: "product workspaces",
  optimizer: "optimizer state",
  gradients: "gradients",
  casts: "weights cast by autocast",
  kvCache: "KV cache",
  activations: "activations and temporaries",
  workspaces: "workspace of the operation",
  rest: "rests of blocks not split off",
};

function termsOf({ machine, optimizer, form }: Subject, amounts: Amounts, part: StepPart): readonly MemoryTerm[] {
  const block = "each storage rounded up to 512 bytes (CUDACachingAllocator, kMinBlockSize)";
  const sources: Readonly<Record<Term, string>> = {
    weights: `the model's parameters, ${block}`,
    buffers: `the model's buffers, ${block}`,
    inputs: "what forward is given",
    libraries: `${machine.productWorkspaceSource}, one for the program's thread and one for autograd's`,
    optimizer: optimizer?.source ?? "",
    gradients: "the trace of the backward pass, in each weight's type",
    casts: "autocast's copies, which its region and the graph hold",
    kvCache: form === undefined ? "keys and values in the trace" : form.source,
    activations: "the trace: what operations make, until it is released",
    workspaces: part === "optimizer" ? (optimizer?.source ?? "") : "the operation's own scratch memory",
    rest: "a free block is not split where no more than 1 MiB would be left (CUDACachingAllocator, kSmallSize)",
  };
  return (Object.keys(names) as Term[])
    .filter((term) => amounts[term] > 0)
    .map((term) => ({ name: names[term], bytes: amounts[term], source: sources[term] }));
}

/** At most this many points are handed on: of each stretch, the one with most bytes. */
const mostPoints = 400;

function thinned(samples: Walked["samples"]): Walked["samples"] {
  if (samples.length <= mostPoints) return samples;
  const points: Walked["samples"][number][] = [];
  for (let i = 0; i < mostPoints; i++) {
    const part = samples.slice(
      Math.floor((i * samples.length) / mostPoints),
      Math.floor(((i + 1) * samples.length) / mostPoints),
    );
    points.push(part.reduce((most, one) => (one.bytes > most.bytes ? one : most)));
  }
  return points;
}
