import { known } from "../../base/unknown.ts";
import { timeOf } from "../../cost/time/timeOf.ts";
import { attentionCalls } from "../attention/calls.ts";
import { chosenEdit } from "../cache/draftEdit.ts";
import { draftPrefillFlops } from "../cache/speculation.ts";
import { cacheShape, draftKnob, draftOf, draftShapeOf, draftTerms, has } from "../cache/targets.ts";
import { type Found, type Site, type Term, technique } from "./technique.ts";

/**
 * A draft model's attention says which tokens of the prompt the target sees: C in place of S.
 *
 * The target is interpreted again at C tokens. The draft reads all S: 2·P_d·S + 2·L_d·d_d·S² FLOPs, in the time that the target
 * takes for as many.
 */
export default technique<Site>({
  id: "spec-pc",
  name: "SpecPC",
  kind: "input",
  paper: {
    title: "Draft-based Approximate Inference for LLMs",
    arxiv: "2506.08373",
    year: 2025,
    where: "SpecPC; released code",
  },
  what: "A small model's attention drops tokens of the prompt before the large model reads it.",
  price:
    "Outputs are approximate: what was dropped the model never sees, and positions are numbered anew. One sequence at a time, greedy decoding; the draft model stays in memory. Where no small model of the family exists, one is built beside it and needs training.",
  demands: "nothing",
  exact: false,
  knobs: {
    capacity: { default: 2048, what: "tokens of the prompt that are kept", min: 1 },
    draft: draftKnob,
  },

  find(subject): Found<Site> {
    const cache = cacheShape(subject);
    if (has(subject, "Draft")) return { sites: [], why: "A draft model reads its prompts already." };
    const { phase, batch, sequence } = subject.scenario;
    if (phase === "train") return { sites: [] };
    const isDecoder = cache !== undefined || attentionCalls(subject.pass).some(({ isCausal }) => isCausal);
    const params = known(subject.figures.layers.get("")?.params ?? 0) ?? 0;
    if (!isDecoder || !draftShapeOf(subject)) return { sites: [] };
    const draft = draftOf(subject, "auto");
    if (params < 2 * draft.params)
      return { sites: [], why: `${draft.name} as a draft is no small model beside this one.` };
    if (batch > 1) return { sites: [], why: `It takes one sequence at a time, and here are ${batch}.` };
    if (sequence < 8192) return { sites: [], why: `A prompt of ${sequence} tokens is short: it pays from about 8192.` };
    return { sites: [{ at: undefined, what: `The model reads a prompt of ${sequence} tokens.` }] };
  },

  change(subject, _, knobs) {
    const { scenario, device, pass, figures } = subject;
    const draft = draftOf(subject, knobs.draft);
    const capacity = Math.min(Number(knobs.capacity), scenario.sequence);
    const own = draftPrefillFlops(draft, scenario.sequence, true);
    const target = known(figures.layers.get("")?.flops ?? 0) ?? 0;
    const formula = "2·P_d·S + 4·L_d·d_d·S², in the target's time for as many FLOPs";
    const seconds =
      device && scenario.phase === "prefill" ? known(timeOf(pass, { device, scenario }).seconds) : undefined;
    const add = seconds && target ? (seconds * own) / target : 0;
    const terms: Term[] = [
      ...draftTerms(subject, draft, knobs["draft"]),
      { figure: "flops", add: own, formula },
      ...(scenario.phase === "prefill"
        ? ([
            { figure: "seconds", add, formula },
            { figure: "eagerSeconds", add, formula },
          ] as const)
        : []),
    ];
    return {
      scenario: { sequence: capacity },
      terms,
      shows: [
        { name: "tokens that the model reads", before: scenario.sequence, after: capacity },
        {
          name: `${draft.name}'s prefill`,
          after: `${((100 * own) / (target || own)).toPrecision(2)} % of the whole prompt's`,
        },
      ],
    };
  },

  edit(subject, _, knobs) {
    const shape = knobs["draft"] === "auto" && !subject.config ? draftShapeOf(subject) : undefined;
    if (!shape)
      return {
        reason: "patch_model(model, draft, SpecPCConfig(max_capacity_prompt=…)) stands where generate is called",
      };
    return chosenEdit(subject, shape, Number(knobs["capacity"]));
  },
});
