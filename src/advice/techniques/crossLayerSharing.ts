import { showCount } from "../../base/units.ts";
import { count } from "../../tensor/size.ts";
import { codeOf } from "../code/tree.ts";
import { loopOver, repeatedBlocks } from "../weights/blockLoops.ts";
import { parametersIn, type Stack, shared, stacks } from "../weights/sharing.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface StackSite extends Site {
  readonly stack: Stack;
}

/**
 * The same blocks run several times: L = r·L_u blocks execute, the weights of L_u are held.
 *
 * Parameters, gradients and optimizer state of the blocks are divided by r. FLOPs, activations, KV cache and, where the blocks
 * do not stay in the last cache between their runs, weight traffic are those of all blocks that execute.
 */
export default technique<StackSite>({
  id: "cross-layer-sharing",
  name: "Cross-layer sharing",
  kind: "weight-sharing",
  paper: {
    title: "Grokked Transformers are Implicit Reasoners: A Mechanistic Journey to the Edge of Generalization",
    arxiv: "2405.15071",
    year: 2024,
    where: "appendix E.2; released code, --add_recurrence",
  },
  what: "The stack of blocks is a part as long, and runs several times.",
  price:
    "Trained from scratch, with a part of the parameters for what is memorised. Nothing becomes faster: FLOPs, activations, KV cache and decode's weight reads stay those of all blocks that run.",
  demands: "training",
  exact: false,
  knobs: {
    repetitions: { default: 2, what: "how often the shorter stack runs; it divides the number of blocks", min: 2 },
  },

  find({ figures, file, text }): Found<StackSite> {
    const [stack] = stacks(figures.tree);
    if (!stack) return { sites: [] };
    const { blocks, path } = stack;
    if (blocks.length % 2 !== 0)
      return { sites: [], why: `${blocks.length} blocks cannot be run as half as many twice.` };
    const tensors = blocks.map(parametersIn);
    const distinct = new Set(tensors.flat().map(({ storage }) => storage));
    if (distinct.size < tensors.flat().length)
      return { sites: [], why: `The blocks of ${path} share their weights already.` };
    const each = (tensors[0] ?? []).reduce((sum, { shape }) => sum + count(shape), 0);
    const code = codeOf(file, text);
    const loop = loopOver(stack, code);
    return {
      sites: [
        {
          at: loop ? code.place(loop.iter) : figures.tree.classAt,
          what: `${path} holds ${blocks.length} blocks of ${showCount(each)} parameters.`,
          stack,
        },
      ],
    };
  },

  change(_, sites, knobs) {
    const times = Number(knobs.repetitions);
    const groups = sites.flatMap(({ stack: { blocks } }) => {
      if (blocks.length % times !== 0) return [];
      const kept = blocks.length / times;
      const tensors = blocks.map(parametersIn);
      return (tensors[0] ?? []).flatMap((_one, i) =>
        tensors
          .slice(0, kept)
          .map((_block, b) => tensors.filter((_any, other) => other % kept === b).flatMap((all) => all[i] ?? [])),
      );
    });
    const [site] = sites;
    const blocks = site?.stack.blocks.length ?? 0;
    if (groups.length === 0) return { remarks: [`${blocks} blocks are no multiple of ${times}: nothing is changed.`] };
    return {
      replace: shared(groups),
      shows: [
        { name: "blocks held", before: blocks, after: blocks / times },
        { name: "blocks that run", before: blocks, after: blocks },
      ],
      remarks: ["Decode does not become faster: each run reads the weights again unless they stay in the last cache."],
    };
  },

  edit({ file, text, config }, [site], knobs) {
    if (config) return { reason: "no key of this config runs its blocks twice" };
    const times = Number(knobs.repetitions);
    if (!site || site.stack.blocks.length % times !== 0) return { reason: `the blocks are no multiple of ${times}` };
    return repeatedBlocks(site.stack, times, codeOf(file, text));
  },
});
