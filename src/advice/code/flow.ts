/** Who reads what in a trace, in which layer, and the call in the file's code that built it. */
import { known } from "../../base/unknown.ts";
import type { Figures } from "../../cost/figures.ts";
import type { Storage } from "../../tensor/tensor.ts";
import { builtAt } from "../../torch/builtAt.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { CallNode, Code } from "./tree.ts";

export interface Flow {
  /** Operations of the forward pass, in order. */
  readonly operations: readonly Operation[];
  /** Operations that read a storage, in order. */
  readers(storage: Storage): readonly Operation[];
  /** The innermost layer in which an operation ran. */
  layer(operation: Operation): BuiltLayer | undefined;
  /** Bytes that all operations read and write, as far as known. */
  readonly trafficBytes: number;
}

const flows = new WeakMap<Trace, Flow>();

export function flowOf(trace: Trace, figures: Figures): Flow {
  const before = flows.get(trace);
  if (before) return before;
  const operations = trace.events.filter(
    (event): event is Operation => event.kind === "operation" && (event.pass === "forward" || event.pass === "loss"),
  );
  const readers = new Map<Storage, Operation[]>();
  let trafficBytes = 0;
  for (const operation of operations) {
    trafficBytes += trafficOf(operation);
    for (const storage of new Set(operation.inputs.map((input) => input.storage))) {
      const list = readers.get(storage);
      if (list) list.push(operation);
      else readers.set(storage, [operation]);
    }
  }
  const layers = new Map<object, BuiltLayer>();
  const visit = (layer: BuiltLayer) => {
    layers.set(layer.module, layer);
    layer.children.forEach(visit);
  };
  visit(figures.tree);
  const flow: Flow = {
    operations,
    readers: (storage) => readers.get(storage) ?? [],
    layer: ({ module }) => layers.get(trace.calls[module]?.module as object),
    trafficBytes,
  };
  flows.set(trace, flow);
  return flow;
}

/** Bytes that an operation reads and writes, as far as known. */
export function trafficOf({ bytesRead, bytesWritten }: Operation): number {
  return (known(bytesRead) ?? 0) + (known(bytesWritten) ?? 0);
}

/** The call in this file that built a layer; nothing where other code did. */
export function constructionOf(layer: BuiltLayer, code: Code): CallNode | undefined {
  return code.callAt(builtAt(layer.module));
}

/** Every layer of a tree, the model first. */
export function layersOf(layer: BuiltLayer): BuiltLayer[] {
  return [layer, ...layer.children.flatMap(layersOf)];
}

/** An operation that only looks at memory in another way. */
export function isView({ made, inputs, outputs, bytesWritten }: Operation): boolean {
  return (
    made.length === 0 &&
    bytesWritten === 0 &&
    outputs.every(({ storage }) => inputs.some((one) => one.storage === storage))
  );
}
