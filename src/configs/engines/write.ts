/** A scenario written as an engine's configuration, and what of it that file cannot say. */
import { stringify as tomlText } from "smol-toml";
import { stringify as yamlText } from "yaml";
import type { Scenario } from "../../base/scenario.ts";
import type { Engine } from "./engine.ts";
import { optimizerName } from "./optimizers.ts";

export interface Written {
  readonly text: string;
  /** The file's usual name. */
  readonly name: string;
  /** What the scenario asks for and the file does not carry, one sentence each. */
  readonly left: readonly string[];
}

export function engineConfig(engine: Engine, scenario: Scenario): Written {
  return { deepspeed: deepSpeedConfig, accelerate: accelerateConfig, torchtitan: torchtitanConfig }[engine](scenario);
}

/** Degrees with their defaults, and what each rank takes at a time. */
function decided({ batch, parallel = {}, gradientAccumulation = 1 }: Scenario) {
  const { data = 1, tensor = 1, pipeline = 1, context = 1, expert = 1, zero = 0 } = parallel;
  const each = Math.max(1, Math.floor(batch / data));
  return { data, tensor, pipeline, context, expert, zero, each, accumulation: gradientAccumulation, parallel };
}

/** DeepSpeed's JSON. */
export function deepSpeedConfig(scenario: Scenario): Written {
  const { data, tensor, pipeline, context, expert, zero, each, accumulation, parallel } = decided(scenario);
  const type =
    scenario.autocast ?? (scenario.dtype === "bf16" || scenario.dtype === "fp16" ? scenario.dtype : undefined);
  const momentum = scenario.optimizer === "sgd-momentum" ? { params: { momentum: 0.9 } } : {};
  const host = { device: "cpu", pin_memory: true };
  const config = {
    train_micro_batch_size_per_gpu: each,
    gradient_accumulation_steps: accumulation,
    train_batch_size: each * accumulation * data,
    optimizer: { type: optimizerName(scenario.optimizer), ...momentum },
    ...(type && { [type]: { enabled: true } }),
    zero_optimization: {
      stage: zero,
      ...(parallel.offload && { offload_optimizer: host }),
      ...(parallel.offload === "parameters" && zero === 3 && { offload_param: host }),
      ...(parallel.shard !== undefined && parallel.shard < data * context && { mics_shard_size: parallel.shard }),
    },
    ...(tensor > 1 && { tensor_parallel: { autotp_size: tensor } }),
    ...(context > 1 && { sequence_parallel_size: context }),
  };
  return {
    name: "ds_config.json",
    text: `${JSON.stringify(config, null, 2)}\n`,
    left: leftOut([
      [pipeline > 1, `A pipeline degree of ${pipeline} is said in code, by deepspeed.pipe.PipelineModule.`],
      [expert > 1, `An expert degree of ${expert} is said in code, by deepspeed.moe.layer.MoE's ep_size.`],
      [scenario.checkpointing === true, "Checkpointing is switched on by the model's code."],
      [scenario.compile === true, "Compilation is switched on in code, by engine.compile()."],
      [context > 1 && parallel.contextMethod !== "ulysses", "DeepSpeed spreads sequences by Ulysses, not by a ring."],
      [type === undefined && parallel.masterWeights === true, "fp32 weights have no master weights."],
      [type !== undefined && !parallel.masterWeights, `DeepSpeed keeps fp32 master weights beside ${type} ones.`],
    ]),
  };
}

