/** What is alive at the peak. */
import type { Place } from "../../base/place.ts";
import { known } from "../../base/unknown.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { ModuleCall, Operation } from "../../trace/trace.ts";
import type { PeakHolder } from "../report.ts";
import { rounded } from "./allocator.ts";
import type { Subject } from "./memory.ts";
import type { Term, Walked } from "./walk.ts";

/** How many are told. */
const most = 12;

/** The largest holders at the peak: tensors by the operation and layer that made them, the rest by what they are. */
export function peakHolders(subject: Subject, { peakEvent, peakPart, amounts }: Walked): PeakHolder[] {
  const fixed = (["weights", "buffers", "inputs", "optimizer", "gradients", "kvCache", "libraries"] as const).map(
    (term) => ({
      name: names[term] ?? term,
      count: 1,
      bytes: amounts[term],
      at: undefined,
    }),
  );
  const until = peakEvent ?? (peakPart === "optimizer" ? subject.trace.events.length - 1 : -1);
  return [...fixed, ...grouped(aliveAt(subject, until), subject)]
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, most);
}

const names: Partial<Record<Term, string>> = {
  optimizer: "optimizer state",
  libraries: "product workspaces",
  kvCache: "KV cache",
};

/** Storages of the pass that are alive behind an event, with what made them. */
function aliveAt({ trace: { events }, cached }: Subject, last: number): ReadonlyMap<Storage, Operation> {
  const alive = new Map<Storage, Operation>();
  for (let i = 0; i <= last; i++) {
    const event = events[i];
    if (event?.kind === "release") alive.delete(event.storage);
    if (event?.kind !== "operation") continue;
    for (const list of [event.made, event.saved])
      for (const storage of list)
        if (storage.role === "activation" && !cached.has(storage) && !alive.has(storage)) alive.set(storage, event);
  }
  return alive;
}

/** Those made by the same operation at the same place, or in layers that differ in a number alone, are one holder. */
function grouped(alive: ReadonlyMap<Storage, Operation>, { trace, tree }: Subject): PeakHolder[] {
  const paths = pathsOf(tree);
  const groups = new Map<string, { name: string; count: number; bytes: number; at: Place | undefined }>();
  for (const [storage, { name, module, at }] of alive) {
    const path = pathOf(trace.calls, module, paths).replace(/\.\d+(?=\.|$)/g, ".*");
    const key = `${name} in ${path} ${at?.path}:${at?.line}`;
    const group = groups.get(key) ?? { name: path ? `${name} in ${path}` : name, count: 0, bytes: 0, at };
    group.count++;
    group.bytes += rounded(known(storage.bytes) ?? 0);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function pathsOf(tree: BuiltLayer): ReadonlyMap<object, string> {
  const paths = new Map<object, string>();
  const walk = (layer: BuiltLayer) => {
    paths.set(layer.module, layer.path);
    layer.children.forEach(walk);
  };
  walk(tree);
  return paths;
}

/** The path of the innermost layer that a call stands in. */
function pathOf(calls: readonly ModuleCall[], from: number, paths: ReadonlyMap<object, string>): string {
  for (let id = from; id > 0; id = (calls[id] as ModuleCall).parent) {
    const path = paths.get((calls[id] as ModuleCall).module);
    if (path !== undefined) return path;
  }
  return "";
}
