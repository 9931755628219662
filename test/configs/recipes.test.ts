import assert from "node:assert/strict";
import { type EngineReading, readEngine } from "../../src/configs/engines/engine.ts";

function reading(text: string, around?: Parameters<typeof readEngine>[2]): EngineReading {
  const read = readEngine(text, "recipe.yml", around);
  assert(!("fault" in read), "fault" in read ? read.fault : "");
  return read;
}

describe("Axolotl's YAML as a scenario", () => {
  const text = `base_model: acme/Llama-8B
load_in_4bit: true
datasets:
  - path: acme/alpaca
    type: alpaca
val_set_size: 0.05
adapter: qlora
lora_r: 32
lora_alpha: 16
lora_target_linear: true
sequence_len: 4096
sample_packing: true
micro_batch_size: 2
gradient_accumulation_steps: 4
optimizer: paged_adamw_32bit
bf16: auto
gradient_checkpointing: true
flash_attention: true
deepspeed: zero2.json
`;

  it("takes sizes, precision, adapter, recomputation, attention, and what its DeepSpeed file says", () => {
    const { engine, model, change, ignored } = reading(text, {
      devices: 4,
      text: (name) => (name === "zero2.json" ? `{"zero_optimization": {"stage": 2}}` : undefined),
    });
    assert.equal(engine, "axolotl");
    assert.equal(model, "acme/Llama-8B");
    assert.deepEqual(change, {
      phase: "train",
      sequence: 4096,
      batch: 8,
      gradientAccumulation: 4,
      dtype: "bf16",
      checkpointing: true,
      attention: "flash",
      optimizer: "adamw",
      techniques: [{ id: "qlora", knobs: { rank: 32, targets: "all" } }],
      parallel: { engine: "deepspeed", zero: 2, data: 4 },
    });
    assert.deepEqual(ignored, []);
  });

  it("tells what it does not take over: frozen weights in 8 bits, an adapter that is not known, a file that is not there", () => {
    const { change, ignored } = reading(
      "base_model: a/b\nsequence_len: 512\nadapter: lora\nload_in_8bit: true\nlora_target_modules: [q_proj, v_proj]\ndeepspeed: away.json\nfp8: true\n",
    );
    assert.deepEqual(change.techniques, [{ id: "lora", knobs: { targets: "attention" } }]);
    assert.deepEqual(ignored.map(({ key }) => key).sort(), ["deepspeed", "fp8", "load_in_8bit"]);
    const strange = reading("base_model: a/b\nsequence_len: 512\nadapter: llama-adapter\n");
    assert.equal(strange.change.techniques, undefined);
    assert.deepEqual(
      strange.ignored.map(({ key }) => key),
      ["adapter"],
    );
  });
});

describe("LLaMA-Factory's YAML as a scenario", () => {
  const text = `model_name_or_path: acme/Qwen-7B
stage: sft
do_train: true
finetuning_type: lora
lora_rank: 16
lora_target: all
dataset: identity,alpaca_en_demo
template: qwen
cutoff_len: 2048
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 1.0e-4
bf16: true
`;

  it("recomputes every block unless told not to", () => {
    const { engine, model, change, ignored } = reading(text, { devices: 2 });
    assert.equal(engine, "llama-factory");
    assert.equal(model, "acme/Qwen-7B");
    assert.deepEqual(change, {
      phase: "train",
      sequence: 2048,
      batch: 2,
      gradientAccumulation: 8,
      dtype: "bf16",
      checkpointing: true,
      techniques: [{ id: "lora", knobs: { rank: 16, targets: "all" } }],
      parallel: { data: 2 },
    });
    assert.deepEqual(ignored, []);
    assert.equal(reading(`${text}disable_gradient_checkpointing: true\n`).change.checkpointing, false);
  });

  it("weights in four bits are QLoRA; all weights of a full run have no adapter", () => {
    assert.equal(reading(`${text}quantization_bit: 4\n`).change.techniques?.[0]?.id, "qlora");
    const full = reading(text.replace("finetuning_type: lora", "finetuning_type: full"));
    assert.equal(full.change.techniques, undefined);
  });
});

describe("torchtune's YAML as a scenario", () => {
  const text = `output_dir: /tmp/out
model:
  _component_: torchtune.models.llama3_1.lora_llama3_1_8b
  lora_attn_modules: ['q_proj', 'v_proj', 'output_proj']
  apply_lora_to_mlp: True
  apply_lora_to_output: False
  lora_rank: 8
  lora_alpha: 16
tokenizer:
  _component_: torchtune.models.llama3.llama3_tokenizer
  path: /tmp/tokenizer.model
  max_seq_len: 8192
checkpointer:
  _component_: torchtune.training.FullModelHFCheckpointer
  checkpoint_dir: ./Llama-8B
  checkpoint_files: [a.safetensors]
dataset:
  _component_: torchtune.datasets.alpaca_cleaned_dataset
  packed: True
optimizer:
  _component_: torch.optim.AdamW
  fused: True
  lr: 3e-4
loss:
  _component_: torchtune.modules.loss.LinearCrossEntropyLoss
batch_size: 2
gradient_accumulation_steps: 8
enable_activation_checkpointing: True
enable_activation_offloading: True
dtype: bf16
compile: False
`;

  it("takes its components: the adapter's builder, the tokenizer's length, the optimizer", () => {
    const { engine, model, change, ignored } = reading(text);
    assert.equal(engine, "torchtune");
    assert.equal(model, "./Llama-8B");
    assert.deepEqual(change, {
      phase: "train",
      sequence: 8192,
      batch: 2,
      gradientAccumulation: 8,
      dtype: "bf16",
      checkpointing: true,
      optimizer: "adamw",
      techniques: [{ id: "lora", knobs: { rank: 8, targets: "all" } }],
    });
    assert.deepEqual(
      ignored.map(({ key }) => key),
      ["enable_activation_offloading"],
    );
  });

  it("several devices share by FSDP; a builder with q holds its frozen weights in four bits", () => {
    const { change } = reading(text.replace("lora_llama3_1_8b", "qlora_llama3_1_8b"), { devices: 4 });
    assert.equal(change.techniques?.[0]?.id, "qlora");
    assert.deepEqual([change.batch, change.parallel], [8, { zero: 3, data: 4 }]);
  });
});

describe("generation_config.json as a scenario", () => {
  const read = (value: unknown) => {
    const found = readEngine(JSON.stringify(value), "acme/generation_config.json");
    assert(!("fault" in found), "fault" in found ? found.fault : "");
    return found;
  };

  it("is the step at the end of the longest answer, a sequence for each beam", () => {
    const { engine, change, ignored } = read({
      max_length: 4096,
      num_beams: 4,
      temperature: 0.6,
      eos_token_id: [1, 2],
    });
    assert.equal(engine, "generation");
    assert.deepEqual(change, { phase: "decode", sequence: 4096, batch: 4 });
    assert.deepEqual(ignored, []);
  });

  it("a quantized cache is transformers' own; a cache that is not known is told", () => {
    const quantized = read({ cache_implementation: "quantized", cache_config: { nbits: 8, backend: "hqq" } });
    assert.deepEqual(quantized.change, { phase: "decode", runtime: "transformers", kvDtype: "int8" });
    assert.deepEqual(
      read({ cache_implementation: "offloaded" }).ignored.map(({ key }) => key),
      ["cache_implementation"],
    );
  });
});

describe("YAML that is no recipe", () => {
  it("says so", () => {
    assert.match((readEngine("name: x\n", "a.yml") as { fault: string }).fault, /^This is no configuration of/);
  });
});
