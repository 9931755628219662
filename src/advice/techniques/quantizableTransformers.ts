import { Float } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type AttentionCall, attentionCalls, inOtherForm, type Operands } from "../attention/calls.ts";
import { clippedEdit } from "../attention/clippedSoftmax.ts";
import { fusedAgain } from "../attention/fused.ts";
import { type GateKind, gated, gateParameters, isGated } from "../attention/gate.ts";
import { gateEdit } from "../attention/gateEdit.ts";
import { headsOf } from "../attention/keyHeads.ts";
import { layerInputs } from "../attention/layerInputs.ts";
import { type CallSite, passesOf, placed } from "../attention/sites.ts";
import { writtenAttention } from "../attention/unfused.ts";
import type { Subject } from "../subject.ts";
import { type Found, technique } from "./technique.ts";

/**
 * Attention heads that can do nothing, so that activations grow no outliers and plain INT8 for whole tensors works.
 *
 * A gate multiplies attention's result, which keeps a fused kernel. A clipped softmax stands between softmax and values, which
 * no fused kernel allows: attention is written out.
 */
export default technique<CallSite>({
  id: "quantizable-transformers",
  name: "Quantizable Transformers",
  kind: "quantization",
  paper: {
    title: "Quantizable Transformers: Removing Outliers by Helping Attention Heads Do Nothing",
    arxiv: "2306.12929",
    year: 2023,
    where: "sections 4 and 5",
  },
  what: "Each attention head gets a way to add nothing: a gate on its result, or a softmax that reaches zero.",
  price:
    "It has to be there from pre-training on. Gated attention keeps SDPA; clipped softmax forces attention to be written out, and made OPT worse. Nothing above 1.3 billion parameters was tried.",
  demands: "training",
  exact: false,
  knobs: {
    method: { default: "gated", what: "a gate on the result, or a clipped softmax", values: ["gated", "clipped"] },
    gate: { default: "all-heads", what: "what the gate is computed by", values: ["linear", "mlp", "all-heads"] },
    alpha: { default: 4, what: "the softmax is stretched by alpha over the length below zero", min: 0 },
  },

  find(subject): Found<CallSite> {
    const all = attentionCalls(subject.pass);
    if (all.length === 0) return { sites: [] };
    const calls = all.filter((one) => !isGated(one, subject.pass));
    if (calls.length === 0) return { sites: [], why: "Each head's result is gated already." };
    if (subject.scenario.phase !== "train")
      return {
        sites: [],
        why: "It has to be trained in: for weights that exist, calibrate INT8 by channel or by token instead.",
      };
    return {
      sites: placed(calls, ({ eager }) =>
        eager
          ? "A softmax without a zero forces heads to attend to something"
          : "A fused softmax without a zero forces heads to attend to something",
      ),
    };
  },

  change(subject, sites, knobs) {
    const own = new Set(sites.flatMap(({ calls }) => calls.map(({ at }) => at?.line)));
    const calls = passesOf(subject)
      .flatMap(attentionCalls)
      .filter(({ at }) => own.has(at?.line));
    const [first] = sites.flatMap((site) => site.calls) as [AttentionCall];
    if (knobs.method === "clipped") {
      const low = -Number(knobs.alpha) / first.keys;
      return {
        rewrite: inOtherForm(calls, (call, operands) =>
          writtenAttention(call, operands, { between: (weights) => clipped(weights, low, operands) }),
        ),
        shows: [{ name: "gamma", after: low }],
        remarks: first.eager
          ? []
          : ["Clipped softmax leaves SDPA: the scores are written to memory. Gated attention keeps it."],
      };
    }
    const kind = knobs.gate as GateKind;
    const given = layerInputs(subject);
    const { queries: heads } = headsOf(first, subject.pass, subject.scenario.batch);
    const layers = sites.reduce((sum, site) => sum + site.calls.length, 0);
    return {
      rewrite: inOtherForm(calls, (call, operands) =>
        gated(asBefore(call, operands), given.get(call.operation), kind, operands),
      ),
      shows: [{ name: "parameters of all gates", before: 0, after: layers * gateParameters(kind, heads, first.width) }],
      remarks: first.eager ? [] : ["The gate stands behind SDPA, whose kernel stays."],
    };
  },

  edit(subject: Subject, sites, knobs) {
    if (knobs.method === "clipped") return clippedEdit(subject, sites, Number(knobs.alpha));
    return gateEdit(subject, sites, knobs.gate as GateKind);
  },
});

/** Stretched to below zero, and cut off there: clip((1 − γ)·p + γ, 0, 1). */
function clipped(weights: Tensor, low: number, { run, rewriting }: Operands): Tensor {
  const scaled = run("mul", weights, new Float(1 - low));
  const stretched = run("add", scaled, new Float(low));
  rewriting.done(scaled);
  const cut = run("clamp", stretched, new Float(0), new Float(1));
  rewriting.done(stretched);
  return cut;
}

function asBefore(call: AttentionCall, operands: Operands): Tensor {
  return call.eager ? writtenAttention(call, operands) : fusedAgain(call, operands);
}
