/** A KV cache in a type of its own lowers the peak of a decode step by what it really saves. */
import assert from "node:assert/strict";
import { costsOf } from "../../src/advice/pricing.ts";
import type { AskedScenario } from "../../src/base/scenario.ts";
import { known } from "../../src/base/unknown.ts";
import { subjectOf } from "../support/subject.ts";

const layers = 6;
const config = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 512,
  intermediate_size: 1024,
  num_hidden_layers: layers,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  max_position_embeddings: 131072,
  vocab_size: 1000,
  torch_dtype: "bfloat16",
});
const [batch, sequence] = [4, 32768];
const decode = (change: Partial<AskedScenario> = {}) => {
  const subject = subjectOf(config, { phase: "decode", device: "nvidia-h100-sxm-80gb", batch, sequence, ...change });
  const { kvBytes = 0, peakBytes = 0 } = costsOf(subject);
  const terms = subject.weighed?.memory.terms ?? [];
  // Rests of blocks come and go with their sizes.
  const rests = known(terms.find(({ name }) => name.startsWith("rests"))?.bytes ?? 0) ?? 0;
  return { kvBytes, peakBytes: peakBytes - rests };
};
/** Elements of one layer's keys, or of its values, with the new token. */
const half = batch * 2 * 64 * (sequence + 1);
const all = 2 * layers * half;
const near = (got: number, wanted: number, what: string) =>
  assert(Math.abs(got - wanted) < 0.005 * wanted, `${what}: ${got} and not about ${wanted}`);

describe("a KV cache in a type of its own", () => {
  const plain = decode();

  it("takes two bytes an element in bf16, and one layer's keys or values once more while they grow", () => {
    assert.equal(plain.kvBytes, 2 * all);
    const longer = decode({ sequence: 2 * sequence });
    near(longer.peakBytes - plain.peakBytes, 2 * all + 2 * half, "growth with the sequence");
  });

  it("in fp8 is read as it is stored: the peak falls by half of what it had of it", () => {
    const fp8 = decode({ kvDtype: "fp8" });
    assert.equal(fp8.kvBytes, all);
    near(plain.peakBytes - fp8.peakBytes, all + half, "saving");
  });

  it("in int8 and int4 has scales, a window of 128 tokens in full, and one layer written out twice", () => {
    const residual = 2 * layers * batch * 2 * 64 * 128;
    for (const [kvDtype, item] of [
      ["int8", 1 + 4 / 64],
      ["int4", 0.5 + 4 / 64],
    ] as const) {
      const { kvBytes, peakBytes } = decode({ kvDtype, runtime: "transformers" });
      near(kvBytes, (all - residual) * item + 2 * residual, kvDtype);
      // Keys and values as they were, and both again with the new token.
      near(plain.peakBytes - peakBytes, 2 * all + 2 * half - kvBytes - 4 * 2 * half, `saving of ${kvDtype}`);
    }
  });

  it("in int8 of llama.cpp is read as it is stored", () => {
    assert(decode({ kvDtype: "int8", runtime: "llama.cpp" }).peakBytes < decode({ kvDtype: "int8" }).peakBytes);
  });

  it("changes nothing in training, where keys and values are activations", () => {
    const step = (kvDtype?: "int8") =>
      costsOf(subjectOf(config, { phase: "train", device: "nvidia-h100-sxm-80gb", batch: 1, sequence: 128, kvDtype }));
    assert.equal(step("int8").peakBytes, step().peakBytes);
  });
});
