import { showBytes } from "../../base/units.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integers } from "../../tensor/size.ts";
import { areEntangled, type Block, blocksIn } from "../training/blocks.ts";
import { keptBytes } from "../training/keptOtherwise.ts";
import { featuresOf, layoutOf, localEdit } from "../training/localEdit.ts";
import { edited } from "../training/scaffold.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface ModulesSite extends Site {
  readonly blocks: readonly Block[];
  /** Kept before the first and behind the last block. */
  readonly restBytes: number;
}

/** What a module's own decoder and classifier cost. */
interface Auxiliary {
  readonly params: number;
  readonly bytes: number;
  readonly macs: number;
}

/**
 * The network in K parts that are trained by losses of their own, no gradient between them: one part's activations are alive at
 * a time. Each part has a decoder that reconstructs what the part was given, and a classifier; both are dropped after training.
 */
export default technique<ModulesSite>({
  id: "local-learning",
  name: "Local learning by feature reconstruction",
  kind: "training-memory",
  paper: {
    title: "Local Learning on Transformers via Feature Reconstruction",
    arxiv: "2212.14215",
    year: 2022,
    where: "section 3, abstract",
  },
  what: "The network is cut into parts with losses of their own, so that only one part's activations are kept.",
  price:
    "Gradients are no longer the whole network's: accuracy is usually below it, and only small images were tried; losses' weights are set for each data set. Checkpointing frees more memory with the same gradients, for a third more time.",
  demands: "training",
  exact: false,
  knobs: {
    parts: { default: 2, min: 2, max: 16, what: "parts that the blocks are cut into, of equally many" },
    decoder: { default: 32, min: 0, max: 1024, what: "channels of each part's decoder; 0: no decoder is counted" },
  },

  find({ step, scenario, figures }): Found<ModulesSite> {
    if (!step || scenario.phase !== "train")
      return { sites: [], why: "Nothing is kept for backward in this phase: it is for training." };
    const end = step.forwardEnd?.events ?? 0;
    if (step.events.slice(0, end).some((one) => one.kind === "operation" && one.pass === "backward"))
      return { sites: [], why: "Losses inside the forward pass train its parts already." };
    const blocks = blocksIn(step, figures.tree);
    if (blocks.length < 2) return { sites: [], why: "No blocks follow each other that could be cut apart." };
    if (areEntangled(step, blocks))
      return {
        sites: [],
        why: "Gradients go around its blocks, by skip connections or by what several of them read: no block can be cut off from those before it.",
      };
    const kept = blocks.reduce((sum, one) => sum + one.keptBytes, 0);
    const restBytes = Math.max(0, keptBytes(step) - kept);
    return {
      sites: [
        {
          at: blocks[0]?.call.at,
          what: `${blocks.length} blocks keep ${showBytes(kept, "GB")} for backward at once.`,
          blocks,
          restBytes,
        },
      ],
    };
  },

  change(subject, [site], { parts, decoder }) {
    if (!site) return {};
    const { scenario } = subject;
    const { blocks } = site;
    const modules = cut(blocks, Number(parts));
    const count = modules.length;
    const auxiliaries = modules.map((one, i) =>
      i === count - 1 ? { params: 0, bytes: 0, macs: 0 } : auxiliaryOf(one, Number(decoder)),
    );
    const kept = modules.map((one) => one.reduce((sum, { keptBytes: bytes }) => sum + bytes, 0));
    const all = kept.reduce((sum, one) => sum + one, 0);
    const most = Math.max(...kept.map((bytes, i) => bytes + (auxiliaries[i]?.bytes ?? 0)));
    const params = auxiliaries.reduce((sum, one) => sum + one.params, 0);
    const macs = auxiliaries.reduce((sum, one) => sum + one.macs, 0);
    const states = params * (4 + (scenario.optimizer === "adamw-8bit" ? 2 : /^adamw/.test(scenario.optimizer) ? 8 : 4));
    const shows = kept.map((bytes, i) => ({
      name: `part ${i + 1}, ${modules[i]?.[0]?.path} to ${modules[i]?.at(-1)?.path}`,
      after: Math.round((1000 * bytes) / Math.max(all, 1)) / 10,
      unit: "% of the blocks' activations",
    }));
    const remarks = [
      "Inference stays as it is: what reconstructs is dropped. Clear gradients before the forward pass, which makes some.",
      "Where labels are at hand, a classification loss for each part belongs beside the reconstruction.",
    ];
    const fix = Number(decoder) > 0 ? localEdit(subject, modules, Number(decoder)) : { reason: "" };
    if (!("reason" in fix)) return { text: edited(subject.text, fix), shows, remarks };
    const formula = "the largest part's activations and its decoder's in place of all parts'";
    const added = "the parts' decoders and classifiers";
    return {
      terms: [
        { figure: "activationBytes", add: most - all, formula },
        { figure: "peakBytes", add: most - all + 4 * params + states, formula },
        { figure: "params", add: params, formula: added },
        { figure: "trainableParams", add: params, formula: added },
        { figure: "weightBytes", add: 4 * params, formula: added },
        { figure: "gradientBytes", add: 4 * params, formula: added },
        { figure: "optimizerBytes", add: states - 4 * params, formula: added },
        { figure: "stepFlops", add: 6 * macs, formula: added },
      ],
      shows,
      remarks,
    };
  },

  edit(subject, [site], { parts, decoder }) {
    if (!site) return { reason: "it fits nowhere" };
    if (Number(decoder) === 0) return { reason: "a part without a decoder has nothing to learn from" };
    return localEdit(subject, cut(site.blocks, Number(parts)), Number(decoder));
  },
});

/** Equally many blocks for each part. */
function cut(blocks: readonly Block[], parts: number): (readonly Block[])[] {
  const count = Math.min(parts, blocks.length);
  return Array.from({ length: count }, (_, i) =>
    blocks.slice(Math.round((i * blocks.length) / count), Math.round(((i + 1) * blocks.length) / count)),
  );
}

/** From the part's result back to what it was given: two layers on rows of features, two convolutions of 3×3 on images. */
function auxiliaryOf(module: readonly Block[], channels: number): Auxiliary {
  const given = module[0]?.call.inputs[0];
  const result = module.at(-1)?.call.outputs[0];
  const layout = module[0] && layoutOf(module[0]);
  if (!given || !result || !layout || channels === 0) return { params: 0, bytes: 0, macs: 0 };
  const [from, to] = [featuresOf(result.shape, layout), featuresOf(given.shape, layout)];
  const positions = integers(given.shape).reduce((count, size) => count * size, 1) / to;
  const params = (layout === "rows" ? 1 : 9) * channels * (from + to);
  return {
    params,
    bytes: positions * (from + (layout === "rows" ? 2 : 3) * channels + to) * itemBytes(given.dtype),
    macs: positions * params,
  };
}
