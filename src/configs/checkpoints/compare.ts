/**
 * A checkpoint beside the model that its config describes: what it stores of the model's parameters, what it lacks, and what
 * it holds besides. Tied weights are stored once or twice, buffers or not; experts lie in one tensor or each in its own.
 */

import { known } from "../../base/unknown.ts";
import type { Storage, Tensor } from "../../tensor/tensor.ts";
import { elements as elementsIn } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Quantized } from "../quantized.ts";
import { type CheckpointTensor, elementsOf } from "./checkpoint.ts";
import { foldedName, isOldBuffer, spellings } from "./names.ts";

export interface Comparison {
  /** Parameters that the checkpoint stores, tied ones and buffers not counted again, packed ones unpacked. */
  readonly params: number;
  /** Of those, what lies in layers behind the model's last one: heads that predict further tokens. */
  readonly beyond: number;
  readonly missing: readonly Difference[];
  readonly surplus: readonly Difference[];
  readonly differing: readonly Differing[];
}

/** Tensors of one kind, numbers of layers left out. */
export interface Difference {
  /** `model.layers.*.mlp.up_proj.weight`. */
  readonly name: string;
  readonly count: number;
  readonly elements: number;
}

export interface Differing extends Difference {
  /** Of the first: as the checkpoint has it, and as the model has. */
  readonly stored: readonly number[];
  readonly built: readonly number[];
}

interface Expected {
  readonly name: string;
  readonly storage: Storage | undefined;
  /** Undefined for a tensor that only helps to store a weight. */
  readonly elements: number;
  readonly shape: readonly number[];
  /** A weight in fewer bits has tensors of its own, of which this one stands for its elements. */
  readonly isPacked: boolean;
}

export function compared(
  stored: readonly CheckpointTensor[],
  tree: BuiltLayer,
  quantized: Quantized | undefined,
): Comparison {
  const model = expectedOf(tree, quantized);
  const names = new Map(model.tensors.map((one) => [one.name, one]));
  const experts = new Map<string, number>();
  const found = new Set<Storage>();
  const taken = new Set<string>();
  const surplus: CheckpointTensor[] = [];
  const differing: { tensor: CheckpointTensor; expected: Expected }[] = [];
  let params = 0;
  for (const tensor of stored) {
    const isKnown = (one: string) => names.has(one) || model.buffers.has(one);
    const ofExpert = expertName.exec(tensor.name);
    const candidates = ofExpert && model.experts.size > 0 ? [tensor.name] : spellings(tensor.name, model.prefix);
    const name = isKnown(tensor.name) ? tensor.name : candidates.find(isKnown);
    const expected = name === undefined ? undefined : names.get(name);
    if (expected) {
      taken.add(expected.name);
      if (!sameShape(tensor.shape, expected.shape)) differing.push({ tensor, expected });
      const isAgain = expected.storage !== undefined && found.has(expected.storage);
      if (expected.storage) found.add(expected.storage);
      if (!isAgain) params += expected.isPacked ? expected.elements : tensor.elements;
      continue;
    }
    if (name !== undefined || isOldBuffer(tensor.name)) continue;
    const group = expertGroup(tensor.name, ofExpert, model);
    if (group) {
      const elements = tensor.elements * group.elementsEach;
      experts.set(group.path, (experts.get(group.path) ?? 0) + elements);
      params += elements;
      continue;
    }
    surplus.push(tensor);
    params += tensor.elements;
  }
  const missing = model.tensors.filter(
    ({ name, storage, elements }) =>
      !taken.has(name) && elements > 0 && !(storage && found.has(storage)) && !isInExperts(name, experts),
  );
  const behind = surplus.filter(({ name }) => isBehind(name, model));
  return {
    params,
    beyond: behind.reduce((sum, one) => sum + one.elements, 0),
    missing: [...folded(missing), ...fewerExperts(model, experts)],
    surplus: folded(surplus),
    differing: foldedDiffering(differing),
  };
}

/** Experts of which the checkpoint holds fewer elements than the model; none of a layer that it holds nothing of. */
function fewerExperts({ tensors }: Model, experts: ReadonlyMap<string, number>): Difference[] {
  const fewer = [...experts].map(([path, elements]) => {
    const own = tensors.filter((one) => one.name.startsWith(`${path}.`));
    return { name: path, elements: own.reduce((sum, one) => sum + one.elements, 0) - elements };
  });
  return folded(fewer.filter(({ elements }) => elements > 0));
}

/** Whether a tensor belongs to a numbered layer that the model does not have, behind those that it has. */
function isBehind(name: string, { blocks, prefix }: Model): boolean {
  const [, list, number] = numbered.exec(name) ?? [];
  if (list === undefined || number === undefined) return false;
  const has = (block: string) => spellings(block, prefix).some((one) => blocks.has(one));
  return !has(`${list}.${number}`) && has(`${list}.0`);
}

/** The list of layers that a tensor belongs to, and its number there. */
const numbered = /^(.*?\blayers)\.(\d+)\./;

