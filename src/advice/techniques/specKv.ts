import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { breakEvenPrompt, draftPrefillFlops } from "../cache/speculation.ts";
import { cacheShape, draftKnob, draftOf } from "../cache/targets.ts";
import { type Found, type Site, type Term, technique } from "./technique.ts";

/** Fewer tokens than this are not worth a second model. */
const longPrompt = 8192;

/**
 * A draft model's tokens say which of the prompt's keys and values are kept: C of each head in place of all S.
 *
 * After the prompt a decode step meets C tokens: the model is interpreted again at that length. The draft's weights lie beside;
 * its prefill is 2·P_d·S + 2·L_d·d_d·S² FLOPs. Memory is saved above S* = (W_d + C·kv_t) / (kv_t − kv_d) tokens. The sparse
 * prefill of the paper's kernels is not counted.
 */
export default technique<Site>({
  id: "spec-kv",
  name: "SpecKV",
  kind: "kv-cache",
  paper: {
    title: "Draft-based Approximate Inference for LLMs",
    arxiv: "2506.08373",
    year: 2025,
    where: "SpecKV; released code",
  },
  what: "Tokens that a small model drafts pick the keys and values of the prompt that are kept.",
  price:
    "Outputs are approximate, and what is dropped is lost for later turns. One sequence at a time, greedy decoding; the draft model stays in memory and reads the whole prompt too; the score buffer of the drafted tokens is a peak of its own.",
  demands: "nothing",
  exact: false,
  knobs: {
    capacity: { default: 1024, what: "tokens of the prompt that each head keeps", min: 1 },
    draft: draftKnob,
    lookahead: { default: 128, what: "tokens that the draft model looks ahead", min: 1 },
  },

  find(subject): Found<Site> {
    const cache = cacheShape(subject);
    const { phase, batch } = subject.scenario;
    if (!cache || phase === "train") return { sites: [] };
    const draft = draftOf(subject, "auto");
    if (cache.bytesPerToken <= draft.kvBytesPerToken || cache.params < 2 * draft.params)
      return { sites: [], why: `${draft.name} as a draft is no small model beside this one.` };
    const prompt = Math.ceil(breakEvenPrompt(draft, cache.bytesPerToken, 1024));
    if (batch > 1) return { sites: [], why: `It was made for one sequence at a time, and here are ${batch}.` };
    if (cache.tokens <= Math.max(prompt, longPrompt))
      return {
        sites: [],
        why: `At ${cache.tokens} tokens ${draft.name} takes more memory than the kept cache saves: it pays above ${Math.max(prompt, longPrompt)}.`,
      };
    return {
      sites: [
        {
          at: undefined,
          what: `${cache.tokens} tokens of ${showBytes(cache.bytesPerToken, "GB")} each are cached: ${showBytes(cache.tokens * cache.bytesPerToken, "GB")}.`,
        },
      ],
    };
  },

  change(subject, _, knobs) {
    const cache = cacheShape(subject);
    if (!cache) return {};
    const draft = draftOf(subject, knobs["draft"]);
    const capacity = Math.min(Number(knobs["capacity"]), cache.tokens);
    const kept = capacity * cache.bytesPerToken;
    const dropped = (cache.tokens - capacity) * cache.bytesPerToken;
    const weights: Term[] = (["weightBytes", "peakBytes"] as const).map((figure) => ({
      figure,
      add: 2 * draft.params,
      formula: `${draft.name}'s weights in 16 bits`,
    }));
    const shows = [
      {
        name: "kept keys and values",
        before: showBytes(cache.tokens * cache.bytesPerToken, "GB"),
        after: showBytes(kept, "GB"),
      },
      {
        name: "prompt above which memory is saved",
        after: Math.ceil(breakEvenPrompt(draft, cache.bytesPerToken, capacity)),
        unit: "tokens",
      },
      {
        name: `${draft.name}'s prefill`,
        after: Number((draftPrefillFlops(draft, cache.tokens) / 1e12).toPrecision(3)),
        unit: "TFLOPs",
      },
      {
        name: `${draft.name} looking ${knobs["lookahead"]} tokens ahead reads`,
        after: showBytes(Number(knobs["lookahead"]) * (2 * draft.params + draft.kvBytesPerToken * cache.tokens), "GB"),
      },
    ];
    const own = known(subject.figures.layers.get("")?.flops ?? 0) ?? 0;
    const prefill: Term = {
      figure: "flops",
      factor: 0,
      add: own + draftPrefillFlops(draft, cache.tokens),
      formula: "the whole prompt as before, and 2·P_d·S + 2·L_d·d_d·S²",
    };
    if (subject.scenario.phase === "decode")
      return { scenario: { sequence: capacity }, terms: [...weights, prefill], shows };
    const formula = "2·L·h_kv·d_h·bytes·min(S, C)";
    return {
      terms: [...weights, { figure: "kvBytes", add: -dropped, formula }, prefill],
      shows,
      remarks: [
        "While the prompt is read one layer holds all its keys and values: the peak falls by less than the cache.",
      ],
    };
  },

  edit: () => ({
    reason: "patch_model(model, draft, SpecKVConfig(max_capacity_prompt=…)) stands where generate is called",
  }),
});
