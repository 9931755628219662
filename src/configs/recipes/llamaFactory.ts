/** LLaMA-Factory's YAML as part of a scenario. */
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

export function isLlamaFactory(table: Table): boolean {
  return (
    "model_name_or_path" in table && ["finetuning_type", "stage", "cutoff_len", "template"].some((key) => key in table)
  );
}

export function readLlamaFactory(table: Table, beside: Beside): RecipeReading {
  const keys = new Keys(table);
  const trains = keys.flag("do_train") === true || keys.has("per_device_train_batch_size");
  const draft: Draft = { keys, change: { phase: trains ? "train" : "prefill" }, parallel: {} };
  const { change, parallel } = draft;
  const model = keys.value("model_name_or_path");
  change.sequence = keys.count("cutoff_len", (n) => `${n} tokens`) ?? 2048;
  precision(draft);
  withDeepSpeed(draft, "deepspeed", beside);
  if (keys.has("fsdp")) {
    parallel.zero = /shard_grad_op/.test(String(keys.value("fsdp"))) ? 2 : 3;
    keys.understand("fsdp", "sharded");
    keys.harmless("fsdp_config", "fsdp_config.*");
  }
  setBatch(
    draft,
    keys.count("per_device_train_batch_size", (n) => `${n} samples a rank and pass`) ?? (trains ? 8 : 1),
    keys.count("gradient_accumulation_steps", (n) => `${n} passes a step`),
    beside.devices,
  );
  if (trains) {
    // It switches checkpointing on for every training unless told not to.
    change.checkpointing = keys.flag("disable_gradient_checkpointing") !== true;
    keys.understand(
      "disable_gradient_checkpointing",
      change.checkpointing ? "every block recomputed, as is its default" : "nothing recomputed",
    );
  }
  const attention = { fa2: "flash", fa3: "flash", sdpa: "sdpa", disabled: "eager" }[keys.word("flash_attn") ?? ""];
  if (attention) {
    change.attention = attention as "flash" | "sdpa" | "eager";
    keys.understand("flash_attn", attention);
  }
  setOptimizer(draft, "optim", keys.word("optim"));
  if (keys.flag("torch_compile")) change.compile = true;
  for (const key of [
    "use_galore",
    "use_apollo",
    "use_badam",
    "use_adam_mini",
    "use_unsloth",
    "use_unsloth_gc",
    "enable_liger_kernel",
  ])
    if (keys.flag(key) === true) keys.ignore(key, "is not modelled");
  const kind = keys.word("finetuning_type") ?? "lora";
  const bits = keys.count("quantization_bit", (n) => `frozen weights in ${n} bits`);
  const rank = keys.count("lora_rank", (n) => `rank ${n}`) ?? 8;
  const named = keys.value("lora_target");
  const targets =
    named === undefined || named === "all"
      ? "all"
      : String(Array.isArray(named) ? named.join(",") : named)
          .split(",")
          .map((one) => one.trim());
  if (trains && kind === "lora") {
    if (bits === 8)
      keys.ignore("quantization_bit", "frozen weights in 8 bits are not modelled beside adapters: weighed as LoRA");
    const technique = adapterOf(draft, { key: "finetuning_type", name: "lora", rank, targets, fourBit: bits === 4 });
    if (technique) change.techniques = [technique];
  } else if (trains && kind !== "full")
    keys.ignore("finetuning_type", `${kind} is not modelled: all weights are trained`);
  else keys.understand("finetuning_type", kind);
  keys.harmless(
    ..."stage dataset dataset_dir eval_dataset template max_samples overwrite_cache preprocessing_num_workers dataloader_num_workers output_dir logging_steps save_steps plot_loss overwrite_output_dir save_only_model report_to run_name learning_rate num_train_epochs max_steps lr_scheduler_type lr_scheduler_kwargs warmup_ratio warmup_steps weight_decay max_grad_norm ddp_timeout resume_from_checkpoint val_size per_device_eval_batch_size eval_strategy eval_steps do_train do_eval do_predict trust_remote_code adapter_name_or_path lora_alpha lora_dropout packing neat_packing train_on_prompt mask_history image_max_pixels video_max_pixels pref_beta pref_loss quantization_method double_quantization infer_backend export_dir export_size seed flash_attn tokenized_path cache_dir hf_hub_token new_special_tokens save_strategy save_total_limit logging_dir".split(
      " ",
    ),
  );
  return finished(draft, model);
}

/** `pure_bf16` keeps no copy in 32 bits; `bf16` and `fp16` are autocast over the type that the model is loaded in. */
function precision({ keys, change }: Draft): void {
  const pure = keys.flag("pure_bf16") === true;
  const bf16 = keys.flag("bf16") === true;
  const fp16 = keys.flag("fp16") === true;
  if (!pure && !bf16 && !fp16) return;
  const type = pure || bf16 ? "bf16" : "fp16";
  change.dtype = type;
  keys.understand(pure ? "pure_bf16" : type, `${type} weights and computation`);
}