interface Model {
  readonly tensors: readonly Expected[];
  readonly buffers: ReadonlySet<string>;
  /** The name of the part that holds the model without its head: `model`, `transformer`, `bert`. */
  readonly prefix: string;
  /** Numbered layers: `model.layers.3`. */
  readonly blocks: ReadonlySet<string>;
  /** Layers whose experts lie in one tensor each, with the elements that one packed number stands for. */
  readonly experts: ReadonlyMap<string, number>;
  /** Those layers by the names that the checkpoint has for them. */
  readonly expertPaths: Map<string, string | undefined>;
}

/** What a checkpoint of the model would hold. */
function expectedOf(tree: BuiltLayer, quantized: Quantized | undefined): Model {
  const tensors: Expected[] = [];
  const buffers = new Set<string>();
  const experts = new Map<string, number>();
  const converted = new Map((quantized?.converted ?? []).map((one) => [`${one.layer}.${one.name}`, one]));
  const walk = (layer: BuiltLayer) => {
    const path = (name: string) => (layer.path ? `${layer.path}.${name}` : name);
    for (const { name } of layer.buffers) buffers.add(path(name));
    for (const { name, tensor } of layer.parameters) {
      const elements = known(elementsIn(tensor.shape)) ?? 0;
      const one = converted.get(path(name));
      if (/experts?$/i.test(layer.className) && tensor.shape.length === 3) {
        const packed = one?.stored.tensors.find(({ role }) => role === "weights");
        const each = one && packed ? (one.weight.outputs * one.weight.inputs) / elementsOf(packed.shape) : 1;
        experts.set(layer.path, each);
      }
      const { storage } = tensor;
      if (!one || one.weight.matrices > 1) {
        tensors.push({ name: path(name), storage, elements, shape: shapeOf(tensor), isPacked: false });
        continue;
      }
      for (const { name: own, role, shape } of one.stored.tensors) {
        const isWeight = role === "weights";
        tensors.push({
          name: path(own),
          storage: isWeight ? storage : undefined,
          elements: isWeight ? elements : 0,
          shape,
          isPacked: true,
        });
      }
    }
    for (const child of layer.children) walk(child);
  };
  walk(tree);
  const size = ({ path }: BuiltLayer) => tensors.filter(({ name }) => name.startsWith(`${path}.`)).length;
  const prefix = tree.children.toSorted((a, b) => size(b) - size(a))[0]?.path ?? "";
  const blocks = new Set<string>();
  for (const { name } of tensors) {
    const [, list, number] = numbered.exec(name) ?? [];
    if (list !== undefined) blocks.add(`${list}.${number}`);
  }
  return { tensors, buffers, prefix, blocks, experts, expertPaths: new Map() };
}

function shapeOf({ shape }: Tensor): readonly number[] {
  return shape.map((size) => known(elementsIn([size])) ?? -1);
}

/** A scalar is stored with or without an axis, and so are rows of scales. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const sizes = (shape: readonly number[]) => shape.filter((size) => size !== 1).join(",");
  return sizes(a) === sizes(b);
}

/** A tensor of one expert: the layer, and what the expert calls it. */
const expertName = /^(.*\bexperts)\.\d+\.(.+)$/;

/** The layer of experts that a tensor of one expert belongs to, or of all in a packed form of their own. */
function expertGroup(
  name: string,
  ofExpert: RegExpExecArray | null,
  { expertPaths, experts, prefix }: Model,
): { path: string; elementsEach: number } | undefined {
  const [, layer, last] = ofExpert ?? /^(.*\bexperts)\.(\w+)$/.exec(name) ?? ([] as undefined[]);
  if (layer === undefined || last === undefined) return undefined;
  if (!expertPaths.has(layer))
    expertPaths.set(
      layer,
      spellings(layer, prefix).find((one) => experts.has(one)),
    );
  const path = expertPaths.get(layer);
  if (path === undefined) return undefined;
  const isWeight = /(^|[._])(weight|qweight|weight_packed|W_q|blocks)$/.test(last);
  return { path, elementsEach: isWeight ? (experts.get(path) ?? 1) : /[._]bias$/.test(last) ? 1 : 0 };
}

const isInExperts = (name: string, experts: ReadonlyMap<string, number>) =>
  [...experts.keys()].some((path) => name.startsWith(`${path}.`));

function folded(tensors: readonly { readonly name: string; readonly elements: number }[]): Difference[] {
  const groups = new Map<string, Difference>();
  for (const { name, elements } of tensors) {
    const key = foldedName(name);
    const group = groups.get(key) ?? { name: key, count: 0, elements: 0 };
    groups.set(key, { name: key, count: group.count + 1, elements: group.elements + elements });
  }
  return [...groups.values()].sort((a, b) => b.elements - a.elements);
}

function foldedDiffering(all: readonly { tensor: CheckpointTensor; expected: Expected }[]): Differing[] {
  const groups = new Map<string, Differing>();
  for (const { tensor, expected } of all) {
    const key = foldedName(expected.name);
    const group = groups.get(key);
    const elements = tensor.elements - elementsOf(expected.shape) + (group?.elements ?? 0);
    groups.set(key, {
      name: key,
      count: (group?.count ?? 0) + 1,
      elements,
      stored: group?.stored ?? tensor.shape,
      built: group?.built ?? expected.shape,
    });
  }
  return [...groups.values()].sort((a, b) => Math.abs(b.elements) - Math.abs(a.elements));
}
