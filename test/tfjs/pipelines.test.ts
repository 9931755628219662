/** What transformers.js loads: files by their own types. */
import assert from "node:assert/strict";
import { known } from "../../src/base/unknown.ts";
import { analyzedScript } from "../support/scripts.ts";

const turbo = {
  model_type: "whisper",
  architectures: ["WhisperForConditionalGeneration"],
  d_model: 1280,
  encoder_layers: 32,
  decoder_layers: 4,
  encoder_attention_heads: 20,
  decoder_attention_heads: 20,
  encoder_ffn_dim: 5120,
  decoder_ffn_dim: 5120,
  vocab_size: 51866,
  num_mel_bins: 128,
};
const writer = { model_type: "gpt2", architectures: ["GPT2LMHeadModel"], n_layer: 12, n_embd: 768, n_head: 12 };

function loaded(config: object, settings: string, scenario: Record<string, never> | object = {}) {
  const text = `import { pipeline } from "@huggingface/transformers";\nconst it = await pipeline("task", "acme/it", ${settings});\n`;
  const files = { "models/acme/it/config.json": JSON.stringify(config) };
  const [model] = analyzedScript("app.js", text, undefined, scenario, files).models;
  assert.ok(model);
  return model;
}

const bytes = (config: object, settings: string) => known(loaded(config, settings).memory.weightBytes) ?? Number.NaN;

describe("what transformers.js loads", () => {
  // The size that a page published for whisper-large-v3-turbo so loaded: 1608 MB with all that lies beside the weights.
  it("takes each file in its own type, and four bits leave the embedding as it was", () => {
    const both = bytes(turbo, `{ device: "webgpu", dtype: { encoder_model: "fp16", decoder_model_merged: "q4" } }`);
    assert.ok(Math.abs(both / 1608e6 - 1) < 0.005, String(both));
  });

  it("takes a file that nothing is said of in the device's own type", () => {
    const encoder = (dtype: string) => bytes(turbo, `{ device: "webgpu", dtype: { encoder_model: "${dtype}" } }`);
    const whole = bytes(turbo, `{ device: "webgpu" }`);
    assert.equal(encoder("fp32"), whole);
    assert.ok(encoder("fp16") < whole);
  });

  it("counts tied weights once, and all of them", () => {
    const model = loaded(writer, `{ device: "webgpu", dtype: "fp32" }`);
    assert.equal(model.memory.weightBytes, 4 * (known(model.root.params) ?? 0));
    assert.equal(model.root.weightBytes, model.memory.weightBytes);
  });

  it("tells of keys and values, in 32 bits unless the config says otherwise", () => {
    const perToken = 12 * 2 * 768;
    const kept = { ...writer, "transformers.js_config": { kv_cache_dtype: { q4f16: "float16" } } };
    const kv = (config: object, dtype: string) =>
      loaded(config, `{ device: "webgpu", dtype: "${dtype}" }`).memory.kvBytesPerToken;
    assert.equal(kv(writer, "q4"), 4 * perToken);
    assert.equal(kv(writer, "q4f16"), 4 * perToken);
    assert.equal(kv(kept, "q4f16"), 2 * perToken);
  });

  it("says of quantized weights that their bytes are nearly so, though all parameters are known", () => {
    const { complete } = loaded(writer, `{ device: "webgpu", dtype: "q4" }`);
    assert.deepEqual([complete.params, complete.weights], [true, false]);
    assert.equal(loaded(writer, `{ device: "webgpu", dtype: "fp16" }`).complete.weights, undefined);
  });

  it("keeps the scenario's browser where it is of the kind that is asked for", () => {
    const card = { device: "generic-browser-webgpu-desktop-8gb" };
    assert.equal(loaded(writer, `{ device: "webgpu" }`, card).device?.id, card.device);
    assert.equal(loaded(writer, `{ device: "wasm" }`, card).device?.id, "generic-browser-wasm-laptop-4gb");
  });
});
