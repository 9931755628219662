import assert from "node:assert/strict";
import { known } from "../../src/base/unknown.ts";
import type { ModelReport } from "../../src/cost/report.ts";
import { beside, safetensorsFile, type Tensors } from "../support/checkpointFiles.ts";
import { weighedConfig } from "../support/config.ts";

const decoder = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 64,
  intermediate_size: 160,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  num_key_value_heads: 2,
  vocab_size: 100,
  torch_dtype: "bfloat16",
};

/** The matrices of one of its layers. */
const matrices: Tensors = {
  "self_attn.q_proj.weight": ["BF16", 64, 64],
  "self_attn.k_proj.weight": ["BF16", 32, 64],
  "self_attn.v_proj.weight": ["BF16", 32, 64],
  "self_attn.o_proj.weight": ["BF16", 64, 64],
  "mlp.gate_proj.weight": ["BF16", 160, 64],
  "mlp.up_proj.weight": ["BF16", 160, 64],
  "mlp.down_proj.weight": ["BF16", 64, 160],
};
const norms: Tensors = { "input_layernorm.weight": ["BF16", 64], "post_attention_layernorm.weight": ["BF16", 64] };
const ends: Tensors = {
  "model.embed_tokens.weight": ["BF16", 100, 64],
  "model.norm.weight": ["BF16", 64],
  "lm_head.weight": ["BF16", 100, 64],
};

function layers(count: number, of: Tensors): Tensors {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) =>
      Object.entries(of).map(([name, tensor]) => [`model.layers.${i}.${name}`, tensor]),
    ).flat(),
  );
}
const whole: Tensors = { ...ends, ...layers(2, { ...matrices, ...norms }) };

function without(tensors: Tensors, pattern: RegExp): Tensors {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !pattern.test(name)));
}

function weighed(config: object, tensors: Tensors): { model: ModelReport; told: string[] } {
  const report = weighedConfig({ ...config }, {}, beside({ "model.safetensors": safetensorsFile(tensors) }));
  const told = report.problems
    .filter(({ rule }) => rule === "checkpoint-mismatch")
    .map(({ severity, what }) => `${severity}: ${what}`);
  return { model: report.models[0]!, told };
}

