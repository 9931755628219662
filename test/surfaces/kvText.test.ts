/** What surfaces say of what is kept from token to token. */
import assert from "node:assert/strict";
import { modelText } from "../../src/surfaces/hoverText.ts";
import { cacheRows, runtimesLine } from "../../src/surfaces/kvText.ts";
import { kvView } from "../../src/surfaces/pictures/kv.ts";
import { weighedConfig } from "../support/config.ts";

const view = { units: "GB", shorten: (path: string) => path } as const;
const config = {
  architectures: ["GptOssForCausalLM"],
  model_type: "gpt_oss",
  vocab_size: 1000,
  hidden_size: 256,
  intermediate_size: 256,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 32,
  num_local_experts: 8,
  num_experts_per_tok: 2,
  sliding_window: 128,
  layer_types: ["sliding_attention", "full_attention", "sliding_attention", "full_attention"],
  max_position_embeddings: 4096,
  torch_dtype: "bfloat16",
};
/** Of one layer: keys and values of two heads of 32. */
const token = 2 * 2 * 32 * 2;

function modelOf(scenario: Parameters<typeof weighedConfig>[1]) {
  const report = weighedConfig(config, scenario);
  const [model] = report.models;
  assert(model);
  return { report, model };
}

describe("what is kept from token to token, in words", () => {
  const { report, model } = modelOf({ sequence: 1024 });

  it("says what one more token adds, and what full windows no longer do", () => {
    assert.deepEqual(cacheRows(model, view), [
      {
        label: "KV cache",
        value: "512 B",
        note: "per token of one sequence · the full windows of 2 layers add nothing, and 512 B before that",
      },
      { label: "kept", value: "590 kB", note: "at 1,024 tokens · minimal layout, the default" },
    ]);
    assert.equal(2 * token, 512);
    assert.equal(2 * (1024 + 128) * token, 589824);
  });

  it("has a row for each runtime, the default marked", () => {
    assert.equal(
      runtimesLine(model, view),
      "KV cache by runtime: minimal 590 kB (default), transformers 589 kB, vLLM 590 kB, llama.cpp 918 kB",
    );
    const hover = modelText(report, model, view);
    assert.match(hover, /\| KV \*\*minimal\*\* \| 590 kB \|/);
    assert.match(hover, /\| KV vLLM \| 590 kB \|.*pages of 16 tokens/);
    assert.match(hover, /active per token/);
  });

  it("names a runtime that was asked for", () => {
    const asked = modelOf({ sequence: 1024, runtime: "llama.cpp" }).model;
    assert.match(runtimesLine(asked, view), /minimal 590 kB, .*llama\.cpp 918 kB \(asked for\)$/);
    assert.match(cacheRows(asked, view)[1]?.note ?? "", /llama\.cpp layout$/);
  });

  it("draws the cache with a corner where the windows are full", () => {
    const kv = kvView(model, view);
    assert.deepEqual(kv?.points.slice(0, 2), [
      { tokens: 0, bytes: 0 },
      { tokens: 128, bytes: 4 * 128 * token },
    ]);
    const [before, last] = [kv?.points[1], kv?.points[2]];
    assert.equal((last?.bytes ?? 0) - (before?.bytes ?? 0), ((last?.tokens ?? 0) - 128) * 2 * token);
  });
});
