/** Axolotl's YAML as part of a scenario. */
import { Keys, type Table } from "../engines/keys.ts";
import {
  adapterOf,
  type Beside,
  type Draft,
  finished,
  type RecipeReading,
  setBatch,
  setOptimizer,
  withDeepSpeed,
} from "./recipe.ts";

export function isAxolotl(table: Table): boolean {
  return (
    "base_model" in table && ["micro_batch_size", "sequence_len", "datasets", "adapter"].some((key) => key in table)
  );
}

export function readAxolotl(table: Table, beside: Beside): RecipeReading {
  const keys = new Keys(table);
  const draft: Draft = { keys, change: { phase: "train" }, parallel: {} };
  const { change, parallel } = draft;
  const model = keys.value("base_model");
  change.sequence = keys.count("sequence_len", (n) => `${n} tokens`) ?? 2048;
  keys.harmless("sample_packing", "pad_to_sequence_len", "eval_sample_packing");
  parallel.tensor = keys.count("tensor_parallel_size", (n) => `tensor degree ${n}`);
  parallel.context =
    keys.count("context_parallel_size", (n) => `context degree ${n}`) ??
    keys.count("sequence_parallel_degree", (n) => `context degree ${n}`);
  parallel.shard = keys.count("dp_shard_size", (n) => `sharded over ${n} ranks`);
  precision(draft);
  withDeepSpeed(draft, "deepspeed", beside);
  if (keys.has("fsdp") || keys.has("fsdp_config")) {
    parallel.zero = 3;
    keys.understand("fsdp", "fully sharded");
    keys.harmless("fsdp", "fsdp_config", "fsdp_config.*", "fsdp_version");
  }
  setBatch(
    draft,
    keys.count("micro_batch_size", (n) => `${n} samples a rank and pass`),
    keys.count("gradient_accumulation_steps", (n) => `${n} passes a step`),
    beside.devices,
  );
  const checkpointing = keys.value("gradient_checkpointing");
  keys.harmless("gradient_checkpointing_kwargs.*", "gradient_checkpointing_kwargs");
  if (checkpointing === true || typeof checkpointing === "string") {
    change.checkpointing = true;
    keys.understand(
      "gradient_checkpointing",
      typeof checkpointing === "string"
        ? `every block recomputed; ${checkpointing} is not modelled`
        : "every block recomputed",
    );
  }
  for (const [key, choice] of [
    ["flash_attention", "flash"],
    ["sdp_attention", "sdpa"],
    ["eager_attention", "eager"],
    ["xformers_attention", "efficient"],
  ] as const) {
    if (keys.flag(key) !== true) continue;
    change.attention = choice;
    keys.understand(key, choice);
  }
  if (keys.flag("torch_compile")) change.compile = true;
  setOptimizer(draft, "optimizer", keys.word("optimizer"));
  const technique = adapter(draft);
  if (technique) change.techniques = [technique];
  keys.harmless(
    ..."model_type tokenizer_type tokenizer_config base_model_config base_model_ignore_patterns trust_remote_code strict hub_model_id hub_strategy datasets test_datasets dataset_prepared_path dataset_processes dataset_keep_in_memory shuffle_merged_datasets val_set_size output_dir chat_template special_tokens special_tokens.* tokens added_tokens_overrides num_epochs max_steps learning_rate lr_scheduler lr_scheduler_kwargs cosine_min_lr_ratio warmup_steps warmup_ratio weight_decay adam_beta1 adam_beta2 adam_epsilon max_grad_norm train_on_inputs group_by_length logging_steps evals_per_epoch eval_steps eval_table_size eval_max_new_tokens saves_per_epoch save_steps save_strategy save_total_limit save_first_step save_safetensors save_only_model early_stopping_patience resume_from_checkpoint auto_resume_from_checkpoints local_rank seed debug wandb_project wandb_entity wandb_watch wandb_name wandb_run_id wandb_log_model wandb_mode mlflow_tracking_uri mlflow_experiment_name use_tensorboard tf32 lora_alpha lora_dropout lora_model_dir lora_out_dir adapter_config plugins remove_unused_columns roles_to_train train_on_eos rl dpo_beta overrides_of_model_config.* loss_watchdog_threshold loss_watchdog_patience is_llama_derived_model is_mistral_derived_model is_falcon_derived_model rope_scaling ddp_timeout ddp_find_unused_parameters torch_compile_backend".split(
      " ",
    ),
  );
  return finished(draft, model);
}

function precision({ keys, change }: Draft): void {
  const bf16 = keys.value("bf16");
  const fp16 = keys.value("fp16");
  const whole = keys.flag("bfloat16") ? "bf16" : keys.flag("float16") ? "fp16" : undefined;
  if (whole) {
    change.dtype = whole;
    return keys.understand(whole === "bf16" ? "bfloat16" : "float16", `${whole} weights`);
  }
  // The model is loaded in the same type, as Axolotl does with `bf16` and `fp16`.
  const named = bf16 === true || bf16 === "auto" || bf16 === "full" ? "bf16" : fp16 === true ? "fp16" : undefined;
  if (named) {
    change.dtype = named;
    keys.understand(named, `${named} weights and computation`);
  }
  if (keys.flag("fp8")) keys.ignore("fp8", "products in 8 bits are not modelled in training");
}

function adapter(draft: Draft) {
  const { keys } = draft;
  const name = keys.word("adapter");
  const rank = keys.count("lora_r", (n) => `rank ${n}`);
  const listed = keys.value("lora_target_modules");
  const all = keys.flag("lora_target_linear") === true || !Array.isArray(listed);
  const fourBit = keys.flag("load_in_4bit") === true;
  if (keys.flag("load_in_8bit") === true && name !== undefined)
    keys.ignore("load_in_8bit", "frozen weights in 8 bits are not modelled beside adapters: weighed as LoRA");
  if (name === undefined || name === "") return undefined;
  return adapterOf(draft, {
    key: "adapter",
    name,
    rank,
    targets: all ? "all" : listed.map(String),
    fourBit: fourBit || name === "qlora",
  });
}
