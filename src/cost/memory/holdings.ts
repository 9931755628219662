/** What a model holds before anything runs: its parameters and buffers, in the order in which they are moved to a device. */
import type { ScenarioDtype } from "../../base/scenario.ts";
import { type Known, known, Unknown } from "../../base/unknown.ts";
import { count } from "../../tensor/size.ts";
import type { Storage, Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { sum } from "../figures.ts";

export interface Holding {
  /** `decoder.layers.0.attn.weight`. */
  readonly name: string;
  readonly tensor: Tensor;
  /** What its storage takes, unrounded: fewer than its type's where weights are kept in fewer bits. */
  readonly bytes: Known<number>;
}

export interface Holdings {
  /** As `Module.to` moves them: children first, each storage once. */
  readonly parameters: readonly Holding[];
  readonly buffers: readonly Holding[];
  /** Those that are trained, as `Module.parameters()` lists them. */
  readonly trained: readonly Holding[];
}

/** `dtype`: of which fewer bits than PyTorch computes in are the bits of the weights of linear layers. */
export function holdings(tree: BuiltLayer, dtype?: ScenarioDtype): Holdings {
  const keep = keptAs(tree, dtype);
  const parameters: Holding[] = [];
  const buffers: Holding[] = [];
  const moved = new Set<Storage>();
  const move = (layer: BuiltLayer) => {
    for (const child of layer.children) move(child);
    add(layer, "parameters", parameters, moved, keep);
    add(layer, "buffers", buffers, moved, keep);
  };
  move(tree);
  const trained: Holding[] = [];
  const listed = new Set<Storage>();
  const list = (layer: BuiltLayer) => {
    add(layer, "parameters", trained, listed, keep);
    for (const child of layer.children) list(child);
  };
  list(tree);
  return { parameters, buffers, trained: trained.filter(({ tensor }) => tensor.requiresGrad) };
}

/** Marks weights that a type keeps in fewer bits, so that operations read of them what is stored. */
export function keepInFewBits(tree: BuiltLayer, dtype: ScenarioDtype): void {
  for (const { tensor, bytes } of holdings(tree, dtype).parameters) {
    const dense = known(tensor.storage.bytes);
    const kept = known(bytes);
    if (!dense || kept === undefined || kept === dense || tensor.storage.kept) continue;
    tensor.storage.keptShare = kept / dense;
    tensor.storage.kept = { bytes: kept, what: "", parts: new Map() };
  }
}

function add(
  layer: BuiltLayer,
  kind: "parameters" | "buffers",
  into: Holding[],
  seen: Set<Storage>,
  keep: (tensor: Tensor) => Known<number>,
): void {
  for (const { name, tensor } of layer[kind]) {
    if (seen.has(tensor.storage) || tensor.storage.device === "meta") continue;
    seen.add(tensor.storage);
    into.push({ name: layer.path ? `${layer.path}.${name}` : name, tensor, bytes: keep(tensor) });
  }
}

/** Bytes of `rows` of `columns` elements each, as the usual libraries keep them (bitsandbytes, fp8 checkpoints). */
const packed: Readonly<Partial<Record<ScenarioDtype, (rows: number, columns: number) => number>>> = {
  // One scale a tensor.
  fp8: (rows, columns) => rows * columns + 4,
  // LLM.int8(): one float32 scale an output row.
  int8: (rows, columns) => rows * columns + 4 * rows,
  // NF4: two elements a byte, one float32 scale for each 64.
  int4: (rows, columns) => Math.ceil((rows * columns) / 2) + 4 * Math.ceil((rows * columns) / 64),
};

/**
 * What a tensor's storage takes in a type. Weights of linear layers take its bits; as in bitsandbytes all else keeps its type,
 * and so do the output layer (the last linear layer, outside the blocks) and weights that stand in more than one place.
 */
function keptAs(tree: BuiltLayer, dtype: ScenarioDtype | undefined): (tensor: Tensor) => Known<number> {
  const bytes = dtype && packed[dtype];
  if (!bytes) return ({ storage }) => storage.kept?.bytes ?? storage.bytes;
  const linear = new Map<Storage, number>();
  const places = new Map<Storage, number>();
  const walk = (layer: BuiltLayer) => {
    for (const { name, tensor } of layer.parameters) {
      places.set(tensor.storage, (places.get(tensor.storage) ?? 0) + 1);
      const sizes = sizesOf(tensor);
      if (!/(Linear|Conv1D)$/.test(layer.className) || name !== "weight" || sizes?.length !== 2) continue;
      const [first = 0, second = 0] = sizes;
      const isOutput = !layer.path.includes(".") && layer.path !== "";
      // A Conv1D of GPT-2 holds its outputs as columns.
      const [rows, columns] = layer.className.endsWith("Conv1D") ? [second, first] : [first, second];
      if (!isOutput) linear.set(tensor.storage, bytes(rows, columns));
    }
    for (const child of layer.children) walk(child);
  };
  walk(tree);
  return ({ storage }) =>
    storage.kept?.bytes ?? (places.get(storage) === 1 ? linear.get(storage) : undefined) ?? storage.bytes;
}

/** Sum of unrounded bytes. */
export function totalBytes(of: readonly Holding[]): Known<number> {
  return of.reduce<Known<number>>((total, { bytes }) => sum(total, bytes), 0);
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
