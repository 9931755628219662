import { showBytes } from "../../base/units.ts";
import type { Statement } from "../../syntax/ast.ts";
import { behind, importTorch, replace } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, within } from "../code/tree.ts";
import { costsOf } from "../pricing.ts";
import type { Subject } from "../subject.ts";
import { type Block, blockLists, blocksIn } from "../training/blocks.ts";
import { importOf, modelBinding } from "../training/script.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface BlockSite extends Site {
  readonly blocks: readonly Block[];
}

/** Below this share of the peak the blocks' activations are not what fills the memory. */
const worthwhile = 0.2;

/**
 * Each repeated block keeps its input alone and runs again in the backward pass: of all blocks' activations one block's and
 * every block's input stay. A block pays by the bytes that it frees for each FLOP that runs again.
 */
export default technique<BlockSite>({
  id: "activation-checkpointing",
  name: "Activation checkpointing",
  kind: "training-memory",
  paper: {
    title: "Training Deep Nets with Sublinear Memory Cost",
    arxiv: "1604.06174",
    year: 2016,
    where: "section 4",
  },
  what: "Blocks keep their input only, and run again in the backward pass.",
  price: "Every block's forward pass runs twice: up to a third more time for each step. Gradients stay the same.",
  demands: "nothing",
  exact: true,
  knobs: {},

  find(subject): Found<BlockSite> {
    const { scenario, step, figures, text } = subject;
    if (scenario.phase !== "train" || !step) return { sites: [], why: "Nothing is kept for backward in this phase." };
    if (scenario.checkpointing) return { sites: [], why: "The scenario runs blocks again already." };
    if (
      /checkpoint(_sequential)?\(|gradient_checkpointing_enable/.test(
        text.replace(/load_checkpoint|save_checkpoint/g, ""),
      )
    )
      return { sites: [], why: "The code has checkpointed regions already." };
    const blocks = blocksIn(step, figures.tree);
    if (blocks.length < 2) return { sites: [], why: "No block is repeated." };
    const kept = blocks.reduce((sum, one) => sum + one.keptBytes, 0);
    const { peakBytes = 0 } = costsOf(subject);
    if (kept < worthwhile * peakBytes)
      return {
        sites: [],
        why: `The ${blocks.length} blocks keep ${showBytes(kept, "GB")} of a peak of ${showBytes(peakBytes, "GB")}: running them again would free little.`,
      };
    const at = blocks[0]?.call.at;
    return { sites: [{ at, what: `${blocks.length} blocks keep ${showBytes(kept, "GB")} for backward.`, blocks }] };
  },

  change(_subject, [site]) {
    const blocks = [...(site?.blocks ?? [])].sort((a, b) => worth(b) - worth(a));
    const [best, last] = [blocks[0], blocks.at(-1)];
    const macs = blocks.reduce((sum, one) => sum + one.macs, 0);
    return {
      scenario: { checkpointing: true },
      shows: [
        { name: "FLOPs that run again", after: 2 * macs },
        ...(best ? [{ name: `${best.path}: bytes freed a MFLOP`, after: (1e6 * worth(best)).toFixed(1) }] : []),
        ...(last && last !== best
          ? [{ name: `${last.path}: bytes freed a MFLOP`, after: (1e6 * worth(last)).toFixed(1) }]
          : []),
      ],
    };
  },

  edit(subject) {
    const code = codeOf(subject.file, subject.text);
    const calls = blockCalls(subject, code);
    if (calls.length > 0) {
      const { name: torch, edits } = importTorch(code);
      return {
        title: "Run the blocks again in the backward pass",
        edits: [
          ...edits,
          ...importOf(`${torch}.utils.checkpoint`, code).filter(() => torch === "torch"),
          ...calls.map((call) => replace(call, checkpointed(call, torch, code), code)),
        ],
      };
    }
    const binding = modelBinding(subject);
    const hasSwitch = /transformers/.test(subject.text) && binding;
    const edit = hasSwitch && behind(binding.statement, `${binding.name}.gradient_checkpointing_enable()`, code);
    if (edit) return { title: "Enable gradient checkpointing", edits: [edit] };
    return { reason: "no loop of this file calls the blocks one by one" };
  },
});

/** Bytes freed for each FLOP that runs again. */
function worth({ keptBytes, macs }: Block): number {
  return macs > 0 ? keptBytes / (2 * macs) : 0;
}

function checkpointed(call: CallNode, torch: string, code: Code): string {
  const func = code.text(call.func);
  const args = code.text(call).slice(func.length).trim().slice(1, -1).trim().replace(/,$/, "");
  return `${torch}.utils.checkpoint.checkpoint(${[func, args].filter((one) => one !== "").join(", ")}, use_reentrant=False)`;
}

/** `block(x)` in `for block in self.blocks`. */
function blockCalls({ figures }: Subject, code: Code): CallNode[] {
  const lists = blockLists(figures.tree).map(({ path }) => path.split(".").at(-1));
  return code.nodes.flatMap((node): CallNode[] => {
    if (node.kind !== "For") return [];
    const { target, iter, body } = node as Extract<Statement, { kind: "For" }>;
    const isOver = within(iter).some(
      (one) =>
        one.kind === "Attribute" && one.value.kind === "Name" && one.value.id === "self" && lists.includes(one.attr),
    );
    if (!isOver) return [];
    const names = new Set(within(target).flatMap((one) => (one.kind === "Name" ? [one.id] : [])));
    return body
      .flatMap((statement) => within(statement))
      .filter((one): one is CallNode => one.kind === "Call" && one.func.kind === "Name" && names.has(one.func.id));
  });
}
