/** Parameters, FLOPs, memory and traffic of every layer, from the built tree and the trace of one forward pass. */
import type { Place } from "../base/place.ts";
import { type Known, Unknown } from "../base/unknown.ts";
import { denseBytes, elements, type Storage } from "../tensor/tensor.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import type { ModuleCall, Operation, TensorNote, Trace } from "../trace/trace.ts";

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
  build(tree, layers, byModule, trace ? undefined : why);
  if (!trace) return { tree, layers, savedBytes: why, flops: why };
  const chains = callChains(trace, byModule);
  let flops: Known<number> = 0;
  const counted = new Map<LayerFigures, Set<Storage>>();
  for (const event of trace.events) {
    if (event.kind === "release") continue;
    const chain = chains[event.module] ?? [];
    if (event.kind === "unknown") {
      flops = sum(flops, event.reason);
      for (const layer of chain) {
        layer.flops = sum(layer.flops, event.reason);
        layer.savedBytes = sum(layer.savedBytes, event.reason);
      }
      continue;
    }
    const cost: Known<number> = event.macs instanceof Unknown ? event.macs : 2 * event.macs;
    if (cost !== 0) flops = sum(flops, cost);
    const traffic = sum(event.bytesRead, event.bytesWritten);
    for (const layer of chain) {
      if (cost !== 0) layer.flops = sum(layer.flops, cost);
      if (traffic !== 0) layer.trafficBytes = sum(layer.trafficBytes, traffic);
      if (event.saved.length > 0) addSaved(layer, event, counted);
    }
  }
  for (const call of trace.calls.slice(1)) {
    const layer = byModule.get(call.module);
    if (!layer) continue;
    layer.calls.push(call);
    if (call.at) layer.calledAt.push(call.at);
  }
  return { tree, layers, savedBytes: [...trace.saved].reduce<Known<number>>((total, { bytes }) => sum(total, bytes), 0), flops };
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

function build(layer: BuiltLayer, layers: Map<string, LayerFigures>, byModule: Map<object, LayerFigures>, noTrace: Unknown | undefined): { parameters: Set<TensorNote>; buffers: Set<TensorNote> } {
  const parameters = new Set<TensorNote>(layer.parameters.map(({ tensor }) => tensor));
  const buffers = new Set<TensorNote>(layer.buffers.map(({ tensor }) => tensor));
  const own = total(parameters, ({ shape }) => elements(shape));
  for (const child of layer.children) {
    const inner = build(child, layers, byModule, noTrace);
    for (const one of inner.parameters) parameters.add(one);
    for (const one of inner.buffers) buffers.add(one);
  }
  const start = noTrace ?? 0;
  const figures: LayerFigures = {
    params: total(parameters, ({ shape }) => elements(shape)),
    ownParams: own,
    trainableParams: total(new Set([...parameters].filter((one) => (one as { requiresGrad?: boolean }).requiresGrad)), ({ shape }) => elements(shape)),
    weightBytes: total(parameters, ({ shape, dtype }) => denseBytes(shape, dtype)),
    bufferElements: total(buffers, ({ shape }) => elements(shape)),
    bufferBytes: total(buffers, ({ shape, dtype }) => denseBytes(shape, dtype)),
    flops: start,
    savedBytes: start,
    trafficBytes: start,
    calls: [],
    calledAt: [],
  };
  layers.set(layer.path, figures);
  byModule.set(layer.module, figures);
  return { parameters, buffers };
}

function total(notes: ReadonlySet<TensorNote>, of: (note: TensorNote) => Known<number>): Known<number> {
  let all: Known<number> = 0;
  for (const one of notes) all = sum(all, of(one));
  return all;
}

/** For each module call the distinct layers being called there. */
function callChains(trace: Trace, byModule: ReadonlyMap<object, LayerFigures>): LayerFigures[][] {
  const chains: LayerFigures[][] = [[]];
  for (const call of trace.calls.slice(1)) {
    const outer = chains[call.parent] ?? [];
    const layer = byModule.get(call.module);
    chains[call.id] = !layer || outer.includes(layer) ? outer : [...outer, layer];
  }
  return chains;
}
