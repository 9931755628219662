/** Parameters, FLOPs, memory and traffic of every layer, from the built tree and the trace of one forward pass. */
import type { Place } from "../base/place.ts";
import { type Known, Unknown } from "../base/unknown.ts";
import { denseBytes, elements, type Storage, type Tensor } from "../tensor/tensor.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import type { ModuleCall, Operation, Trace } from "../trace/trace.ts";

/** One layer's figures, its descendants included. */
export interface LayerFigures {
  params: Known<number>;
  ownParams: Known<number>;
  trainableParams: Known<number>;
  weightBytes: Known<number>;
  bufferElements: Known<number>;
  bufferBytes: Known<number>;
  /** Two per multiply-add; by torch's convention, an operation counts for each module that is being called. */
  flops: Known<number>;
  savedBytes: Known<number>;
  trafficBytes: Known<number>;
  calls: ModuleCall[];
  calledAt: Place[];
}

export interface Figures {
  readonly tree: BuiltLayer;
  /** By path. */
  readonly layers: ReadonlyMap<string, LayerFigures>;
  /** Bytes of distinct storages kept for backward, parameters and buffers left out. */
  readonly savedBytes: Known<number>;
  /** FLOPs of the whole pass, what runs outside every module included. */
  readonly flops: Known<number>;
}

/** Weighs a built model; `trace` is undefined where there was no forward pass, and then what depends on one is unknown. */
export function weigh(tree: BuiltLayer, trace: Trace | undefined, why: Unknown): Figures {
  const layers = new Map<string, LayerFigures>();
  const byModule = new Map<object, LayerFigures>();
  build(tree, layers, byModule, sharedTensors(tree), trace ? undefined : why);
  if (!trace) return { tree, layers, savedBytes: why, flops: why };
  const flops = addCosts(trace, byModule);
  for (const call of trace.calls.slice(1)) {
    const layer = byModule.get(call.module);
    if (!layer) continue;
    layer.calls.push(call);
    if (call.at) layer.calledAt.push(call.at);
  }
  return { tree, layers, savedBytes: savedTotal(trace), flops };
}

/** Bytes of the distinct storages that autograd kept, parameters and buffers left out. */
export function savedTotal({ saved }: Trace): Known<number> {
  let total: Known<number> = 0;
  for (const { bytes } of saved) total = sum(total, bytes);
  return total;
}

/** Sum of two figures; unknown where one is. */
export function sum(a: Known<number>, b: Known<number>): Known<number> {
  if (a instanceof Unknown) return a;
  return b instanceof Unknown ? b : a + b;
}

function addSaved(layer: LayerFigures, event: Operation, counted: Map<LayerFigures, Set<Storage>>): void {
  const seen = counted.get(layer) ?? new Set<Storage>();
  counted.set(layer, seen);
  for (const storage of event.saved) {
    if (seen.has(storage) || storage.role === "parameter" || storage.role === "buffer") continue;
    seen.add(storage);
    layer.savedBytes = sum(layer.savedBytes, storage.bytes);
  }
}

/** Sums over tensors, each counted once. */
interface Sums {
  elements: Known<number>;
  trainable: Known<number>;
  bytes: Known<number>;
}

/** What a layer and its descendants hold: sums of the tensors that stand in one place, and those that stand in several. */
interface Held {
  readonly parameters: Sums;
  readonly buffers: Sums;
  readonly sharedParameters: ReadonlySet<Tensor>;
  readonly sharedBuffers: ReadonlySet<Tensor>;
}

const none: ReadonlySet<Tensor> = new Set();

function build(
  layer: BuiltLayer,
  layers: Map<string, LayerFigures>,
  byModule: Map<object, LayerFigures>,
  shared: ReadonlySet<Tensor>,
  noTrace: Unknown | undefined,
): Held {
  const own = layer.parameters.map(({ tensor }) => tensor);
  const ownBuffers = layer.buffers.map(({ tensor }) => tensor);
  const parameters = sums(own.filter((one) => !shared.has(one)));
  const buffers = sums(ownBuffers.filter((one) => !shared.has(one)));
  let sharedParameters = withAll(
    none,
    own.filter((one) => shared.has(one)),
  );
  let sharedBuffers = withAll(
    none,
    ownBuffers.filter((one) => shared.has(one)),
  );
  for (const child of layer.children) {
    const inner = build(child, layers, byModule, shared, noTrace);
    addSums(parameters, inner.parameters);
    addSums(buffers, inner.buffers);
    sharedParameters = withAll(sharedParameters, inner.sharedParameters);
    sharedBuffers = withAll(sharedBuffers, inner.sharedBuffers);
  }
  const all = addSums({ ...parameters }, sums(sharedParameters));
  const allBuffers = addSums({ ...buffers }, sums(sharedBuffers));
  const start = noTrace ?? 0;
  const figures: LayerFigures = {
    params: all.elements,
    ownParams: sums(new Set(own)).elements,
    trainableParams: all.trainable,
    weightBytes: all.bytes,
    bufferElements: allBuffers.elements,
    bufferBytes: allBuffers.bytes,
    flops: start,
    savedBytes: start,
    trafficBytes: start,
    calls: [],
    calledAt: [],
  };
  layers.set(layer.path, figures);
  byModule.set(layer.module, figures);
  return { parameters, buffers, sharedParameters, sharedBuffers };
}

