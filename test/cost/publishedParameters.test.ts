/** The parameters of published checkpoints, from their configs alone. */
import assert from "node:assert/strict";
import { checkpoint, checkpoints, definitionOf } from "../support/publishedCheckpoints.ts";
import { weighed } from "../support/weigh.ts";

describe("a published checkpoint has the parameters that its safetensors headers give", () => {
  for (const { name, stored, extra, config } of checkpoints)
    it(extra ? `${name}, where ${extra.why}` : name, () => {
      const { params, error } = weighed(definitionOf(config));
      assert.equal(error, undefined);
      assert.equal((params ?? Number.NaN) + (extra?.elements ?? 0), stored);
    });
});

/** Billions as the model cards print them, some cut and some rounded. DeepSeek and OpenAI leave the embedding's table out. */
const active: readonly (readonly [name: string, billions: string, without?: number])[] = [
  ["mistralai/Mixtral-8x7B-v0.1", "12.9"],
  ["mistralai/Mixtral-8x22B-v0.1", "39"],
  ["Qwen/Qwen1.5-MoE-A2.7B", "2.7"],
  ["Qwen/Qwen3-30B-A3B", "3.3"],
  ["Qwen/Qwen3-235B-A22B", "22"],
  ["Qwen/Qwen3-Coder-480B-A35B-Instruct", "35"],
  ["allenai/OLMoE-1B-7B-0924", "1.3"],
  ["deepseek-ai/DeepSeek-V2-Lite", "2.4", 102400 * 2048],
  ["deepseek-ai/DeepSeek-V2", "21", 102400 * 5120],
  ["microsoft/MAI-DS-R1", "37", 129280 * 7168],
  ["ai21labs/Jamba-v0.1", "12"],
  ["openai/gpt-oss-20b", "3.61", 201088 * 2880],
  ["openai/gpt-oss-120b", "5.13", 201088 * 2880],
];

describe("a mixture of experts says how many parameters a token uses, and never in the place of all", () => {
  for (const [name, billions, without = 0] of active)
    it(`${name}: ${billions} billion`, () => {
      const given = checkpoint(name);
      const { params, activeParams } = weighed({ ...definitionOf(given.config), kwargs: { input_ids: "int64[1,16]" } });
      assert.equal((params ?? Number.NaN) + (given.extra?.elements ?? 0), given.stored);
      const unit = 10 ** -(billions.split(".")[1]?.length ?? 0);
      const got = ((activeParams ?? Number.NaN) - without) / 1e9;
      assert(Math.abs(got - Number(billions)) < unit, `${got} billion`);
    });
});

describe("a mixture of experts whose products are laid out in other ways", () => {
  const activeOf = (config: Readonly<Record<string, unknown>>) =>
    (weighed({ ...definitionOf(config), kwargs: { input_ids: "int64[1,16]" } }).activeParams ?? Number.NaN) / 1e9;

  it("Granite 3.0 1B-A400M: each choice is a row before the experts are called", () => {
    const active = activeOf({
      architectures: ["GraniteMoeForCausalLM"],
      model_type: "granitemoe",
      vocab_size: 49155,
      hidden_size: 1024,
      intermediate_size: 512,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      num_local_experts: 32,
      num_experts_per_tok: 8,
      tie_word_embeddings: true,
    });
    assert.equal(active.toFixed(1), "0.4");
  });

  it("Llama 4 Scout, 17 billion: every token goes through all experts, of which one counts", () => {
    const active = activeOf({
      architectures: ["Llama4ForCausalLM"],
      model_type: "llama4_text",
      vocab_size: 202048,
      hidden_size: 5120,
      intermediate_size: 8192,
      intermediate_size_mlp: 16384,
      num_hidden_layers: 48,
      num_attention_heads: 40,
      num_key_value_heads: 8,
      head_dim: 128,
      num_local_experts: 16,
      num_experts_per_tok: 1,
      interleave_moe_layer_step: 1,
      tie_word_embeddings: false,
    });
    assert.equal(active.toFixed(0), "17");
  });
});
