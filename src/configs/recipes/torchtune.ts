/** torchtune's YAML as part of a scenario. */
import { asTable, Keys, type Table } from "../engines/keys.ts";
import { adapterOf, type Beside, type Draft, finished, type RecipeReading, setBatch, setOptimizer } from "./recipe.ts";

export function isTorchtune(table: Table): boolean {
  return String(asTable(table["model"])?.["_component_"] ?? "").startsWith("torchtune.");
}

export function readTorchtune(table: Table, beside: Beside): RecipeReading {
  const keys = new Keys(table);
  const draft: Draft = { keys, change: { phase: "train" }, parallel: {} };
  const { change, parallel } = draft;
  const builder = String(keys.value("model._component_"));
  const tokens = keys.count("tokenizer.max_seq_len", (n) => `${n} tokens`);
  if (tokens !== undefined) change.sequence = tokens;
  else keys.ignore("tokenizer.max_seq_len", "is not set: samples are as long as they are");
  parallel.tensor = keys.count("tensor_parallel_dim", (n) => `tensor degree ${n}`);
  parallel.context = keys.count("context_parallel_dim", (n) => `context degree ${n}`);
  const replicas = keys.count("data_parallel_replicate_dim", (n) => `${n} replicas`);
  // Its distributed recipes shard parameters, gradients and state, FSDP2's way.
  if ((beside.devices ?? 1) > 1) parallel.zero = 3;
  const type = keys.word("dtype");
  if (type === "bf16" || type === "fp16" || type === "fp32") {
    change.dtype = type;
    keys.understand("dtype", `${type} weights and computation`);
  } else if (type !== undefined) keys.ignore("dtype", `${type} is not modelled`);
  setBatch(
    draft,
    keys.count("batch_size", (n) => `${n} samples a rank and pass`),
    keys.count("gradient_accumulation_steps", (n) => `${n} passes a step`),
    beside.devices,
  );
  if (replicas !== undefined && replicas > 1 && parallel.data)
    parallel.shard = Math.max(1, Math.floor(parallel.data / replicas));
  if (keys.flag("enable_activation_checkpointing") === true) {
    change.checkpointing = true;
    keys.understand("enable_activation_checkpointing", "every block recomputed");
  }
  if (keys.flag("enable_activation_offloading") === true)
    keys.ignore("enable_activation_offloading", "activations in the host's memory are not modelled");
  if (keys.flag("fsdp_cpu_offload") === true) parallel.offload = "parameters";
  const compile = keys.value("compile");
  if (compile === true) change.compile = true;
  const optimizer = keys.value("optimizer._component_");
  setOptimizer(
    draft,
    "optimizer._component_",
    typeof optimizer === "string" ? optimizer.split(".").at(-1)?.toLowerCase() : undefined,
  );
  if (change.optimizer === "adamw" && keys.value("optimizer.fused") !== true) change.optimizer = "adamw-foreach";
  keys.harmless(..."optimizer.fused optimizer.lr optimizer.weight_decay optimizer.betas optimizer.eps".split(" "));
  const technique = adapter(draft, builder);
  if (technique) change.techniques = [technique];
  keys.understand("model._component_", builder.split(".").slice(2).join("."));
  keys.harmless(
    ..."output_dir tokenizer._component_ tokenizer.path tokenizer.merges_file checkpointer.* checkpointer save_adapter_weights_only dataset dataset.* seed shuffle lr_scheduler.* lr_scheduler loss.* loss epochs max_steps_per_epoch clip_grad_norm device metric_logger.* metric_logger log_every_n_steps log_peak_memory_stats log_level profiler.* profiler resume_from_checkpoint save_last_epoch_only optimizer_in_bwd custom_sharded_layers model.lora_alpha model.lora_dropout model.max_seq_len run_val_every_n_steps batch_size_val".split(
      " ",
    ),
  );
  if (keys.value("optimizer_in_bwd") === true)
    keys.ignore("optimizer_in_bwd", "gradients freed one by one are not modelled");
  return finished(draft, asTable(table["checkpointer"])?.["checkpoint_dir"]);
}

function adapter(draft: Draft, builder: string) {
  const { keys } = draft;
  const [, four] = /\.(q?)lora_\w+$/.exec(builder) ?? [];
  if (four === undefined) return undefined;
  const rank = keys.count("model.lora_rank", (n) => `rank ${n}`);
  const attention = keys.value("model.lora_attn_modules");
  const mlp = keys.flag("model.apply_lora_to_mlp") === true;
  if (keys.flag("model.apply_lora_to_output") === true)
    keys.ignore("model.apply_lora_to_output", "the head gets no adapter here");
  const inAttention = Array.isArray(attention) && attention.length > 0;
  const targets = inAttention && mlp ? "all" : mlp ? ["mlp"] : ["q_proj"];
  return adapterOf(draft, {
    key: "model._component_",
    name: "lora",
    rank,
    targets,
    fourBit: four === "q" || keys.flag("model.quantize_base") === true,
  });
}