/** accelerate's YAML: DDP, or FSDP of version 2 where something is sharded. */
export function accelerateConfig(scenario: Scenario): Written {
  const { data, tensor, pipeline, context, expert, zero, accumulation, parallel } = decided(scenario);
  const processes = data * tensor * context;
  const sharded = zero >= 2 || tensor > 1 || context > 1;
  const shard = Math.min(data, Math.max(1, Math.floor((parallel.shard ?? data * context) / context)));
  const config = {
    compute_environment: "LOCAL_MACHINE",
    distributed_type: sharded ? "FSDP" : processes > 1 ? "MULTI_GPU" : "NO",
    mixed_precision: scenario.autocast ?? "no",
    num_machines: parallel.perMachine ? Math.ceil(processes / parallel.perMachine) : 1,
    num_processes: processes,
    gradient_accumulation_steps: accumulation,
    ...(scenario.compile && { dynamo_config: { dynamo_backend: "INDUCTOR" } }),
    ...(sharded && {
      fsdp_config: {
        fsdp_version: 2,
        fsdp_reshard_after_forward: zero !== 2,
        fsdp_offload_params: parallel.offload === "parameters",
        fsdp_activation_checkpointing: scenario.checkpointing === true,
        fsdp_auto_wrap_policy: "TRANSFORMER_BASED_WRAP",
      },
      parallelism_config: {
        parallelism_config_dp_replicate_size: data / shard,
        parallelism_config_dp_shard_size: shard,
        parallelism_config_tp_size: tensor,
        ...(parallel.contextMethod === "ulysses"
          ? { parallelism_config_sp_size: context }
          : { parallelism_config_cp_size: context }),
      },
    }),
  };
  return {
    name: "accelerate.yaml",
    text: yamlText(config),
    left: leftOut([
      [true, `The batch is the script's: ${Math.max(1, Math.floor(scenario.batch / data))} samples a rank.`],
      [zero === 1, "accelerate shards the optimizer's state alone only through DeepSpeed or Megatron."],
      [sharded && zero < 2, "accelerate's FSDP shards weights wherever tensors or sequences are spread."],
      [pipeline > 1, `accelerate has no pipeline degree of ${pipeline} in training but Megatron's.`],
      [expert > 1, `accelerate has no expert degree of ${expert}.`],
      [
        scenario.autocast === undefined && scenario.dtype !== "fp32",
        `The model is loaded in ${scenario.dtype} by the script.`,
      ],
      [scenario.checkpointing === true && !sharded, "Checkpointing is switched on by the model's code."],
      [
        parallel.offload === "optimizer",
        "accelerate's FSDP offloads parameters, gradients and state together, or nothing.",
      ],
    ]),
  };
}

/** torchtitan's TOML. */
export function torchtitanConfig(scenario: Scenario): Written {
  const { data, tensor, pipeline, context, expert, zero, each, accumulation, parallel } = decided(scenario);
  const shard = zero >= 2 ? Math.min(data, Math.max(1, Math.floor((parallel.shard ?? data * context) / context))) : 1;
  const schedule = {
    gpipe: "GPipe",
    "1f1b": "1F1B",
    interleaved: "Interleaved1F1B",
    "zero-bubble": "InterleavedZeroBubble",
  };
  const foreach = scenario.optimizer === "adamw-foreach";
  const config = {
    training: {
      local_batch_size: each,
      global_batch_size: each * data * accumulation,
      seq_len: scenario.sequence,
      mixed_precision_param: scenario.autocast === "bf16" ? "bfloat16" : "float32",
      enable_cpu_offload: parallel.offload === "parameters",
    },
    parallelism: {
      data_parallel_replicate_degree: data / shard,
      data_parallel_shard_degree: shard,
      fsdp_reshard_after_forward: zero === 2 ? "never" : "always",
      tensor_parallel_degree: tensor,
      context_parallel_degree: context,
      expert_parallel_degree: expert,
      pipeline_parallel_degree: pipeline,
      ...(pipeline > 1 && {
        pipeline_parallel_schedule: schedule[parallel.schedule ?? "1f1b"],
        pipeline_parallel_microbatch_size: Math.max(1, Math.floor(each / (parallel.microbatches ?? each))),
      }),
    },
    activation_checkpoint: { mode: scenario.checkpointing ? "full" : "none" },
    compile: { enable: scenario.compile === true },
    optimizer: { name: optimizerName(scenario.optimizer), implementation: foreach ? "foreach" : "fused" },
  };
  return {
    name: "torchtitan.toml",
    text: `${tomlText(config)}\n`,
    left: leftOut([
      [zero === 1, "torchtitan shards weights, gradients and state together, or nothing."],
      [scenario.dtype !== "fp32", `torchtitan keeps weights in fp32, not in ${scenario.dtype}, and computes in bf16.`],
      [scenario.autocast === "fp16", "torchtitan computes in bf16 or fp32, not in fp16."],
      [tensor > 1 && !parallel.sequenceParallel, "torchtitan's tensor parallelism splits along the sequence as well."],
      [parallel.contextMethod === "ulysses", "torchtitan spreads sequences by a ring or by gathering, not by Ulysses."],
      [!/^adamw(-foreach)?$/.test(scenario.optimizer), `torchtitan has AdamW and Adam, not ${scenario.optimizer}.`],
    ]),
  };
}

function leftOut(rows: readonly (readonly [boolean, string])[]): string[] {
  return rows.flatMap(([isLeft, sentence]) => (isLeft ? [sentence] : []));
}
