import assert from "node:assert/strict";
import type { Parallel } from "../../src/base/scenario.ts";
import { type EngineReading, readEngine } from "../../src/configs/engines/engine.ts";

function reading(text: string, path: string, around?: Parameters<typeof readEngine>[2]): EngineReading {
  const read = readEngine(text, path, around);
  assert(!("fault" in read), "fault" in read ? read.fault : "");
  return read;
}

const keysOf = ({ ignored }: EngineReading) => ignored.map(({ key }) => key);

describe("DeepSpeed's JSON as a scenario", () => {
  const text = `{
  // as a Trainer's template has it
  "train_batch_size": 256,
  "train_micro_batch_size_per_gpu": 4,
  "gradient_accumulation_steps": 8,
  "gradient_clipping": "auto",
  "bf16": { "enabled": true },
  "optimizer": { "type": "AdamW", "params": { "lr": 3e-5, "betas": [0.9, 0.999] } },
  "zero_optimization": {
    "stage": 3,
    "offload_optimizer": { "device": "cpu", "pin_memory": true },
    "offload_param": { "device": "none" },
    "overlap_comm": true,
    "stage3_prefetch_bucket_size": "auto"
  },
  "activation_checkpointing": { "partition_activations": true },
  "scheduler": { "type": "WarmupLR", "params": { "warmup_num_steps": "auto" } }
}`;

  it("takes the stage, offloading, precision, and data ranks from the three batch sizes", () => {
    const { engine, change } = reading(text, "ds_config.json");
    assert.equal(engine, "deepspeed");
    assert.deepEqual(change, {
      phase: "train",
      batch: 32,
      gradientAccumulation: 8,
      dtype: "bf16",
      optimizer: "adamw",
      parallel: { engine: "deepspeed", zero: 3, offload: "optimizer", data: 8, masterWeights: true },
    });
  });

  it("tells what it did not take over, and no more", () => {
    const read = reading(text, "ds_config.json");
    assert.deepEqual(keysOf(read).sort(), [
      "activation_checkpointing.*",
      "zero_optimization.overlap_comm",
      "zero_optimization.stage3_prefetch_bucket_size",
    ]);
    assert(read.understood.some(({ key, says }) => key === "zero_optimization.stage" && says === "ZeRO-3"));
  });

  it('leaves "auto" to the launcher and says so', () => {
    const read = reading(
      `{"train_micro_batch_size_per_gpu": "auto", "gradient_accumulation_steps": "auto", "bf16": {"enabled": "auto"}, "zero_optimization": {"stage": 2}}`,
      "zero2.json",
    );
    assert.deepEqual(read.change, { phase: "train", parallel: { engine: "deepspeed", zero: 2 } });
    assert.deepEqual(keysOf(read), [
      "train_micro_batch_size_per_gpu",
      "gradient_accumulation_steps",
      "num_gpus",
      "bf16.enabled",
    ]);
  });

  it("takes the number of devices from the launcher", () => {
    const { change } = reading(
      `{"train_micro_batch_size_per_gpu": 2, "tensor_parallel": {"autotp_size": 2}}`,
      "c.json",
      { devices: 16 },
    );
    assert.equal(change.batch, 16);
    assert.deepEqual(change.parallel, { engine: "deepspeed", zero: 0, tensor: 2, data: 8 });
  });

  it("refuses values that mean nothing, one by one", () => {
    const read = reading(
      `{"train_micro_batch_size_per_gpu": -1, "train_batch_size": 8, "zero_optimization": {"stage": 7}, "optimizer": {"type": "OneBitLamb"}}`,
      "c.json",
    );
    for (const key of ["train_micro_batch_size_per_gpu", "zero_optimization.stage", "optimizer.type"])
      assert(keysOf(read).includes(key), key);
  });
});

