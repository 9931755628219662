import type { Op } from "../../ops/op.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integer } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { passesOf } from "../attention/sites.ts";
import { frozen, lowRankBeside } from "../training/adapters.ts";
import { linearUses } from "../training/linears.ts";
import { type LowRankSite, lowRankEdit, lowRankKnobs, lowRankSites } from "../training/lowRank.ts";
import { type Found, technique } from "./technique.ts";

/**
 * LoRA over weights of 4 bits: a block of 64 shares a scale of 8 bits, 256 of those share one of 32 (double quantization), so
 * that an element takes 0.516 bytes. Each product restores its weight to the type it computes in, on the way back again.
 */
export default technique<LowRankSite>({
  id: "qlora",
  name: "QLoRA",
  kind: "adapters",
  paper: {
    title: "QLoRA: Efficient Finetuning of Quantized LLMs",
    arxiv: "2305.14314",
    year: 2023,
    where: "section 3",
  },
  what: "The linear layers are kept in 4 bits and frozen, and a trained low-rank product is added to each.",
  price:
    "Weights are rounded to 16 values; every product restores its weight first, so that steps are slower than LoRA's; it needs bitsandbytes; merging the matrices needs the weights unrounded.",
  demands: "fine-tuning",
  exact: false,
  knobs: lowRankKnobs,

  find(subject): Found<LowRankSite> {
    const found = lowRankSites(subject);
    const head = linearUses(subject.step ?? subject.inference, subject.figures.tree).at(-1)?.path ?? "";
    const sites = found.sites.filter(({ paths }) => !paths.all?.has(head));
    if (sites.length === found.sites.length) return found;
    return { sites, why: "The only linear layer is the model's head, which keeps its type." };
  },

  change(subject, [site], { rank, targets }) {
    const { all = new Set<string>() } = site?.paths ?? {};
    const chosen = site?.paths[String(targets)] ?? all;
    const uses = passesOf(subject)
      .flatMap((trace) => linearUses(trace, subject.figures.tree))
      .filter(({ path }) => chosen.has(path));
    const freeze = frozen();
    return {
      weight: (weight) => {
        const layer = weight.path.replace(/\.\w+$/, "");
        if (!all.has(layer) || !weight.path.endsWith(".weight")) return freeze(weight);
        return { trained: false, bytes: fourBitBytes(weight.elements) };
      },
      rewrite: lowRankBeside(uses, Number(rank), restoring),
      remarks: ["Norms, embeddings and the head keep their type."],
    };
  },

  edit(subject, [site], { rank, targets }) {
    const { all = new Set<string>() } = site?.paths ?? {};
    return lowRankEdit(subject, site?.paths[String(targets)] ?? all, Number(rank), all);
  },
});

/** Bytes of elements in NF4 with double quantization. */
export function fourBitBytes(elements: number): number {
  const blocks = Math.ceil(elements / 64);
  return Math.ceil(elements / 2) + blocks + 4 * Math.ceil(blocks / 256);
}

/** A product that makes its weight anew before it runs, and once more for the input's gradient. */
function restoring(op: Op): Op {
  const weightOf = (args: readonly unknown[]) =>
    args.filter(isTensor).find(({ storage }) => storage.role === "parameter");
  const dense = (weight: Tensor) =>
    weight.shape.reduce<number>((count, size) => count * integer(size), itemBytes(weight.dtype));
  return {
    ...op,
    workspaceBytes: (args, out) => {
      const weight = weightOf(args);
      return (op.workspaceBytes?.(args, out) ?? 0) + (weight ? dense(weight) : 0);
    },
    backward(grads, call) {
      const weight = weightOf(call.args);
      const again =
        weight && call.kernel("bitsandbytes.dequantize_4bit", [weight], [{ shape: weight.shape, dtype: weight.dtype }]);
      const result = op.backward?.(grads, call) ?? [];
      if (again) call.drop(...again);
      return result;
    },
  };
}
