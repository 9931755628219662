/** A model as parallelism sees it: its repeated blocks, its experts, and each parameter with where it belongs. */
import { type Known, Unknown } from "../../base/unknown.ts";
import { denseBytes, elements, type Storage } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";

/** One distinct parameter. */
export interface Weight {
  /** `model.layers.3.mlp.up_proj.weight`, where it stands first. */
  readonly name: string;
  readonly storage: Storage;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly bytes: number;
  readonly trainable: boolean;
  /** The block that it stands in; undefined before and behind the blocks. */
  readonly block: number | undefined;
  /** How many experts lie in it or beside it, where it is one's; 0 otherwise. */
  readonly experts: number;
}

export interface Layout {
  readonly weights: readonly Weight[];
  /** Paths of the repeated blocks, in order: what pipelines cut between and full sharding gathers at once. */
  readonly blocks: readonly string[];
  /** The block of a module, by identity. */
  readonly blockOf: ReadonlyMap<object, number>;
  /** The most experts of a layer; 0 where there are none. */
  readonly experts: number;
  /** Blocks that hold experts. */
  readonly expertBlocks: readonly number[];
  /** Bytes of a weight's element, the mean. */
  readonly itemBytes: number;
}

/** The layout of a built model; unknown where a parameter's size is. */
export function layoutOf(tree: BuiltLayer): Known<Layout> {
  const blocks = blocksOf(tree);
  const blockOf = new Map<object, number>();
  const mark = (layer: BuiltLayer, block: number) => {
    blockOf.set(layer.module, block);
    for (const child of layer.children) mark(child, block);
  };
  blocks.forEach(mark);
  const weights = new Map<Storage, Weight>();
  let unknown: Unknown | undefined;
  const walk = (layer: BuiltLayer, experts: number) => {
    for (const { name, tensor } of layer.parameters) {
      if (weights.has(tensor.storage)) continue;
      const bytes = tensor.storage.kept?.bytes ?? denseBytes(tensor.shape, tensor.dtype);
      const count = elements(tensor.shape);
      if (bytes instanceof Unknown || count instanceof Unknown) {
        unknown ??= bytes instanceof Unknown ? bytes : (count as Unknown);
        continue;
      }
      const shape = tensor.shape.map((size) => elements([size]) as number);
      const own = experts > 0 ? Math.max(experts, shape.length > 2 ? (shape[0] as number) : 0) : 0;
      weights.set(tensor.storage, {
        name: layer.path ? `${layer.path}.${name}` : name,
        storage: tensor.storage,
        shape,
        elements: count,
        bytes,
        trainable: tensor.requiresGrad,
        block: blockOf.get(layer.module),
        experts: own,
      });
    }
    for (const child of layer.children) {
      walk(child, isExperts(child) ? Math.max(1, numbered(child).length) : experts);
    }
  };
  walk(tree, 0);
  if (unknown) return unknown;
  const all = [...weights.values()];
  return {
    weights: all,
    blocks: blocks.map(({ path }) => path),
    blockOf,
    experts: Math.max(0, ...all.map(({ experts }) => experts)),
    expertBlocks: [
      ...new Set(all.flatMap(({ experts, block }) => (experts > 0 && block !== undefined ? [block] : []))),
    ],
    itemBytes: total(all, "bytes") / Math.max(1, total(all, "elements")),
  };
}

function total(weights: readonly Weight[], of: "bytes" | "elements"): number {
  return weights.reduce((sum, weight) => sum + weight[of], 0);
}

/** A layer called `experts` holds a mixture's experts, as a list of modules or as parameters with an axis of experts. */
function isExperts({ path }: BuiltLayer): boolean {
  return /(^|[._])experts$/.test(path) && !/shared_experts$/.test(path);
}

/**
 * The outermost lists of like composite layers; where most of a list's weights lie in lists further in, as in a stage of
 * a hierarchical model, those.
 */
function blocksOf(layer: BuiltLayer): BuiltLayer[] {
  const inner = layer.children.filter((child) => !isExperts(child)).flatMap(blocksOf);
  const composite = numbered(layer).filter((child) => child.children.length > 0);
  const isList = composite.length >= 2 && composite.length === layer.children.length;
  return isList && weightOf(inner) * 2 < weightOf(composite) ? composite : inner;
}

function numbered({ path, children }: BuiltLayer): BuiltLayer[] {
  const start = path ? path.length + 1 : 0;
  return children.filter((child) => /^\d+$/.test(child.path.slice(start)));
}

function weightOf(layers: readonly BuiltLayer[]): number {
  let total = 0;
  for (const { parameters, children } of layers) {
    for (const { tensor } of parameters) {
      const count = elements(tensor.shape);
      if (!(count instanceof Unknown)) total += count;
    }
    total += weightOf(children);
  }
  return total;
}
