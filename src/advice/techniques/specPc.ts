import { known } from "../../base/unknown.ts";
import { timeOf } from "../../cost/time/timeOf.ts";
import { draftPrefillFlops } from "../cache/speculation.ts";
import { cacheShape, draftKnob, draftOf } from "../cache/targets.ts";
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
    "Outputs are approximate: what was dropped the model never sees, and positions are numbered anew. One sequence at a time, greedy decoding; the draft model stays in memory.",
  demands: "nothing",
  exact: false,
  knobs: {
    capacity: { default: 2048, what: "tokens of the prompt that are kept", min: 1 },
    draft: draftKnob,
  },

  find(subject): Found<Site> {
    const cache = cacheShape(subject);
    const { phase, batch, sequence } = subject.scenario;
    if (!cache || phase === "train") return { sites: [] };
    const draft = draftOf(subject, "auto");
    if (cache.params < 2 * draft.params)
      return { sites: [], why: `${draft.name} as a draft is no small model beside this one.` };
    if (batch > 1) return { sites: [], why: `It takes one sequence at a time, and here are ${batch}.` };
    if (sequence < 8192) return { sites: [], why: `A prompt of ${sequence} tokens is short: it pays from about 8192.` };
    return { sites: [{ at: undefined, what: `The model reads a prompt of ${sequence} tokens.` }] };
  },

  change(subject, _, knobs) {
    const { scenario, device, pass, figures } = subject;
    const draft = draftOf(subject, knobs["draft"]);
    const capacity = Math.min(Number(knobs["capacity"]), scenario.sequence);
    const own = draftPrefillFlops(draft, scenario.sequence);
    const target = known(figures.layers.get("")?.flops ?? 0) ?? 0;
    const formula = "2·P_d·S + 2·L_d·d_d·S², in the target's time for as many FLOPs";
    const seconds =
      device && scenario.phase === "prefill" ? known(timeOf(pass, { device, scenario }).seconds) : undefined;
    const add = seconds && target ? (seconds * own) / target : 0;
    const terms: Term[] = [
      ...(["weightBytes", "peakBytes"] as const).map((figure) => ({
        figure,
        add: 2 * draft.params,
        formula: `${draft.name}'s weights in 16 bits`,
      })),
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

  edit: () => ({
    reason: "patch_model(model, draft, SpecPCConfig(max_capacity_prompt=…)) stands where generate is called",
  }),
});