describe("accelerate's YAML as a scenario", () => {
  const fsdp = (more: string) => `compute_environment: LOCAL_MACHINE
distributed_type: FSDP
mixed_precision: bf16
num_machines: 2
num_processes: 16
fsdp_config:
  fsdp_auto_wrap_policy: TRANSFORMER_BASED_WRAP
  fsdp_activation_checkpointing: true
  fsdp_offload_params: false
${more}machine_rank: 0
use_cpu: false
`;
  const strategies: [string, Parallel][] = [
    ["  fsdp_sharding_strategy: FULL_SHARD\n", { zero: 3 }],
    ["  fsdp_sharding_strategy: 1\n", { zero: 3 }],
    ["  fsdp_sharding_strategy: SHARD_GRAD_OP\n", { zero: 2 }],
    ["  fsdp_sharding_strategy: NO_SHARD\n", { zero: 0 }],
    ["  fsdp_sharding_strategy: HYBRID_SHARD\n", { zero: 3, shard: 8 }],
    ["  fsdp_version: 2\n  fsdp_reshard_after_forward: true\n", { zero: 3 }],
    ["  fsdp_version: 2\n  fsdp_reshard_after_forward: false\n", { zero: 2 }],
  ];
  for (const [more, parallel] of strategies) {
    it(`${more.trim().replaceAll("\n", ",")} shards as ${JSON.stringify(parallel)}`, () => {
      const read = reading(fsdp(more), "fsdp.yaml");
      assert.deepEqual(read.change, {
        phase: "train",
        dtype: "fp32",
        autocast: "bf16",
        checkpointing: true,
        parallel: { perMachine: 8, ...parallel, data: 16 },
      });
      assert.deepEqual(keysOf(read), []);
    });
  }

  it("spreads processes over the degrees of a mesh", () => {
    const { change } = reading(
      fsdp(
        "parallelism_config:\n  parallelism_config_cp_size: 2\n  parallelism_config_tp_size: 2\n  parallelism_config_dp_replicate_size: 2\n  parallelism_config_dp_shard_size: 2\n",
      ),
      "nd.yaml",
    );
    assert.deepEqual(change.parallel, { perMachine: 8, tensor: 2, context: 2, data: 4, shard: 4, zero: 3 });
  });

  it("reads the DeepSpeed file that it names", () => {
    const text = `distributed_type: DEEPSPEED
num_processes: 4
mixed_precision: bf16
deepspeed_config:
  deepspeed_config_file: ds.json
  zero3_init_flag: false
`;
    const ds = `{"train_micro_batch_size_per_gpu": 2, "bf16": {"enabled": "auto"}, "zero_optimization": {"stage": 2}}`;
    const { change } = reading(text, "a.yaml", { text: (path) => (path === "ds.json" ? ds : undefined) });
    assert.deepEqual(change, {
      phase: "train",
      dtype: "bf16",
      batch: 8,
      parallel: { engine: "deepspeed", zero: 2, data: 4, masterWeights: true },
    });
    assert(keysOf(reading(text, "a.yaml")).includes("deepspeed_config.deepspeed_config_file"));
  });

  it("reads DeepSpeed's settings in the file itself", () => {
    const { change } = reading(
      "distributed_type: DEEPSPEED\nnum_processes: 8\nmixed_precision: fp16\ndeepspeed_config:\n  zero_stage: 3\n  offload_param_device: cpu\n  offload_optimizer_device: cpu\n  gradient_accumulation_steps: 2\n",
      "a.yaml",
    );
    assert.deepEqual(change, {
      phase: "train",
      dtype: "fp16",
      gradientAccumulation: 2,
      parallel: { engine: "deepspeed", zero: 3, offload: "parameters", data: 8, masterWeights: true },
    });
  });
});

describe("torchtitan's TOML as a scenario", () => {
  const text = `[model]
name = "llama3"
flavor = "70B"

[optimizer]
name = "AdamW"
lr = 1.5e-4

[training]
local_batch_size = 8
seq_len = 8192
steps = 1000

[parallelism]
data_parallel_replicate_degree = 1
data_parallel_shard_degree = -1
tensor_parallel_degree = 8
enable_async_tensor_parallel = false
pipeline_parallel_degree = 2
pipeline_parallel_schedule = "Interleaved1F1B"

[activation_checkpoint]
mode = "full"
`;

  it("takes degrees, batch, sequence and recomputation; the shard degree takes what is left", () => {
    const read = reading(text, "llama3_70b.toml", { devices: 64 });
    assert.deepEqual(read.change, {
      phase: "train",
      dtype: "fp32",
      autocast: "bf16",
      batch: 32,
      sequence: 8192,
      checkpointing: true,
      optimizer: "adamw",
      parallel: {
        tensor: 8,
        sequenceParallel: true,
        pipeline: 2,
        schedule: "interleaved",
        microbatches: 8,
        data: 4,
        zero: 2,
      },
    });
    assert.deepEqual(keysOf(read), []);
  });

  it("says that the number of devices is missing", () => {
    const read = reading(text, "llama3_70b.toml");
    assert.deepEqual(keysOf(read), ["parallelism.data_parallel_shard_degree"]);
    assert.equal(read.change.parallel?.data, undefined);
  });

  it("says that selective recomputation is not modelled", () => {
    const read = reading(
      '[parallelism]\ndata_parallel_shard_degree = 8\n[activation_checkpoint]\nmode = "selective"\n',
      "t.toml",
    );
    assert.deepEqual(keysOf(read), ["activation_checkpoint.mode"]);
    assert.equal(read.change.parallel?.zero, 3);
  });
});

describe("a file that is no engine's", () => {
  const cases: [string, string, RegExp][] = [
    ["a: [1", "a.yaml", /^Line \d+ is not YAML$/],
    ["a = ", "a.toml", /^Line 1 is not TOML$/],
    ["{", "a.json", /^Line 1 is not JSON$/],
    ["- 1", "a.yaml", /no table/],
    ['{"model_type": "llama"}', "config.json", /no configuration/],
    ["[tool.ruff]\n", "pyproject.toml", /no configuration/],
  ];
  for (const [text, path, fault] of cases) {
    it(`${path}: ${JSON.stringify(text)} is refused`, () => {
      const read = readEngine(text, path);
      assert("fault" in read && fault.test(read.fault), JSON.stringify(read));
    });
  }
});
