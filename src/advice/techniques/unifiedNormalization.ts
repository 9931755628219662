import { showBytes } from "../../base/units.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation } from "../../trace/trace.ts";
import { edited } from "../training/scaffold.ts";
import { foldingEdit } from "../weights/normFolds.ts";
import { isFoldable, type Norm, normsIn } from "../weights/norms.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface FoldSite extends Site {
  readonly norms: readonly Norm[];
}

/**
 * Normalization with frozen statistics: a factor and an addend for each channel, which the next linear layer's weights hold.
 *
 * W' = W·diag(γ/√(σ²+ε)), bias' = bias + W·β. A folded norm's kernel, its 2·n·d·b bytes and its output are gone; its 2·d
 * parameters with it. Where the result also goes elsewhere (post-norm's residual) a multiply-add per channel has to stay.
 */
export default technique<FoldSite>({
  id: "unified-normalization",
  name: "Unified Normalization",
  kind: "normalization",
  paper: {
    title: "Unified Normalization for Accelerating and Stabilizing Transformers",
    arxiv: "2208.01313",
    year: 2022,
    where: "section 3; released unified_normalization.py",
  },
  what: "Layer norms become norms with frozen statistics, which fold into the linear layers behind them in inference.",
  price:
    "Trained from scratch or fine-tuned at length, on batches large enough for statistics; shifts of the distribution are no longer normalized away, and ImageNet accuracy of T2T-ViT-14 was 0.6 points lower. Training costs what it did.",
  demands: "training",
  exact: false,
  knobs: {},

  find({ pass, scenario, figures }): Found<FoldSite> {
    const norms = normsIn(pass, figures);
    if (norms.length === 0) return { sites: [] };
    if (scenario.phase === "train")
      return {
        sites: [],
        why: `The ${norms.length} norms cost in training what they do now: folding is for inference.`,
      };
    const folded = norms.filter((norm) => isFoldable(norm, pass, figures));
    const [first] = folded;
    if (!first)
      return {
        sites: [],
        why: `None of the ${norms.length} norms is read by linear layers alone: the residual reads them too.`,
      };
    const bytes = folded.reduce((sum, { trafficBytes }) => sum + trafficBytes, 0);
    return {
      sites: [
        {
          at: first.operations[0]?.at ?? figures.tree.classAt,
          norms: folded,
          what: `${folded.length} of ${norms.length} norms are read by linear layers alone: they move ${showBytes(bytes, "GB")}.`,
        },
      ],
    };
  },

  change(subject, sites) {
    const { figures, pass, inference } = subject;
    const folded = sites.flatMap(({ norms }) => norms);
    const shows = [
      {
        name: "norms that run",
        before: normsIn(pass, figures).length,
        after: normsIn(pass, figures).length - folded.length,
      },
    ];
    const fix = foldingEdit(subject, folded);
    if (!("reason" in fix)) return { text: edited(subject.text, fix), shows };
    // The inference trace beside the pass folds alike; a training step keeps its norms.
    const beside =
      pass === inference ? [] : normsIn(inference, figures).filter((one) => isFoldable(one, inference, figures));
    const inputs = new Map<Operation, Norm>();
    for (const norm of [...folded, ...beside]) for (const one of norm.operations) inputs.set(one, norm);
    const weights = new Set(folded.flatMap((norm) => norm.weights.map(({ storage }) => storage)));
    const removed = pathsOf(figures.tree, weights);
    return {
      rewrite({ step, now }) {
        const norm = inputs.get(step);
        if (!norm) return undefined;
        return norm.operations.at(-1) === step ? [now(norm.input)] : "left out";
      },
      weight: ({ path }) => (removed.has(path) ? "removed" : undefined),
      shows,
      remarks: ["A linear layer without a bias gets one, which is not counted."],
    };
  },

  edit: (subject, sites) =>
    foldingEdit(
      subject,
      sites.flatMap(({ norms }) => norms),
    ),
});

function pathsOf(layer: BuiltLayer, storages: ReadonlySet<Storage>): Set<string> {
  const own = layer.parameters.flatMap(({ name, tensor }) =>
    storages.has(tensor.storage) ? [layer.path ? `${layer.path}.${name}` : name] : [],
  );
  return new Set([...own, ...layer.children.flatMap((child) => [...pathsOf(child, storages)])]);
}
