/** DeepSpeed's JSON configuration as part of a scenario. */
import type { AskedScenario, Parallel } from "../../base/scenario.ts";
import { Keys, type Table } from "./keys.ts";
import { optimizerOf } from "./optimizers.ts";

export type Change = Partial<AskedScenario>;

/** What a configuration says, before the number of devices is known to be enough. */
export interface Reading {
  readonly change: Change;
  readonly keys: Keys;
}

/** `devices`: how many a launcher starts, which this file does not say. */
export function readDeepSpeed(table: Table, devices?: number): Reading {
  const keys = new Keys(table);
  const parallel: { -readonly [key in keyof Parallel]: Parallel[key] } = { engine: "deepspeed" };
  const change: { -readonly [key in keyof Change]: Change[key] } = { phase: "train" };

  const zero = keys.value("zero_optimization.stage");
  if (zero === 0 || zero === 1 || zero === 2 || zero === 3) {
    parallel.zero = zero;
    keys.understand("zero_optimization.stage", `ZeRO-${zero}`);
  } else if (zero !== undefined) keys.ignore("zero_optimization.stage", "ZeRO's stages are 0 to 3");
  else parallel.zero = 0;
  readOffload(keys, "zero_optimization.", parallel);

  parallel.tensor = keys.count("tensor_parallel.autotp_size", (n) => `tensor degree ${n}`);
  parallel.context = keys.count("sequence_parallel_size", (n) => `context degree ${n}, by Ulysses`);
  if (parallel.context !== undefined) parallel.contextMethod = "ulysses";
  const micro = keys.count("train_micro_batch_size_per_gpu", (n) => `${n} samples a rank and pass`);
  const accumulation = keys.count("gradient_accumulation_steps", (n) => `${n} passes a step`);
  const whole = keys.count("train_batch_size", (n) => `${n} samples a step`);
  const others = (parallel.tensor ?? 1) * (parallel.context ?? 1);
  const told = devices === undefined ? undefined : Math.max(1, Math.floor(devices / others));
  // The three are bound: whole = micro · accumulation · data ranks; what is missing counts as 1, as DeepSpeed takes it.
  const data = told ?? (whole && micro ? Math.max(1, Math.round(whole / (micro * (accumulation ?? 1)))) : undefined);
  const passes = accumulation ?? (whole && micro && data ? Math.max(1, Math.round(whole / (micro * data))) : undefined);
  const each = micro ?? (whole ? whole / ((data ?? 1) * (passes ?? 1)) : undefined);
  if (data !== undefined) parallel.data = data;
  if (passes !== undefined) change.gradientAccumulation = passes;
  if (each !== undefined) change.batch = Math.max(1, Math.round(each * (data ?? 1)));
  if (data === undefined) keys.ignore("num_gpus", "the file does not say how many devices there are");

  readPrecision(keys, change, parallel);
  readOptimizer(keys, change);
  const shard = keys.value("zero_optimization.mics_shard_size");
  if (typeof shard === "number" && shard > 0) {
    parallel.shard = shard;
    keys.understand("zero_optimization.mics_shard_size", `sharded over ${shard} ranks`);
  }
  if (keys.has("activation_checkpointing"))
    keys.ignore("activation_checkpointing.*", "says how, not whether: the model's code switches checkpointing on");
  keys.harmless(
    "scheduler.*",
    "steps_per_print",
    "wall_clock_breakdown",
    "gradient_clipping",
    "prescale_gradients",
    "dump_state",
    "tensorboard.*",
    "wandb.*",
    "csv_monitor.*",
    "comms_logger.*",
    "flops_profiler.*",
    "checkpoint.*",
    "data_types.*",
    "zero_allow_untested_optimizer",
    "zero_optimization.stage3_gather_16bit_weights_on_model_save",
    "zero_optimization.contiguous_gradients",
    "zero_optimization.reduce_scatter",
    "zero_optimization.allgather_partitions",
    "zero_optimization.round_robin_gradients",
    "zero_optimization.sub_group_size",
  );
  keys.rest();
  return { change: { ...change, parallel: withoutUndefined(parallel) }, keys };
}

function readOffload(keys: Keys, prefix: string, parallel: { offload?: Parallel["offload"] }): void {
  for (const [key, what] of [
    ["offload_optimizer", "optimizer"],
    ["offload_param", "parameters"],
  ] as const) {
    const device = keys.word(`${prefix}${key}.device`);
    keys.harmless(...["pin_memory", "nvme_path", "buffer_count", "fast_init"].map((name) => `${prefix}${key}.${name}`));
    if (device === undefined || device === "none") continue;
    parallel.offload = what;
    keys.understand(`${prefix}${key}.device`, `${what} in the host's memory`);
  }
}

function readPrecision(
  keys: Keys,
  change: { dtype?: Change["dtype"] },
  parallel: { masterWeights?: boolean | undefined },
): void {
  const types = (["bf16", "fp16"] as const).filter((name) => keys.flag(`${name}.enabled`) === true);
  const [type] = types;
  keys.harmless(
    ...[
      "loss_scale",
      "loss_scale_window",
      "initial_scale_power",
      "hysteresis",
      "min_loss_scale",
      "auto_cast",
      "immediate_grad_update",
    ].flatMap((name) => [`fp16.${name}`, `bf16.${name}`]),
  );
  if (type) {
    change.dtype = type;
    parallel.masterWeights = true;
    keys.understand(`${type}.enabled`, `${type} weights with fp32 master weights and optimizer state`);
  } else if (keys.value("bf16.enabled") !== "auto" && keys.value("fp16.enabled") !== "auto") change.dtype = "fp32";
}

function readOptimizer(keys: Keys, change: { optimizer?: Change["optimizer"] }): void {
  const name = keys.word("optimizer.type");
  keys.harmless("optimizer.params.*");
  if (name === undefined) return;
  const momentum = Number(keys.value("optimizer.params.momentum") ?? 0) > 0;
  const optimizer = optimizerOf(name, momentum);
  if (!optimizer) return keys.ignore("optimizer.type", `${name} is not modelled`);
  change.optimizer = optimizer;
  keys.understand("optimizer.type", optimizer);
}

export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
