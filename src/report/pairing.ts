/** Which layer of one tree is which of another. */
import type { LayerReport } from "../cost/report.ts";

/** A layer in both trees, or in one of them alone. */
export interface LayerPair {
  readonly before: LayerReport | undefined;
  readonly after: LayerReport | undefined;
}

/**
 * Pairs the children of two layers that are the same layer: by name, then what is left by class in order, then what is left
 * by position where as many are left on both sides. Gives them in the order of `after`, those that are gone last.
 */
export function paired(before: readonly LayerReport[], after: readonly LayerReport[]): LayerPair[] {
  const partner = new Map<LayerReport, LayerReport>();
  const left = () => {
    const taken = new Set(partner.values());
    return before.filter((layer) => !taken.has(layer));
  };
  const fresh = () => after.filter((layer) => !partner.has(layer));
  const byName = new Map(before.map((layer) => [nameOf(layer), layer]));
  for (const layer of after) {
    const same = byName.get(nameOf(layer));
    if (same) partner.set(layer, same);
  }
  if (partner.size < before.length && partner.size < after.length) {
    const waiting = left();
    for (const layer of fresh()) {
      const at = waiting.findIndex(({ className }) => className === layer.className);
      if (at >= 0) partner.set(layer, waiting.splice(at, 1)[0]!);
    }
    const [old, young] = [left(), fresh()];
    // A list that grew or shrank holds layers that came or went, and none that turned into others.
    if (old.length === young.length && young.every((layer) => !isNumber(layer)))
      for (const [i, layer] of young.entries()) partner.set(layer, old[i]!);
  }
  return [
    ...after.map((layer) => ({ before: partner.get(layer), after: layer })),
    ...left().map((layer) => ({ before: layer, after: undefined })),
  ];
}

const nameOf = ({ path }: LayerReport) => path.slice(path.lastIndexOf(".") + 1);
const isNumber = (layer: LayerReport) => /^\d+$/.test(nameOf(layer));
