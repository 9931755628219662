import { known } from "../../base/unknown.ts";
import { Float } from "../../tensor/scalar.ts";
import { integer } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type AttentionCall, attentionCalls, inOtherForm, type Operands } from "../attention/calls.ts";
import { sampledEdit } from "../attention/sampledEdit.ts";
import { type CallSite, placed } from "../attention/sites.ts";
import { writtenAttention } from "../attention/unfused.ts";
import type { Subject } from "../subject.ts";
import { type Found, technique } from "./technique.ts";

/** Below this share of a layer's multiply-adds the core is not worth thinning out. */
const worthwhile = 0.1;

/**
 * In training each layer's queries attend to a random 1/ratio of the keys and values; afterwards the model is used whole.
 *
 * The core's multiply-adds and, where scores are written out, their memory fall by the ratio; parameters, projections and
 * inference stay. A fused kernel keeps no scores, so there only products fall.
 */
export default technique<CallSite>({
  id: "ssa-information-pathways",
  name: "Stochastically Subsampled self-Attention",
  kind: "attention",
  paper: {
    title: "The Information Pathways Hypothesis: Transformers are Dynamic Self-Ensembles",
    arxiv: "2306.01705",
    year: 2023,
    where: "abstract",
  },
  what: "While it is trained, attention meets a random part of the keys and values.",
  price:
    "A last stretch of training has to be dense, or accuracy is lost. Positions must go by the kept tokens' own indices, and every rank of tensor parallelism must draw the same ones.",
  demands: "training",
  exact: false,
  knobs: {
    ratio: { default: 4, what: "of how many keys one is kept", min: 1 },
    dense: { default: 0, what: "share of the steps, the last ones, trained dense", min: 0, max: 1 },
  },

  find(subject): Found<CallSite> {
    const calls = selfAttention(subject.inference);
    if (calls.length === 0) return { sites: [] };
    if (subject.scenario.phase !== "train" || !subject.step)
      return { sites: [], why: "It thins attention out in training only: inference stays as it is." };
    const trained = selfAttention(subject.step);
    const share = coreShare(trained, subject);
    const isWritten = trained.some(({ eager }) => eager);
    const [{ queries }] = calls as [AttentionCall];
    if (share < worthwhile && !isWritten)
      return {
        sites: [],
        why: `At ${queries} tokens attention's core is ${percent(share)} of the FLOPs, and no scores are kept: nothing to thin out.`,
      };
    return {
      sites: placed(
        trained,
        ({ queries: rows }) => `Attention's core over ${rows} tokens is ${percent(share)} of the FLOPs`,
      ),
    };
  },

  change(_subject, sites, knobs) {
    const ratio = Number(knobs.ratio);
    const calls = sites.flatMap((site) => site.calls);
    const [{ keys, isCausal, isMaskedByQuery }] = calls as [AttentionCall];
    const kept = Math.max(1, Math.floor(keys / ratio));
    return {
      rewrite: inOtherForm(calls, (call, operands) =>
        sampled(call, operands, Math.max(1, Math.floor(call.keys / ratio))),
      ),
      shows: [
        { name: "keys a query meets", before: keys, after: kept },
        ...(Number(knobs.dense) > 0
          ? [
              {
                name: "attention's core over the whole training",
                before: 1,
                after: (1 - Number(knobs.dense)) / ratio + Number(knobs.dense),
              },
            ]
          : []),
      ],
      remarks:
        isCausal || isMaskedByQuery
          ? [
              "Who sees whom becomes a mask, with which SDPA leaves its flash kernel; the first token stays among the kept ones, so that every query sees something.",
            ]
          : [],
    };
  },

  edit(subject, sites, knobs) {
    return sampledEdit(subject, sites, Number(knobs.ratio), Number(knobs.dense));
  },
});

function selfAttention(trace: Subject["pass"]): AttentionCall[] {
  return attentionCalls(trace).filter(({ queries, keys }) => queries === keys && queries > 1);
}

/** Share of the forward pass's multiply-adds that are between queries and keys, and weights and values. */
function coreShare(calls: readonly AttentionCall[], { inference }: Subject): number {
  let all = 0;
  for (const event of inference.events) if (event.kind === "operation") all += known(event.macs) ?? 0;
  const core = calls.reduce(
    (sum, { rows, queries, keys, width, valueWidth }) => sum + rows * queries * keys * (width + valueWidth),
    0,
  );
  return all > 0 ? core / all : 0;
}

/** As the edit writes it: beside a kernel the first key is always among the kept ones. */
function sampled(call: AttentionCall, operands: Operands, kept: number): Tensor {
  const { query, dropout, run } = operands;
  const drawn = (from: number, count: number) => run("slice", run("randperm", from, "int64"), 0, null, count, 1);
  const indices = call.eager
    ? drawn(call.keys, kept)
    : run("cat", [run("zeros", [1], "int64"), run("add", drawn(call.keys - 1, kept - 1), 1)], 0);
  const chosen = (one: Tensor) => run("index_select", one, 2, indices);
  const [key, value] = [chosen(operands.key), chosen(operands.value)];
  if (call.eager) return writtenAttention(call, { ...operands, key, value }, { sampled: kept });
  const positions = integer(query.shape[2] ?? 1);
  const isMasked = call.isCausal || call.isMaskedByQuery;
  const mask = isMasked ? run("le", indices, run("unsqueeze", run("arange", 0, positions, 1, "int64"), 1)) : null;
  const { args } = call.operation.call;
  return run(
    "scaled_dot_product_attention",
    query,
    key,
    value,
    mask,
    new Float(dropout),
    false,
    args[6] ?? null,
    args[7] ?? false,
    args[8] ?? null,
    args[9] ?? null,
  );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
