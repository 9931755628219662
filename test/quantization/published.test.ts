import assert from "node:assert/strict";
import { known } from "../../src/base/unknown.ts";
import { allLayers } from "../../src/surfaces/layers.ts";
import { storedRows, storedText } from "../../src/surfaces/storedText.ts";
import { weighedConfig } from "../support/config.ts";

type Config = Readonly<Record<string, unknown>>;

const llama2 = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 4096,
  intermediate_size: 11008,
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 32,
  vocab_size: 32000,
  torch_dtype: "float16",
};

const llama3 = { ...llama2, intermediate_size: 14336, num_key_value_heads: 8, vocab_size: 128256 };

const gptOss = {
  architectures: ["GptOssForCausalLM"],
  model_type: "gpt_oss",
  hidden_size: 2880,
  intermediate_size: 2880,
  head_dim: 64,
  num_attention_heads: 64,
  num_hidden_layers: 24,
  num_key_value_heads: 8,
  num_local_experts: 32,
  num_experts_per_tok: 4,
  vocab_size: 201088,
  torch_dtype: "bfloat16",
  attention_bias: true,
};

/** Sizes of checkpoints as their pages print them, or as their index files count them to the byte. */
const rows: readonly { name: string; config: Config; printed: string; params?: number }[] = [
  {
    name: "TheBloke/Llama-2-7B-GPTQ, main",
    config: {
      ...llama2,
      quantization_config: { quant_method: "gptq", bits: 4, group_size: 128, desc_act: false, damp_percent: 0.1 },
    },
    printed: "3.9 GB",
    params: 6_738_415_616,
  },
  {
    name: "hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4",
    config: {
      ...llama3,
      quantization_config: { quant_method: "awq", bits: 4, group_size: 128, zero_point: true, version: "gemm" },
    },
    printed: "5.73 GB",
    params: 8_030_261_248,
  },
  {
    name: "unsloth/llama-3-8b-bnb-4bit",
    config: {
      ...llama3,
      torch_dtype: "bfloat16",
      transformers_version: "4.44.2",
      quantization_config: {
        quant_method: "bitsandbytes",
        load_in_4bit: true,
        bnb_4bit_quant_type: "nf4",
        bnb_4bit_use_double_quant: true,
        bnb_4bit_compute_dtype: "bfloat16",
      },
    },
    printed: "5.70 GB",
  },
  {
    name: "neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8",
    config: {
      ...llama3,
      torch_dtype: "bfloat16",
      quantization_config: { quant_method: "fp8", activation_scheme: "static", ignored_layers: ["lm_head"] },
    },
    printed: "9.08 GB",
  },
  {
    name: "openai/gpt-oss-20b",
    config: {
      ...gptOss,
      quantization_config: {
        quant_method: "mxfp4",
        modules_to_not_convert: [
          "model.layers.*.self_attn",
          "model.layers.*.mlp.router",
          "model.embed_tokens",
          "lm_head",
        ],
      },
    },
    printed: "13761264768 bytes",
    params: 20_914_757_184,
  },
];

describe("a quantized checkpoint takes what is published of it", () => {
  for (const { name, config, printed, params } of rows)
    it(`${name}: ${printed}`, () => {
      const [model] = weighedConfig(config).models;
      assert(model);
      const bytes = known(model.memory.weightBytes) ?? 0;
      const digits = printed.split(" ")[0]!.split(".")[1]?.length ?? 0;
      const shown = printed.endsWith("bytes") ? `${bytes} bytes` : `${(bytes / 1e9).toFixed(digits)} GB`;
      assert.equal(shown, printed);
      assert.equal(known(model.root.weightBytes), bytes, "the layers add up to the whole");
      assert.deepEqual(model.quantization?.faults, []);
      assert.equal(model.complete.weights, true);
      if (params !== undefined) assert.equal(known(model.root.params), params);
    });
});

describe("a quantization that is not known", () => {
  const [model] = weighedConfig({ ...llama2, quantization_config: { quant_method: "aqlm" } }).models;
  const report = weighedConfig({ ...llama2, quantization_config: { quant_method: "gptq", bits: 5 } });

  it("is a finding at its key, and no vouched bytes", () => {
    const [finding] = report.problems;
    assert.equal(finding?.rule, "unknown-quantization");
    assert.equal(finding?.what, "GPTQ packs 2, 3, 4 or 8 bits, not 5.");
    assert.equal(model?.complete.weights, false);
    assert.equal(known(model!.memory.weightBytes), 2 * known(model!.root.params)!);
  });

  it("leaves the parameters exact", () => assert.equal(model?.complete.params, true));
});

describe("what a hover says of it", () => {
  const view = { units: "GB", shorten: (path: string) => path } as const;
  const config = { ...llama3, quantization_config: { quant_method: "awq", bits: 4, group_size: 128 } };
  const model = weighedConfig(config).models[0]!;

  it("names the form, the bytes of its parts, and what is not converted", () =>
    assert.deepEqual(storedRows(model, view), [
      {
        label: "stored",
        value: "224 matrices",
        note: "4-bit in groups of 128: 3.49 GB, zero points 27.3 MB, scales 109 MB; model.embed_tokens, lm_head not converted",
      },
    ]));

  it("says the same of a layer", () => {
    const layer = allLayers(model.root).find(({ path }) => path === "model.layers.0.mlp.down_proj")!;
    assert.equal(storedText(layer, view), "4-bit in groups of 128: 29.4 MB, zero points 229 kB, scales 918 kB");
  });
});

describe("a scenario's own type goes before the config's quantization", () => {
  const config = { ...llama2, quantization_config: { quant_method: "awq", bits: 4 } };
  const [asked] = weighedConfig(config, { dtype: "bf16" }).models;
  const [own] = weighedConfig(config).models;

  it("weighs the weights in that type", () => {
    assert.equal(asked?.quantization, undefined);
    assert.equal(known(asked!.memory.weightBytes), 2 * known(asked!.root.params)!);
  });

  it("else what products read is what is stored", () => {
    assert(known(own!.root.trafficBytes)! < 0.5 * known(asked!.root.trafficBytes)!);
    assert(known(own!.memory.peakBytes)! < 0.5 * known(asked!.memory.peakBytes)!);
    assert.equal(own!.complete.memory, false, "kernels for few bits have scratch memory of their own");
    assert.equal(known(own!.root.params), known(asked!.root.params));
    assert.equal(known(own!.root.flops), known(asked!.root.flops));
  });

  it("and converted layers are not trained", () => {
    const kept = 2 * 32000 * 4096 + 65 * 4096;
    assert.equal(known(own!.trainableParams), kept);
  });
});

describe("whether a quantized model fits", () => {
  const config = { ...llama3, quantization_config: { quant_method: "awq", bits: 4, group_size: 128 } };
  const fits = (device: string) => weighedConfig(config, { device }).models[0]?.fit?.kind;

  it("is told with room for the largest matrix written out", () => {
    assert.equal(fits("nvidia-rtx-4090-24gb"), "fits");
    assert.notEqual(weighedConfig(llama3, { device: "nvidia-t4-16gb" }).models[0]?.fit?.kind, "fits");
    assert.equal(fits("nvidia-t4-16gb"), "fits");
  });
});
