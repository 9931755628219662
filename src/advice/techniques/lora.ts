import { passesOf } from "../attention/sites.ts";
import { frozen, lowRankBeside } from "../training/adapters.ts";
import { linearUses } from "../training/linears.ts";
import { type LowRankSite, lowRankEdit, lowRankKnobs, lowRankSites } from "../training/lowRank.ts";
import { technique } from "./technique.ts";

/**
 * Frozen weights with two small matrices beside each linear layer: rank·(in + out) trained parameters in place of in·out.
 *
 * Gradients and optimizer state are the small matrices' alone. The frozen layers keep no input for their weights' gradients,
 * but the small ones keep it for theirs.
 */
export default technique<LowRankSite>({
  id: "lora",
  name: "LoRA",
  kind: "adapters",
  paper: {
    title: "LoRA: Low-Rank Adaptation of Large Language Models",
    arxiv: "2106.09685",
    year: 2021,
    where: "section 4.1",
  },
  what: "The weights are frozen, and a trained product of two narrow matrices is added to each linear layer.",
  price:
    "It adapts what was learned before and cannot learn everything anew; until the matrices are merged, each layer runs two small products more; activations stay.",
  demands: "fine-tuning",
  exact: false,
  knobs: lowRankKnobs,

  find: lowRankSites,

  change(subject, [site], { rank, targets }) {
    const chosen = site?.paths[String(targets)] ?? new Set();
    const uses = passesOf(subject)
      .flatMap((trace) => linearUses(trace, subject.figures.tree))
      .filter(({ path }) => chosen.has(path));
    return {
      weight: frozen(),
      rewrite: lowRankBeside(uses, Number(rank)),
      remarks: ["Merged into the weights after training, inference costs what it cost before."],
    };
  },

  edit(subject, [site], { rank, targets }) {
    return lowRankEdit(subject, site?.paths[String(targets)] ?? new Set(), Number(rank));
  },
});
