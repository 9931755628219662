import { scenarioItemBytes } from "../../base/scenario.ts";
import { showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { speculativeTime, tokensPerPass } from "../cache/speculation.ts";
import { type Found, type Site, technique } from "./technique.ts";

/**
 * A draft model proposes tokens, one pass of the target checks them: (1 − α^(γ+1)) / (1 − α) tokens a pass.
 *
 * A token's time is (γ·c + 1) over that, with c a draft step's time over the target's: bound by weight reads, c is the draft's
 * share of the parameters. The draft's weights and its cache lie beside the target's.
 */
export default technique<Site>({
  id: "speculative-decoding",
  name: "Speculative decoding",
  kind: "kv-cache",
  paper: {
    title: "Fast Inference from Transformers via Speculative Decoding",
    arxiv: "2211.17192",
    year: 2022,
    where: "section 3",
  },
  what: "A small model drafts tokens that one pass of the large one checks.",
  price:
    "A second model of the same tokenizer in memory; slower where few drafts are accepted, or where a batch already keeps the arithmetic busy. More FLOPs a token. Outputs keep their distribution.",
  demands: "nothing",
  exact: true,
  knobs: {
    draft: { default: 0.1, what: "the draft's share of the target's parameters", min: 0.001, max: 1 },
    tokens: { default: 5, what: "tokens drafted a pass", min: 1, max: 64 },
    acceptance: { default: 0.7, what: "share of drafted tokens that are accepted", min: 0, max: 1 },
  },

  find({ kvCaches, scenario, pass }): Found<Site> {
    if (kvCaches.length === 0 || pass.events.length === 0) return { sites: [] };
    if (scenario.phase !== "decode")
      return scenario.phase === "train"
        ? { sites: [] }
        : { sites: [], why: "It makes decoding faster, not a prompt's pass." };
    if (scenario.batch > 16)
      return {
        sites: [],
        why: `${scenario.batch} sequences at once read each weight for all of them: checking drafts would cost arithmetic in place of reads.`,
      };
    return {
      sites: [
        {
          at: undefined,
          what: `Each token of ${scenario.batch === 1 ? "the sequence" : `${scenario.batch} sequences`} takes a pass over all weights.`,
        },
      ],
    };
  },

  change({ figures, kvCaches, scenario }, _, knobs) {
    const [draft, tokens, acceptance] = [Number(knobs.draft), Number(knobs.tokens), Number(knobs.acceptance)];
    const params = known(figures.layers.get("")?.params ?? 0) ?? 0;
    const bytes = draft * params * Math.max(2, scenarioItemBytes(scenario.dtype));
    const factor = speculativeTime(acceptance, tokens, draft);
    const formula = "(γ·c + 1)·(1 − α) / (1 − α^(γ+1)), section 3.3";
    return {
      terms: [
        { figure: "seconds", factor, formula },
        { figure: "eagerSeconds", factor, formula },
        { figure: "weightBytes", add: bytes, formula: "the draft's weights" },
        { figure: "peakBytes", add: bytes, formula: "the draft's weights" },
      ],
      shows: [
        { name: "tokens a pass", before: 1, after: Number(tokensPerPass(acceptance, tokens).toFixed(2)) },
        { name: "draft", after: showCount(draft * params), unit: "parameters" },
        { name: "acceptance below which it is slower", after: Number(breakEven(tokens, draft).toFixed(2)) },
      ],
      remarks: [
        `The figures are for one token; an acceptance of ${acceptance} is an assumption, measure it on your prompts. The draft's cache for ${kvCaches.length} layers is not counted.`,
      ],
    };
  },

  edit: () => ({ reason: "generate(..., assistant_model=draft) stands where the model is used" }),
});

/** The acceptance at which a token takes what it does without drafts. */
function breakEven(tokens: number, cost: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (speculativeTime(middle, tokens, cost) > 1) low = middle;
    else high = middle;
  }
  return high;
}