describe("a checkpoint beside a config", () => {
  it("says what is stored, and is silent where that is the model", () => {
    const { model, told } = weighed(decoder, whole);
    assert.deepEqual(told, []);
    assert.deepEqual(model.checkpoint, {
      format: "safetensors",
      files: ["model.safetensors"],
      tensors: 21,
      bytes: 2 * known(model.root.params)!,
      params: known(model.root.params),
      byType: [{ type: "BF16", bytes: 2 * known(model.root.params)!, tensors: 21 }],
      differences: [],
      faults: [],
    });
  });

  it("may store a tied head or leave it out", () => {
    const tied = { ...decoder, tie_word_embeddings: true };
    assert.deepEqual(weighed(tied, whole).told, []);
    assert.deepEqual(weighed(tied, without(whole, /^lm_head/)).told, []);
    assert.deepEqual(weighed(decoder, without(whole, /^lm_head/)).told, [
      "warning: The checkpoint stores 92.7 K parameters, 6400 fewer than the config's model: missing are lm_head.weight (6.4 K).",
    ]);
  });

  it("may store buffers of older releases", () => {
    const older = { ...whole, ...layers(2, { "self_attn.rotary_emb.inv_freq": ["F32", 8] }) };
    assert.deepEqual(weighed(decoder, older).told, []);
  });

  it("may be of the model without its head's name", () => {
    const bare = Object.fromEntries(
      Object.entries(without(whole, /^lm_head/)).map(([name, one]) => [name.replace(/^model\./, ""), one]),
    );
    assert.deepEqual(weighed({ ...decoder, architectures: ["LlamaModel"] }, bare).told, []);
    assert.deepEqual(weighed({ ...decoder, tie_word_embeddings: true }, bare).told, []);
  });

  it("names both shapes where one differs", () => {
    const wider = { ...whole, ...layers(2, { "mlp.up_proj.weight": ["BF16", 192, 64] }) };
    assert.deepEqual(weighed(decoder, wider).told, [
      "warning: The checkpoint stores model.layers.*.mlp.up_proj.weight as [192, 64], but the config's model has [160, 64] (2 such tensors).",
      "warning: The checkpoint stores 103.2 K parameters, 4096 more than the config's model.",
    ]);
  });

  it("tells apart layers behind the last one from tensors that nothing has", () => {
    assert.deepEqual(weighed(decoder, { ...whole, ...layers(3, { ...matrices, ...norms }) }).told, [
      "information: The checkpoint stores 142.3 K parameters, 43136 more than the config's model: 43136 in layers behind the model's last one.",
    ]);
    assert.deepEqual(weighed(decoder, { ...whole, ...layers(2, { "self_attn.q_norm.weight": ["BF16", 16] }) }).told, [
      "warning: The checkpoint stores 99.2 K parameters, 32 more than the config's model: the model has no 2 × model.layers.*.self_attn.q_norm.weight (32).",
    ]);
  });

  it("may hold heads of other tasks, which is told without a warning", () => {
    const more: Tensors = { ...whole, "value_head.weight": ["BF16", 1, 64], "value_head.bias": ["BF16", 1] };
    assert.deepEqual(weighed(decoder, more).told, [
      "information: The checkpoint stores 99.2 K parameters, 65 more than the config's model: the model has no value_head.weight (64), value_head.bias (1).",
    ]);
  });

  it("is put together from its shards, and counted by its index where their headers are not read", () => {
    const [first, second] = [without(whole, /layers\.1|lm_head/), without(whole, /layers\.0|embed|norm\.weight$/)];
    const rest = Object.fromEntries(Object.entries(whole).filter(([name]) => !(name in first) && !(name in second)));
    const shards = { "a.safetensors": first, "b.safetensors": { ...second, ...rest } };
    const map = Object.entries(shards).flatMap(([file, tensors]) => Object.keys(tensors).map((name) => [name, file]));
    const index = JSON.stringify({ metadata: { total_size: 173_312 }, weight_map: Object.fromEntries(map) });
    const files = Object.fromEntries(Object.entries(shards).map(([file, one]) => [file, safetensorsFile(one)]));
    const there = weighedConfig(decoder, {}, beside({ "model.safetensors.index.json": index, ...files })).models[0]!;
    assert.deepEqual(there.checkpoint?.files, ["a.safetensors", "b.safetensors"]);
    assert.equal(there.checkpoint?.params, known(there.root.params));
    assert.deepEqual(there.checkpoint?.differences, []);
    const alone = weighedConfig(decoder, {}, beside({ "model.safetensors.index.json": index })).models[0]!;
    const half = beside({ "model.safetensors.index.json": index, "a.safetensors": files["a.safetensors"]! });
    assert.deepEqual(weighedConfig(decoder, {}, half).models[0]?.checkpoint?.faults, [
      "b.safetensors: there is no such file",
    ]);
    assert.deepEqual(alone.checkpoint?.faults, []);
    assert.equal(alone.checkpoint?.bytes, 173_312);
    assert.equal(alone.checkpoint?.params, undefined);
    assert.deepEqual(alone.checkpoint?.differences, []);
  });

  it("that is cut short or no safetensors is a finding", () => {
    const cut = beside({ "model.safetensors": safetensorsFile(whole, undefined, 10) });
    assert.match(weighedConfig(decoder, {}, cut).problems.at(-1)!.what, /cut short\.$/);
    const text = {
      size: 100,
      version: "",
      read: () => new TextEncoder().encode("version https://git-lfs".padEnd(100)),
    };
    const pointer = weighedConfig(decoder, {}, beside({ "model.safetensors": text }));
    assert.match(pointer.problems.at(-1)!.what, /no safetensors file\.$/);
    assert.equal(pointer.models[0]?.checkpoint?.params, undefined);
  });
});