/** The tensors that stand in more than one place of a tree: tied weights, and what a layer is given twice. */
function sharedTensors(tree: BuiltLayer): ReadonlySet<Tensor> {
  const seen = new Set<Tensor>();
  const twice = new Set<Tensor>();
  const walk = ({ parameters, buffers, children }: BuiltLayer) => {
    for (const list of [parameters, buffers]) {
      for (const { tensor } of list) (seen.has(tensor) ? twice : seen).add(tensor);
    }
    for (const child of children) walk(child);
  };
  walk(tree);
  return twice;
}

function withAll(set: ReadonlySet<Tensor>, more: Iterable<Tensor>): ReadonlySet<Tensor> {
  const all = [...more];
  return all.length === 0 ? set : new Set([...set, ...all]);
}

function sums(tensors: Iterable<Tensor>): Sums {
  const total: Sums = { elements: 0, trainable: 0, bytes: 0 };
  for (const { shape, dtype, requiresGrad, storage } of tensors) {
    const count = elements(shape);
    const bytes = storage.kept?.bytes ?? denseBytes(shape, dtype);
    addSums(total, { elements: count, trainable: requiresGrad ? count : 0, bytes });
  }
  return total;
}

function addSums(into: Sums, more: Sums): Sums {
  into.elements = sum(into.elements, more.elements);
  into.trainable = sum(into.trainable, more.trainable);
  into.bytes = sum(into.bytes, more.bytes);
  return into;
}

/**
 * Adds what each operation costs to the layers being called there; gives the FLOPs of the whole pass. Costs are summed by
 * call first, then handed to the call around it: inner calls come later in the list.
 */
function addCosts({ events, calls }: Trace, byModule: ReadonlyMap<object, LayerFigures>): Known<number> {
  const flops: Known<number>[] = calls.map(() => 0);
  const traffic: Known<number>[] = calls.map(() => 0);
  const saved: Known<number>[] = calls.map(() => 0);
  const layers = calls.map(({ module }, id) => (id === 0 ? undefined : byModule.get(module)));
  const counted = new Map<LayerFigures, Set<Storage>>();
  for (const event of events) {
    if (event.kind === "release") continue;
    const { module } = event;
    if (event.kind === "unknown") {
      flops[module] = sum(flops[module] as Known<number>, event.reason);
      saved[module] = sum(saved[module] as Known<number>, event.reason);
      continue;
    }
    const { macs } = event;
    if (macs !== 0) flops[module] = sum(flops[module] as Known<number>, macs instanceof Unknown ? macs : 2 * macs);
    traffic[module] = sum(traffic[module] as Known<number>, sum(event.bytesRead, event.bytesWritten));
    if (event.saved.length > 0) {
      for (const layer of chain(calls, layers, module)) addSaved(layer, event, counted);
    }
  }
  for (let id = calls.length - 1; id > 0; id--) {
    const { parent } = calls[id] as ModuleCall;
    const layer = layers[id];
    if (layer && !chain(calls, layers, parent).has(layer)) {
      layer.flops = sum(layer.flops, flops[id] as Known<number>);
      layer.trafficBytes = sum(layer.trafficBytes, traffic[id] as Known<number>);
      layer.savedBytes = sum(layer.savedBytes, saved[id] as Known<number>);
    }
    flops[parent] = sum(flops[parent] as Known<number>, flops[id] as Known<number>);
    traffic[parent] = sum(traffic[parent] as Known<number>, traffic[id] as Known<number>);
    saved[parent] = sum(saved[parent] as Known<number>, saved[id] as Known<number>);
  }
  return flops[0] as Known<number>;
}

/** The distinct layers being called where a call runs. */
function chain(
  calls: readonly ModuleCall[],
  layers: readonly (LayerFigures | undefined)[],
  from: number,
): ReadonlySet<LayerFigures> {
  const found = new Set<LayerFigures>();
  for (let id = from; id > 0; id = (calls[id] as ModuleCall).parent) {
    const layer = layers[id];
    if (layer) found.add(layer);
  }
  return found;
}
