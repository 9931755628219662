/** Published figures of Quantizable Transformers (arXiv:2306.12929, section 5.3 and table 11). */
import { gateParameters } from "../../../src/advice/attention/gate.ts";
import { subjectOf } from "../../support/subject.ts";
import { advised } from "../advised.ts";
import type { Gate } from "./gate.ts";

const bert = JSON.stringify({
  architectures: ["BertForMaskedLM"],
  model_type: "bert",
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  vocab_size: 30522,
  max_position_embeddings: 512,
  type_vocab_size: 2,
});

const gates = [
  ["BERT-base, MLP gates", "mlp", 12, 64, 12, "152208"],
  ["BERT-base, linear gates", "linear", 12, 64, 12, "9360"],
  ["OPT-125m, linear gates", "linear", 12, 64, 12, "9360"],
  ["OPT-350m, linear gates", "linear", 16, 64, 24, "24960"],
  ["OPT-1.3B, a gate over all heads", "all-heads", 32, 64, 24, "1573632"],
] as const;

export function quantizableGates(): readonly Gate[] {
  const trained = subjectOf(bert, {
    phase: "train",
    batch: 256,
    sequence: 128,
    attention: "eager",
    dtype: "fp16",
    device: "nvidia-a100-sxm-80gb",
  });
  const slower = (method: string) => {
    const { before, after } = advised(trained, `quantizable-transformers[method=${method},gate=linear]`);
    return 100 * ((after.eagerSeconds ?? 0) / (before.eagerSeconds ?? 1) - 1);
  };
  const gated = advised(trained, "quantizable-transformers[gate=linear]");
  const [was = 0, is = 0] = [gated.before.params, gated.after.params];
  return [
    ...gates.map(
      ([what, kind, heads, width, layers, published]): Gate => ({
        what: `${what}: parameters`,
        published,
        here: layers * gateParameters(kind, heads, width),
        within: "exact",
      }),
    ),
    {
      what: "BERT-base, linear gates, % of its parameters",
      published: "0.009",
      here: (100 * (is - was)) / was,
      within: "exact",
    },
    {
      what: "BERT-base, MLP gates, % of its parameters",
      published: "0.14",
      here: (100 * 12 * gateParameters("mlp", 12, 64)) / was,
      within: "exact",
    },
    {
      what: "BERT-base's training with clipped softmax, % slower",
      published: "0.9",
      here: slower("clipped"),
      within: [0, 10],
    },
    { what: "BERT-base's training with gates, % slower", published: "5.3", here: slower("gated"), within: [0, 10] },
  ];
}
