/** Weights that stand in several places and are held once. */
import { sizesOf } from "../../cost/memory/holdings.ts";
import { count } from "../../tensor/size.ts";
import { Storage, type Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Replace } from "../../trace/rerun.ts";
import { layersOf } from "../code/flow.ts";

/** The first of each group stands for all of it. */
export function shared(groups: readonly (readonly Tensor[])[]): Replace {
  const stands = new Map<Tensor, Tensor>();
  for (const group of groups) {
    const [first] = group;
    if (!first || group.length < 2) continue;
    const { id, bytes, role, device } = first.storage;
    // A number that no storage of the new run gets.
    const storage = new Storage(-1 - id, bytes, role, device);
    storage.holders = 1;
    for (const one of group) stands.set(one, { ...first, storage, node: undefined });
  }
  return (tensor) => stands.get(tensor);
}

/** Alike layers that stand side by side in one container, such as `transformer.h`. */
export interface Stack {
  readonly path: string;
  readonly blocks: readonly BuiltLayer[];
}

/** Containers of at least two numbered layers of one class with the same weights, the largest first. */
export function stacks(tree: BuiltLayer): Stack[] {
  const found = layersOf(tree).flatMap(({ path, children }): Stack[] => {
    const blocks = children.filter(({ path: child }) => /(^|\.)\d+$/.test(child));
    const [first] = blocks;
    if (!first || blocks.length < 2 || blocks.length !== children.length) return [];
    const form = formOf(first);
    return form !== "" && blocks.every((one) => formOf(one) === form) ? [{ path, blocks }] : [];
  });
  return found.toSorted((a, b) => elementsIn(b) - elementsIn(a));
}

/** Names and shapes of what a layer holds; nothing where a shape is not known. */
function formOf(block: BuiltLayer): string {
  if (parametersIn(block).some((one) => !sizesOf(one))) return "";
  return layersOf(block)
    .flatMap(({ path, parameters, className }) =>
      parameters.map(
        ({ name, tensor }) => `${path.slice(block.path.length)}.${className}.${name}:${sizesOf(tensor)?.join()}`,
      ),
    )
    .join();
}

export function parametersIn(block: BuiltLayer): Tensor[] {
  return layersOf(block).flatMap(({ parameters }) => parameters.map(({ tensor }) => tensor));
}

function elementsIn({ blocks }: Stack): number {
  return blocks.flatMap(parametersIn).reduce((sum, { shape }) => sum + count(shape), 0);
}
