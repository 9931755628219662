/** What a total consists of, for the sentence that says where it could be cut. */
import { known } from "../base/unknown.ts";
import type { LimitWord } from "../configs/project/limits.ts";
import { cutsOf, cuttable } from "../cost/fit/cuts.ts";
import type { LayerReport, ModelReport } from "../cost/report.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";

export interface Part {
  readonly name: string;
  /** In the figure's own unit. */
  readonly amount: number;
  /** A setting of the scenario that would take some of it off. */
  readonly cut?: { readonly how: string; readonly by: number; readonly atMost: boolean } | undefined;
}

/** More parts than this are not told in a sentence. */
const most = 3;

/** The largest parts of a figure, the largest first; none where it is not divided. */
export function largestParts(model: ModelReport, figure: LimitWord, tree: BuiltLayer | undefined): Part[] {
  return partsOf(model, figure, tree)
    .filter(({ amount }) => amount > 0)
    .sort((a, b) => b.amount - a.amount)
    .slice(0, most);
}

function partsOf(model: ModelReport, figure: LimitWord, tree: BuiltLayer | undefined): Part[] {
  switch (figure) {
    case "peak":
    case "reserved":
    case "device":
      return cuttable(model.memory, tree ? cutsOf(model.scenario, tree) : []).map(
        ({ term, bytes, how, by, atMost }) => ({
          name: term,
          amount: bytes,
          cut: how === undefined ? undefined : { how, by, atMost },
        }),
      );
    case "time":
    case "kernels":
      return (model.time?.kinds ?? []).map(({ kind, seconds }) => ({ name: kind, amount: seconds }));
    case "params":
    case "trained":
    case "weights":
      return layerParts(model.root, (layer) => {
        const own = known(layer.ownParams) ?? 0;
        const each = (known(layer.weightBytes) ?? 0) / (known(layer.params) || 1);
        return figure === "weights" ? own * each : own;
      });
    case "flops":
      return layerParts(model.root, (layer) => (layer.children.length === 0 ? (known(layer.flops) ?? 0) : 0));
    case "saved":
    case "activations":
      return layerParts(model.root, (layer) => (layer.children.length === 0 ? (known(layer.savedBytes) ?? 0) : 0));
    default:
      return [];
  }
}

/** Layers by what they are called in every block: `h.*.mlp.c_fc`. */
function layerParts(root: LayerReport, amountOf: (layer: LayerReport) => number): Part[] {
  const parts = new Map<string, number>();
  const walk = (layer: LayerReport) => {
    const name = layer.path === "" ? layer.className : layer.path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, "*");
    const amount = amountOf(layer);
    if (amount > 0) parts.set(name, (parts.get(name) ?? 0) + amount);
    for (const child of layer.children) walk(child);
  };
  walk(root);
  return [...parts].map(([name, amount]) => ({ name, amount }));
}
