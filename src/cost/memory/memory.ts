/** Bytes of one pass or step: what is held all the time, and the walk over the trace's events. */
import type { Scenario } from "../../base/scenario.ts";
import { type Known, known, Unknown } from "../../base/unknown.ts";
import type { CacheRecord } from "../../evidence/caches.ts";
import type { Storage, Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { Device } from "../devices/device.ts";
import type { MemoryReport } from "../report.ts";
import { type Holding, holdings, totalBytes } from "./holdings.ts";
import { type CacheForm, cacheForm, storedCache } from "./kvCache.ts";
import { type Machine, machineOf } from "./machine.ts";
import { optimizerBytes } from "./optimizers.ts";
import { reported, unknownReport } from "./reporting.ts";
import { type Plan, type Term, unknownIn, type Walked, walk } from "./walk.ts";
import { usesBiasedProducts, usesProducts, workspaceBytes } from "./workspaces/workspaces.ts";

/** A pass that ran, and what it stands in. */
export interface WeighedPass {
  readonly tree: BuiltLayer;
  /** All that happened: a training step's loss and backward pass included. */
  readonly trace: Trace;
  /** How many of its events are the forward pass; absent: up to the first operation of another part. */
  readonly forwardEvents?: number | undefined;
  /** What the caller handed in, used or not; absent: what the first module call was given. */
  readonly inputs?: readonly Tensor[] | undefined;
  /** Why it did not come to its end. */
  readonly failure?: Unknown | undefined;
  /** Keys and values that layers cache. */
  readonly kvCaches: readonly (readonly Tensor[])[];
  /** What is kept from token to token; absent: nobody says more than `kvCaches`. */
  readonly caches?: CacheRecord | undefined;
  readonly scenario: Scenario;
  /** Undefined: not known. */
  readonly device: Device | undefined;
}

/** Everything that the report is made of, beside the walk. */
export interface Subject extends WeighedPass {
  readonly parameters: readonly Holding[];
  readonly buffers: readonly Holding[];
  readonly trained: readonly Holding[];
  readonly machine: Machine;
  readonly optimizer: ReturnType<typeof optimizerBytes> | undefined;
  /** Storages that count as the KV cache; none while training. */
  readonly cached: ReadonlySet<Storage>;
  /** Undefined where the cache has the model's own type. */
  readonly form: CacheForm | undefined;
  /** What storages of the cache take in that form. */
  readonly stored: ReadonlyMap<Storage, number>;
  readonly casts: ReadonlySet<Storage>;
}

/** The memory of a pass. Figures that need what is not known say why. */
export function memoryOf(pass: WeighedPass): MemoryReport {
  const subject = subjectOf(pass);
  const walked = walkedOf(subject);
  return walked instanceof Unknown ? unknownReport(subject, walked) : reported(subject, walked);
}

/** What the allocator hands out at each stage of a step, or why that is not known. */
export function stagesOf(pass: WeighedPass): Walked | Unknown {
  return walkedOf(subjectOf(pass));
}

function walkedOf(subject: Subject): Walked | Unknown {
  const { failure, parameters, buffers, trace } = subject;
  const unknown = failure ?? unknownOf(totalBytes(parameters), totalBytes(buffers)) ?? unknownIn(trace.events);
  return unknown ?? walk(planOf(subject));
}

function subjectOf(pass: WeighedPass): Subject {
  const { scenario } = pass;
  const form = cacheForm(scenario);
  const handedIn = cachesHandedIn(pass);
  const stored = storedCache(pass.trace.events, handedIn, pass.kvCaches.flat(), form);
  const trace = stored.events === pass.trace.events ? pass.trace : { ...pass.trace, events: stored.events };
  const isWrittenOut = form !== undefined && !form.direct;
  const held = holdings(pass.tree, scenario.dtype);
  const training = scenario.phase === "train";
  return {
    ...pass,
    trace,
    ...held,
    machine: machineOf(pass.device),
    optimizer: training ? optimizerBytes(scenario.optimizer, held.trained) : undefined,
    form,
    stored: stored.bytes,
    cached: new Set(
      training
        ? []
        : isWrittenOut
          ? stored.bytes.keys()
          : [...pass.kvCaches.flat(), ...handedIn].map(({ storage }) => storage),
    ),
    casts: castWeights(trace),
  };
}

/** Keys and values that a decode step is given: those that it still caches, and those that it lets go of. */
function cachesHandedIn({ scenario, inputs = [], kvCaches, trace }: WeighedPass): readonly Tensor[] {
  if (scenario.phase !== "decode") return [];
  const kept = new Set(kvCaches.flat().map(({ storage }) => storage));
  for (const event of trace.events) if (event.kind === "release") kept.add(event.storage);
  return inputs.filter(({ storage }) => storage.role === "input" && kept.has(storage));
}

function unknownOf(...figures: readonly Known<number>[]): Unknown | undefined {
  return figures.find((figure) => figure instanceof Unknown);
}

/** Copies of parameters in another type: autocast's, kept for the region and for the backward pass. */
function castWeights({ events }: Trace): ReadonlySet<Storage> {
  const found = new Set<Storage>();
  for (const event of events) {
    if (event.kind !== "operation" || event.name !== "aten._to_copy") continue;
    if (event.inputs[0]?.storage.role === "parameter") for (const storage of event.made) found.add(storage);
  }
  return found;
}

function planOf(subject: Subject): Plan {
  const { parameters, buffers, trace, machine, optimizer, scenario, cached, casts } = subject;
  const bytesOf = (storage: Storage) => subject.stored.get(storage) ?? known(storage.bytes) ?? 0;
  const sizes = new Map<Storage, { readonly term: Term; readonly bytes: number } | undefined>();
  const termOf = (storage: Storage) => {
    if (!sizes.has(storage)) sizes.set(storage, counted(storage));
    return sizes.get(storage);
  };
  const counted = (storage: Storage): { term: Term; bytes: number } | undefined => {
    if (storage.role === "parameter" || storage.role === "buffer" || storage.role === "input") return undefined;
    if (isElsewhere(storage)) return undefined;
    const term =
      storage.role === "gradient"
        ? "gradients"
        : casts.has(storage)
          ? "casts"
          : cached.has(storage)
            ? "kvCache"
            : "activations";
    return { term, bytes: bytesOf(storage) };
  };
  return {
    weights: parameters.map(({ bytes }) => known(bytes) ?? 0),
    buffers: buffers.map(({ bytes }) => known(bytes) ?? 0),
    inputs: inputStorages(subject).map((storage) => ({
      storage,
      term: cached.has(storage) ? "kvCache" : "inputs",
      bytes: bytesOf(storage),
    })),
    events: trace.events,
    forwardEvents: subject.forwardEvents ?? trace.forwardEnd?.events ?? firstBehindForward(trace),
    termOf,
    workspaceOf: (event: Operation) => workspaceBytes(event, machine),
    libraries: [
      { bytes: machine.productWorkspaceBytes, uses: usesProducts },
      { bytes: machine.biasedWorkspaceBytes, uses: usesBiasedProducts },
    ],
    optimizer,
    accumulation: scenario.phase === "train" ? (scenario.gradientAccumulation ?? 1) : 1,
    limitBytes: machine.limitBytes,
    caching: machine.caching,
  };
}

function firstBehindForward({ events }: Trace): number {
  const at = events.findIndex((event) => event.kind === "operation" && event.pass !== "forward");
  return at < 0 ? events.length : at;
}

/** Distinct storages of what the caller handed in. */
export function inputStorages({ inputs, trace }: Pick<WeighedPass, "inputs" | "trace">): Storage[] {
  const given = inputs ?? trace.calls[1]?.inputs ?? [];
  const storages = new Set(given.map(({ storage }) => storage));
  return [...storages].filter((storage) => storage.role === "input" && !isElsewhere(storage));
}

/** A tensor that the code puts on the host takes nothing of the device. */
function isElsewhere({ device }: Storage): boolean {
  return device === "meta" || device === "cpu";
}
