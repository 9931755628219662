/** Weights that are kept in fewer bits are read in fewer bits. */
import assert from "node:assert/strict";
import { costsOf } from "../../src/advice/pricing.ts";
import { subjectOf } from "../support/subject.ts";

const config = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 256,
  intermediate_size: 512,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 1000,
  torch_dtype: "bfloat16",
});

describe("a decode step with weights of fewer bits", () => {
  const costs = (dtype: "bf16" | "fp8" | "int8" | "int4") =>
    costsOf(subjectOf(config, { phase: "decode", dtype, sequence: 64 }));
  const whole = costs("bf16");
  for (const dtype of ["fp8", "int8", "int4"] as const)
    it(`reads of ${dtype} what it stores, and takes no longer`, () => {
      const less = costs(dtype);
      const [stored, read] = [whole.weightBytes! - less.weightBytes!, whole.trafficBytes! - less.trafficBytes!];
      assert(stored > 0 && Math.abs(read - stored) < 1e-6 * stored, `${read} bytes less read, ${stored} less stored`);
      assert(less.seconds! <= whole.seconds!);
    });
});
