/** A model's repeated blocks, with what each keeps for its backward pass. */
import { known } from "../../base/unknown.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { tensorsOf } from "../../trace/recording.ts";
import type { ModuleCall, Trace } from "../../trace/trace.ts";
import { layersOf } from "../code/flow.ts";

export interface Block {
  readonly path: string;
  readonly layer: BuiltLayer;
  readonly call: ModuleCall;
  /** Distinct bytes that autograd keeps in it, weights left out. */
  readonly keptBytes: number;
  /** Multiply-adds of its forward pass. */
  readonly macs: number;
}

/** The lists in which blocks stand: `blocks`, `features`; the outermost where they stand in each other. */
export function blockLists(layer: BuiltLayer): BuiltLayer[] {
  const { children, path } = layer;
  const isList =
    children.length > 1 && children.every((child) => /^\d+$/.test(child.path.slice(path ? path.length + 1 : 0)));
  const repeated = isList
    ? children.filter(
        (one) => one.children.length > 0 && children.filter(({ className }) => className === one.className).length > 1,
      )
    : [];
  return repeated.length > 0 ? [layer] : children.flatMap(blockLists);
}

/** Blocks of a training pass in the order in which they ran. */
export function blocksIn(trace: Trace, tree: BuiltLayer): Block[] {
  const members = new Map<object, BuiltLayer>();
  for (const list of blockLists(tree))
    for (const one of list.children) if (one.children.length > 0) members.set(one.module, one);
  const seen = new Set<Storage>();
  return trace.calls.flatMap((call): Block[] => {
    const layer = members.get(call.module);
    if (!layer) return [];
    let keptBytes = 0;
    let macs = 0;
    for (let i = call.start; i < call.end; i++) {
      const event = trace.events[i];
      if (event?.kind !== "operation" || event.pass !== "forward") continue;
      macs += known(event.macs) ?? 0;
      for (const storage of event.saved) {
        if (seen.has(storage) || storage.role === "parameter" || storage.role === "buffer") continue;
        seen.add(storage);
        keptBytes += known(storage.bytes) ?? 0;
      }
    }
    return [{ path: layer.path, layer, call, keptBytes, macs }];
  });
}

/**
 * Whether a gradient goes around the one from each block to the next: a skip connection, or what is computed once for several
 * blocks. Blocks in the order in which they ran.
 */
export function areEntangled(trace: Trace, blocks: readonly Block[]): boolean {
  const madeAt = new Map<Storage, number>();
  let at = -1;
  for (const [i, event] of trace.events.entries()) {
    if (event.kind !== "operation" || event.pass !== "forward") continue;
    while (at + 1 < blocks.length && i >= (blocks[at + 1]?.call.start as number)) at++;
    // Behind the last block nothing is read but what it and those behind it made.
    const from = at < 1 ? 0 : (blocks[i < (blocks[at]?.call.end as number) ? at - 1 : at]?.call.start as number);
    const isAround = tensorsOf(event.call.args).some(
      (one) => one.node !== undefined && (madeAt.get(one.storage) ?? i) < from,
    );
    if (isAround) return true;
    // A weight in another type stands for the weight, which has no history.
    if (event.name !== "aten._to_copy") for (const storage of event.made) madeAt.set(storage, i);
  }
  return false;
}

/** A layer by the path that `named_modules` gives it. */
export function layerAt(path: string, tree: BuiltLayer): BuiltLayer | undefined {
  return layersOf(tree).find((one) => one.path === path);
}
