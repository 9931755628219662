import { showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { count } from "../../tensor/size.ts";
import { configKeyEdit } from "../attention/configKey.ts";
import { edited } from "../attention/edited.ts";
import { codeOf } from "../code/tree.ts";
import { fewerBlocks } from "../weights/blockLoops.ts";
import { parametersIn, type Stack, stacks } from "../weights/sharing.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface StudentSite extends Site {
  readonly stack: Stack;
}

const layerKeys = ["num_hidden_layers", "n_layer", "num_layers", "n_layers"];

/**
 * A student of the same widths with fewer blocks, as DistilBERT is of BERT: parameters, FLOPs, activations and KV cache of the
 * blocks that are left. The changed config or code is interpreted again.
 */
export default technique<StudentSite>({
  id: "distillation",
  name: "Distillation",
  kind: "architecture",
  paper: {
    title: "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter",
    arxiv: "1910.01108",
    year: 2019,
    where: "section 3",
  },
  what: "A model with fewer blocks learns what this one answers.",
  price:
    "A training run with the large model's answers as targets, and a part of the quality; both models are in memory meanwhile.",
  demands: "training",
  exact: false,
  knobs: { share: { default: 0.5, what: "of the blocks that the student keeps", min: 0.05, max: 1 } },

  find({ figures, config, file, text }): Found<StudentSite> {
    const [stack] = stacks(figures.tree);
    if (!stack || stack.blocks.length < 4) return { sites: [] };
    const hasKey = config && layerKeys.some((one) => config[one] === stack.blocks.length);
    const fewer = hasKey ? {} : fewerBlocks(stack, 1, codeOf(file, text));
    if ("reason" in fewer) return { sites: [], why: `A smaller ${stack.path} cannot be built here: ${fewer.reason}.` };
    const each = parametersIn(stack.blocks[0] as Stack["blocks"][number]).reduce(
      (sum, { shape }) => sum + count(shape),
      0,
    );
    return {
      sites: [
        {
          at: figures.tree.classAt,
          what: `${stack.path} runs ${stack.blocks.length} blocks of ${showCount(each)} parameters one after the other.`,
          stack,
        },
      ],
    };
  },

  change({ config, figures, text, file }, [site], knobs) {
    if (!site) return {};
    const { blocks } = site.stack;
    const kept = keptOf(blocks.length, knobs.share);
    const key = config && layerKeys.find((one) => config[one] === blocks.length);
    const total = known(figures.layers.get("")?.params ?? 0) ?? 0;
    const each = parametersIn(blocks[0] as Stack["blocks"][number]).reduce((sum, { shape }) => sum + count(shape), 0);
    const shows = [0.75, 0.5, 0.25].map((share) => {
      const left = keptOf(blocks.length, share);
      return {
        name: `parameters with ${left} ${left === 1 ? "block" : "blocks"}`,
        before: showCount(total),
        after: showCount(total - (blocks.length - left) * each),
      };
    });
    if (key) return { config: { ...config, [key]: kept }, shows };
    const fix = fewerBlocks(site.stack, kept, codeOf(file, text));
    return "reason" in fix
      ? { shows, remarks: [`Not costed: ${fix.reason}.`] }
      : { text: edited(text, fix.edits), shows };
  },

  edit({ config, text, file }, [site], knobs) {
    const blocks = site?.stack.blocks.length ?? 0;
    const kept = keptOf(blocks, knobs.share);
    const key = config && layerKeys.find((one) => config[one] === blocks);
    const edit = key && configKeyEdit(text, key, kept);
    if (edit) return { title: `Keep ${kept} of ${blocks} blocks`, edits: [edit] };
    return site ? fewerBlocks(site.stack, kept, codeOf(file, text)) : { reason: "no blocks were found" };
  },
});

function keptOf(blocks: number, share: unknown): number {
  return Math.max(1, Math.round(blocks * Number(share)));
}
