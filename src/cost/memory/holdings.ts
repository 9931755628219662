/** What a model holds before anything runs: its parameters and buffers, in the order in which they are moved to a device. */
import { type Known, Unknown } from "../../base/unknown.ts";
import { count } from "../../tensor/size.ts";
import type { Storage, Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { sum } from "../figures.ts";

export interface Holding {
  /** `decoder.layers.0.attn.weight`. */
  readonly name: string;
  readonly tensor: Tensor;
}

export interface Holdings {
  /** As `Module.to` moves them: children first, each storage once. */
  readonly parameters: readonly Holding[];
  readonly buffers: readonly Holding[];
  /** Those that are trained, as `Module.parameters()` lists them. */
  readonly trained: readonly Holding[];
}

export function holdings(tree: BuiltLayer): Holdings {
  const parameters: Holding[] = [];
  const buffers: Holding[] = [];
  const moved = new Set<Storage>();
  const move = (layer: BuiltLayer) => {
    for (const child of layer.children) move(child);
    add(layer, "parameters", parameters, moved);
    add(layer, "buffers", buffers, moved);
  };
  move(tree);
  const trained: Holding[] = [];
  const listed = new Set<Storage>();
  const list = (layer: BuiltLayer) => {
    add(layer, "parameters", trained, listed);
    for (const child of layer.children) list(child);
  };
  list(tree);
  return { parameters, buffers, trained: trained.filter(({ tensor }) => tensor.requiresGrad) };
}

function add(layer: BuiltLayer, kind: "parameters" | "buffers", into: Holding[], seen: Set<Storage>): void {
  for (const { name, tensor } of layer[kind]) {
    if (seen.has(tensor.storage) || tensor.storage.device === "meta") continue;
    seen.add(tensor.storage);
    into.push({ name: layer.path ? `${layer.path}.${name}` : name, tensor });
  }
}

/** Sum of unrounded bytes. */
export function totalBytes(of: readonly Holding[]): Known<number> {
  return of.reduce<Known<number>>((total, { tensor }) => sum(total, tensor.storage.bytes), 0);
}

/** Sizes of a tensor; undefined where one is not known. */
export function sizesOf({ shape }: Pick<Tensor, "shape">): number[] | undefined {
  const sizes: number[] = [];
  for (const size of shape) {
    if (size instanceof Unknown) return undefined;
    sizes.push(count([size]));
  }
  return sizes;
}
