import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { attentionCalls } from "../attention/calls.ts";
import { keptEdit } from "../cache/draftEdit.ts";
import {
  breakEvenPrompt,
  draftPrefillFlops,
  lookaheadShare,
  scoreBufferBytes,
  weightBytesOf,
} from "../cache/speculation.ts";
import { cacheShape, draftKnob, draftOf, draftShapeOf, draftTerms, has } from "../cache/targets.ts";
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
    "Outputs are approximate, and what is dropped is lost for later turns. One sequence at a time, greedy decoding; the draft model stays in memory and reads the whole prompt too; the score buffer of the drafted tokens is a peak of its own. Where no small model of the family exists, one is built beside it and needs training.",
  demands: "nothing",
  exact: false,
  knobs: {
    capacity: { default: 1024, what: "tokens of the prompt that each head keeps", min: 1 },
    draft: draftKnob,
    lookahead: { default: 128, what: "tokens that the draft model looks ahead", min: 1 },
  },

  find(subject): Found<Site> {
    const cache = cacheShape(subject);
    if (has(subject, "Draft")) return { sites: [], why: "A draft model reads its prompts already." };
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
    const draft = draftOf(subject, knobs.draft);
    const capacity = Math.min(Number(knobs.capacity), cache.tokens);
    const kept = capacity * cache.bytesPerToken;
    const own = known(subject.figures.layers.get("")?.flops ?? 0) ?? 0;
    const dropped = (cache.tokens - capacity) * cache.bytesPerToken;
    const drafted = Number(knobs["lookahead"]);
    // What the drafted tokens add where attention grows with the square, and the scores that choose.
    const beside = attentionCalls(subject.inference).reduce(
      (sum, { rows, keys, width, valueWidth }) =>
        sum + 2 * rows * keys * (drafted * (width + valueWidth) + (32 + drafted) * width),
      0,
    );
    const terms: Term[] = [
      ...draftTerms(subject, draft, knobs["draft"]),
      {
        figure: "flops",
        factor: 0,
        add: own * (1 + drafted / cache.tokens) + beside + draftPrefillFlops(draft, cache.tokens, true),
        formula:
          "the whole prompt as before and the drafted tokens, 2·(n_w + n_l)·S·h·d_h·L for their scores, and 2·P_d·S + 4·L_d·d_d·S²",
      },
    ];
    const [call] = attentionCalls(subject.pass);
    const [heads, item] = [(call?.rows ?? 0) / subject.scenario.batch, itemBytes(call?.dtype ?? "bfloat16")];
    const oneToken = itemBytes(call?.dtype ?? "bfloat16") * cache.params + kept;
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
        name: `${draft.name} looking ${drafted} tokens ahead reads`,
        after: showBytes(drafted * (weightBytesOf(draft) + draft.kvBytesPerToken * cache.tokens), "GB"),
      },
      {
        name: "a drafted token reads, of what a token of the model reads",
        after: `${(100 * lookaheadShare(draft, cache.tokens, oneToken)).toPrecision(2)} %`,
      },
      {
        name: "scores of the drafted queries while the prompt is read",
        after: showBytes(scoreBufferBytes(cache.tokens, heads, item, 32, drafted), "GB"),
      },
    ];
    if (subject.scenario.phase === "decode") return { scenario: { sequence: capacity }, terms, shows };
    const formula = "2·L·h_kv·d_h·bytes·min(S, C)";
    return {
      terms: [...terms, { figure: "kvBytes", add: -dropped, formula }],
      shows,
      remarks: [
        "While the prompt is read one layer holds all its keys and values: the peak falls by less than the cache.",
      ],
    };
  },

  edit(subject, _, knobs) {
    const shape = knobs["draft"] === "auto" && !subject.config ? draftShapeOf(subject) : undefined;
    if (!shape)
      return {
        reason: "patch_model(model, draft, SpecKVConfig(max_capacity_prompt=…)) stands where generate is called",
      };
    return keptEdit(subject, shape, Number(knobs["capacity"]), Number(knobs["lookahead"]));
  },
});
