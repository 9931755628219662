import type { Value } from "../python/values.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";

/**
 * The blocks of a model, which checkpointing runs again: in each outermost ModuleList or Sequential the layers whose class
 * stands there more than once, leaves apart.
 */
export function blocksOf(layer: BuiltLayer): Value[] {
  const repeated = isContainer(layer) ? layer.children.filter((child) => isRepeated(child, layer)) : [];
  if (repeated.length > 0) return repeated.map(({ module }) => module as Value);
  return layer.children.flatMap(blocksOf);
}

/** Its children are numbered, as those of a list are. */
function isContainer({ path, children }: BuiltLayer): boolean {
  return children.length > 1 && children.every((child) => /^\d+$/.test(child.path.slice(path ? path.length + 1 : 0)));
}

function isRepeated(child: BuiltLayer, { children }: BuiltLayer): boolean {
  return child.children.length > 0 && children.filter(({ className }) => className === child.className).length > 1;
}
