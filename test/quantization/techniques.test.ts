import assert from "node:assert/strict";
import { costsOf, priced } from "../../src/advice/pricing.ts";
import { techniques } from "../../src/advice/techniques.ts";
import { Unknown } from "../../src/base/unknown.ts";
import { subjectOf } from "../support/subject.ts";

const config = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 256,
  intermediate_size: 704,
  num_attention_heads: 8,
  num_hidden_layers: 2,
  num_key_value_heads: 2,
  vocab_size: 500,
  torch_dtype: "float16",
  quantization_config: { quant_method: "awq", bits: 4, group_size: 64 },
});

describe("techniques on a model that its config quantizes", () => {
  const subject = subjectOf(config, { phase: "decode", sequence: 64 });

  it("find the same bytes where a changed program leaves the weights alone", () => {
    const before = costsOf(subject);
    const same = priced(subject, [{ rewrite: () => undefined }], before);
    assert(!(same instanceof Unknown));
    for (const figure of ["weightBytes", "trafficBytes", "params", "trainableParams"] as const)
      assert.equal(same.after[figure], before[figure], figure);
    assert((before.weightBytes ?? 0) < before.params!, "less than a byte a parameter");
  });

  it("do not quantize it again", () => {
    for (const id of ["llm-int8", "weight-only-int4", "weight-only-int8", "fp8-weights"]) {
      const found = techniques.get(id)?.find(subject);
      assert.deepEqual(found, { sites: [], why: "The weights are stored in fewer bits already." }, id);
    }
  });

  it("train no adapters on layers that are frozen already", () => {
    const trained = subjectOf(config, { phase: "train", sequence: 64 });
    assert.deepEqual(techniques.get("qlora")?.find(trained), {
      sites: [],
      why: "The linear layers are frozen already.",
    });
  });
});
