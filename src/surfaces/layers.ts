/** Finding layers in a model's tree, and folding blocks that repeat. */
import { known } from "../base/unknown.ts";
import type { LayerReport, ModelReport } from "../cost/report.ts";

export { figureOf } from "../report/layerFigure.ts";

/** The layer and everything below it, outermost first. */
export function allLayers(layer: LayerReport): LayerReport[] {
  return [layer, ...layer.children.flatMap(allLayers)];
}

/** `attn` of `h.3.attn`; the class for the model itself. */
export function ownName(layer: LayerReport): string {
  return layer.path === "" ? layer.className : layer.path.slice(layer.path.lastIndexOf(".") + 1);
}

/** `GPT.h.3.attn`. */
export function fullName(model: ModelReport, layer: LayerReport): string {
  return layer.path === "" ? model.name : `${model.name}.${layer.path}`;
}

/** Layers that stand side by side with numbers for names and are alike in every figure. */
export interface Fold {
  readonly first: LayerReport;
  readonly last: LayerReport;
  readonly count: number;
}

/** A layer's children with runs of equal blocks as one: `0 … 11`. */
export function folded(children: readonly LayerReport[]): Fold[] {
  const folds: { first: LayerReport; last: LayerReport; count: number; likeness: string }[] = [];
  for (const layer of children) {
    const before = folds.at(-1);
    const likeness = likenessOf(layer);
    const follows = before && Number(ownName(layer)) === Number(ownName(before.last)) + 1;
    if (before && follows && before.likeness === likeness) {
      before.last = layer;
      before.count++;
    } else {
      folds.push({ first: layer, last: layer, count: 1, likeness });
    }
  }
  return folds;
}

/** `h.0 … h.11` from the first and the last; the name alone where there is one. */
export function foldName({ first, last, count }: Fold): string {
  return count === 1 ? ownName(first) : `${ownName(first)} … ${ownName(last)}`;
}

/** A text that is the same for layers that cannot be told apart by what is shown of them. */
function likenessOf(layer: LayerReport): string {
  const figures = [layer.params, layer.flops, layer.savedBytes, layer.weightBytes].map((value) => known(value) ?? "?");
  const below = layer.children.map((child) => `${ownName(child)}:${likenessOf(child)}`);
  return `${layer.className}/${figures.join("/")}/${layer.calls}(${below.join(",")})`;
}

/** `h.0 … h.11` for layers of a model: the paths with the numbers that differ shown from first to last. */
export function pathsText(layers: readonly LayerReport[]): string {
  if (layers.length === 1) return layers[0]!.path;
  return `${layers[0]!.path} … ${layers.at(-1)!.path}`;
}

/** Whether the pass came by the layer or by any below it. */
export function isCalled(layer: LayerReport): boolean {
  return layer.calls > 0 || layer.children.some(isCalled);
}