describe("a quantized checkpoint beside its config", () => {
  const config = { ...decoder, torch_dtype: "float16", hidden_size: 128, intermediate_size: 160 };
  const gptq = { ...config, quantization_config: { quant_method: "gptq", bits: 4, group_size: 64 } };
  const packed = (inputs: number, outputs: number, name: string): Tensors => ({
    [`${name}.qweight`]: ["I32", inputs / 8, outputs],
    [`${name}.qzeros`]: ["I32", Math.ceil(inputs / 64), outputs / 8],
    [`${name}.scales`]: ["F16", Math.ceil(inputs / 64), outputs],
    [`${name}.g_idx`]: ["I32", inputs],
  });
  const tensors: Tensors = {
    "model.embed_tokens.weight": ["F16", 100, 128],
    "model.norm.weight": ["F16", 128],
    "lm_head.weight": ["F16", 100, 128],
    ...layers(2, {
      "input_layernorm.weight": ["F16", 128],
      "post_attention_layernorm.weight": ["F16", 128],
      ...packed(128, 128, "self_attn.q_proj"),
      ...packed(128, 64, "self_attn.k_proj"),
      ...packed(128, 64, "self_attn.v_proj"),
      ...packed(128, 128, "self_attn.o_proj"),
      ...packed(128, 160, "mlp.gate_proj"),
      ...packed(128, 160, "mlp.up_proj"),
      ...packed(160, 128, "mlp.down_proj"),
    }),
  };

  it("holds the tensors that its method makes, whose bytes are the weights'", () => {
    const { model, told } = weighed(gptq, tensors);
    assert.deepEqual(told, []);
    assert.equal(model.checkpoint?.params, known(model.root.params));
    assert.equal(model.checkpoint?.bytes, known(model.memory.weightBytes));
  });

  it("is told where the config says other groups, or nothing of them", () => {
    const other = { ...config, quantization_config: { quant_method: "gptq", bits: 4, group_size: 32 } };
    assert.match(weighed(other, tensors).told[0]!, /stores model\.layers\.\*\..* as \[\d, \d+\], but/);
    assert.match(weighed(config, tensors).told[0]!, /fewer than the config's model: missing are/);
  });

  it("is told where it stores the weights whole", () => {
    const { [Symbol.iterator]: _, ...dense } = Object.fromEntries(
      Object.entries(tensors).flatMap(([name, tensor]): [string, Tensors[string]][] => {
        if (!name.endsWith(".qweight")) return /\.(qzeros|scales|g_idx)$/.test(name) ? [] : [[name, tensor]];
        return [[name.replace("qweight", "weight"), ["F16", tensor[2]!, 8 * tensor[1]!]]];
      }),
    ) as Tensors & { [Symbol.iterator]?: never };
    assert.match(weighed(gptq, dense).told[0]!, /with the config's quantization \(4-bit GPTQ\) the weights take/);
  });
});

describe("a mixture's checkpoint beside its config", () => {
  const config = {
    ...decoder,
    architectures: ["MixtralForCausalLM"],
    model_type: "mixtral",
    num_local_experts: 3,
    num_experts_per_tok: 2,
  };
  const each = (name: string): Tensors => ({
    [`${name}.w1.weight`]: ["BF16", 160, 64],
    [`${name}.w2.weight`]: ["BF16", 64, 160],
    [`${name}.w3.weight`]: ["BF16", 160, 64],
  });
  const experts = (count: number): Tensors =>
    Object.assign({}, ...Array.from({ length: count }, (_, i) => each(`block_sparse_moe.experts.${i}`)));
  const mixture = (count: number): Tensors => ({
    ...ends,
    ...layers(2, {
      ...without(matrices, /mlp/),
      ...norms,
      "block_sparse_moe.gate.weight": ["BF16", 3, 64],
      ...experts(count),
    }),
  });

  it("stores each expert for itself", () => {
    const { model, told } = weighed(config, mixture(3));
    assert.deepEqual(told, []);
    assert.equal(model.checkpoint?.params, known(model.root.params));
  });

  it("is told where experts are fewer", () => {
    assert.deepEqual(weighed(config, mixture(2)).told, [
      "warning: The checkpoint stores 161 K parameters, 61440 fewer than the config's model: missing are 2 × model.layers.*.mlp.experts (61.4 K).",
    ]);
  });
});

describe("a mixture's quantized checkpoint", () => {
  const config = {
    ...decoder,
    architectures: ["GptOssForCausalLM"],
    model_type: "gpt_oss",
    head_dim: 16,
    intermediate_size: 64,
    num_local_experts: 4,
    num_experts_per_tok: 2,
    quantization_config: { quant_method: "mxfp4", modules_to_not_convert: ["lm_head"] },
  };
  const tensors: Tensors = {
    ...ends,
    ...layers(2, {
      ...norms,
      ...without(matrices, /mlp/),
      "self_attn.q_proj.bias": ["BF16", 64],
      "self_attn.k_proj.bias": ["BF16", 32],
      "self_attn.v_proj.bias": ["BF16", 32],
      "self_attn.o_proj.bias": ["BF16", 64],
      "self_attn.sinks": ["BF16", 4],
      "mlp.router.weight": ["BF16", 4, 64],
      "mlp.router.bias": ["BF16", 4],
      "mlp.experts.gate_up_proj_blocks": ["U8", 4, 128, 2, 16],
      "mlp.experts.gate_up_proj_scales": ["U8", 4, 128, 2],
      "mlp.experts.gate_up_proj_bias": ["BF16", 4, 128],
      "mlp.experts.down_proj_blocks": ["U8", 4, 64, 2, 16],
      "mlp.experts.down_proj_scales": ["U8", 4, 64, 2],
      "mlp.experts.down_proj_bias": ["BF16", 4, 64],
    }),
  };

  it("counts each packed byte as the elements that it holds", () => {
    const { model, told } = weighed(config, tensors);
    assert.deepEqual(told, []);
    assert.equal(model.checkpoint?.params, known(model.root.params));
    assert.equal(model.checkpoint?.bytes, known(model.memory.weightBytes));
  });
});
