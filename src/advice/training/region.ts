/** The part of a model whose activations a technique keeps otherwise: its repeated blocks, or all of its forward pass. */
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";
import { blocksIn } from "./blocks.ts";

export interface Region {
  /** The blocks, or the model itself. */
  readonly layers: readonly BuiltLayer[];
  holds(operation: Operation): boolean;
}

/** The blocks of the longest list, which are of one class; the model where nothing repeats. */
export function regionOf({ figures: { tree } }: Subject, trace: Trace): Region {
  const byClass = new Map<string, BuiltLayer[]>();
  for (const { layer } of blocksIn(trace, tree))
    byClass.set(layer.className, [...(byClass.get(layer.className) ?? []), layer]);
  const [blocks = []] = [...byClass.values()].sort((a, b) => b.length - a.length);
  const layers = [...new Set(blocks.length > 1 ? blocks : [tree])];
  const modules = new Set<object>(layers.map(({ module }) => module));
  const inside: boolean[] = [];
  const isInside = (id: number): boolean => {
    if (id === 0) return false;
    const call = trace.calls[id];
    inside[id] ??= call !== undefined && (modules.has(call.module) || isInside(call.parent));
    return inside[id];
  };
  return { layers, holds: ({ module, pass }) => pass === "forward" && isInside(module) };
}
