/** accelerate's YAML configuration as part of a scenario. */
import type { AskedScenario, Parallel } from "../../base/scenario.ts";
import { type Reading, readDeepSpeed, withoutUndefined } from "./deepspeed.ts";
import { asTable, Keys, type Table } from "./keys.ts";

type Open<T> = { -readonly [key in keyof T]: T[key] };

/** `other` gives the table of a file that this one names, where it can be read. */
export function readAccelerate(table: Table, other: (path: string) => Table | undefined = () => undefined): Reading {
  const keys = new Keys(table);
  const parallel: Open<Parallel> = {};
  const change: Open<Partial<AskedScenario>> = { phase: "train" };
  const processes = keys.count("num_processes", (n) => `${n} devices`) ?? 1;
  const machines = keys.count("num_machines", (n) => `${n} machines`) ?? 1;
  if (machines > 1) parallel.perMachine = Math.ceil(processes / machines);
  const type = keys.word("distributed_type") ?? "no";
  const precision = keys.word("mixed_precision");
  if (precision === "bf16" || precision === "fp16") {
    change.dtype = type === "deepspeed" ? precision : "fp32";
    if (type === "deepspeed") parallel.masterWeights = true;
    else change.autocast = precision;
    keys.understand(
      "mixed_precision",
      type === "deepspeed" ? `${precision} weights, fp32 state` : `autocast to ${precision}`,
    );
  } else if (precision === "no") {
    change.dtype = "fp32";
    keys.understand("mixed_precision", "fp32");
  } else if (precision !== undefined) keys.ignore("mixed_precision", `${precision} is not modelled`);
  const accumulation = keys.count("gradient_accumulation_steps", (n) => `${n} passes a step`);
  if (accumulation !== undefined) change.gradientAccumulation = accumulation;
  const dynamo = keys.word("dynamo_config.dynamo_backend");
  if (dynamo !== undefined && dynamo !== "no") {
    change.compile = true;
    keys.understand("dynamo_config.dynamo_backend", `compiled by ${dynamo}`);
  }
  readParallelism(keys, parallel);
  if (type === "fsdp") readFsdp(keys, parallel, change, processes, machines);
  else if (type === "deepspeed") readPlugin(keys, table, parallel, change, processes, other);
  else if (type === "megatron_lm") readMegatron(keys, parallel, change);
  else if (!/^(no|multi_gpu|multi_xpu|multi_npu|multi_hpu)$/.test(type))
    keys.ignore("distributed_type", `${type} is not modelled`);
  if (/^(fsdp|deepspeed|megatron_lm|no|multi_.*)$/.test(type)) keys.understand("distributed_type", type);
  const others = (parallel.tensor ?? 1) * (parallel.context ?? 1) * (parallel.pipeline ?? 1);
  parallel.data ??= Math.max(1, Math.floor(processes / others));
  keys.harmless(
    ..."compute_environment debug deepspeed_hostfile deepspeed_multinode_launcher downcast_bf16 dynamo_config.* enable_cpu_affinity gpu_ids machine_rank main_process_ip main_process_port main_training_function rdzv_backend same_network tpu_env tpu_name tpu_zone tpu_use_cluster tpu_use_sudo use_cpu mpirun_config.* commands command_file tpu_env.* commands.*".split(
      " ",
    ),
  );
  keys.rest();
  return { change: { ...change, parallel: withoutUndefined(parallel) }, keys };
}

function readParallelism(keys: Keys, parallel: Open<Parallel>): void {
  const of = (name: string, says: (n: number) => string) =>
    keys.count(`parallelism_config.parallelism_config_${name}_size`, says);
  const replicas = of("dp_replicate", (n) => `${n} replicas`);
  const shards = of("dp_shard", (n) => `sharded over ${n} ranks`);
  parallel.tensor = of("tp", (n) => `tensor degree ${n}`);
  const ring = of("cp", (n) => `context degree ${n}`);
  const ulysses = of("sp", (n) => `context degree ${n}, by Ulysses`);
  parallel.context = ulysses !== undefined && ulysses > 1 ? ulysses : ring;
  if (ulysses !== undefined && ulysses > 1) parallel.contextMethod = "ulysses";
  if (replicas !== undefined || shards !== undefined) parallel.data = (replicas ?? 1) * (shards ?? 1);
  if ((replicas ?? 1) > 1 && (shards ?? 1) > 1) parallel.shard = (shards ?? 1) * (parallel.context ?? 1);
  keys.harmless("parallelism_config.parallelism_config_cp_comm_strategy");
}

const strategies: Readonly<Record<string, readonly [zero: 0 | 2 | 3, hybrid: boolean]>> = {
  "1": [3, false],
  full_shard: [3, false],
  "2": [2, false],
  shard_grad_op: [2, false],
  "3": [0, false],
  no_shard: [0, false],
  "4": [3, true],
  hybrid_shard: [3, true],
  "5": [2, true],
  hybrid_shard_zero2: [2, true],
};

function readFsdp(
  keys: Keys,
  parallel: Open<Parallel>,
  change: Open<Partial<AskedScenario>>,
  processes: number,
  machines: number,
): void {
  parallel.zero = 3;
  for (const key of ["fsdp_config.fsdp_sharding_strategy", "fsdp_config.fsdp_reshard_after_forward"]) {
    const word = keys.word(key);
    if (word === undefined) continue;
    // Version 2 has a flag in place of a strategy: weights stay whole until backward where it is false.
    const [zero, hybrid] = word === "true" ? [3, false] : word === "false" ? [2, false] : (strategies[word] ?? []);
    if (zero === undefined) {
      keys.ignore(key, `${word} is not a sharding strategy`);
      continue;
    }
    parallel.zero = zero as 0 | 2 | 3;
    if (hybrid) parallel.shard = Math.ceil(processes / machines);
    keys.understand(key, zero === 0 ? "nothing sharded" : `as ZeRO-${zero}${hybrid ? ", within a machine" : ""}`);
  }
  if (keys.flag("fsdp_config.fsdp_offload_params")) {
    parallel.offload = "parameters";
    keys.understand("fsdp_config.fsdp_offload_params", "parameters in the host's memory");
  }
  if (keys.flag("fsdp_config.fsdp_activation_checkpointing")) {
    change.checkpointing = true;
    keys.understand("fsdp_config.fsdp_activation_checkpointing", "every block recomputed");
  }
  keys.harmless(
    ..."version auto_wrap_policy backward_prefetch backward_prefetch_policy forward_prefetch cpu_ram_efficient_loading state_dict_type sync_module_states transformer_layer_cls_to_wrap use_orig_params min_num_params"
      .split(" ")
      .map((name) => `fsdp_config.fsdp_${name}`),
  );
}

function readPlugin(
  keys: Keys,
  table: Table,
  parallel: Open<Parallel>,
  change: Open<Partial<AskedScenario>>,
  processes: number,
  other: (path: string) => Table | undefined,
): void {
  const path = keys.value("deepspeed_config.deepspeed_config_file");
  const named = typeof path === "string" ? other(path) : undefined;
  if (typeof path === "string" && !named)
    keys.ignore("deepspeed_config.deepspeed_config_file", `${path} cannot be read`);
  const { zero_stage, offload_optimizer_device, offload_param_device, gradient_accumulation_steps } =
    asTable(table["deepspeed_config"]) ?? {};
  const own: Table = {
    zero_optimization: {
      stage: zero_stage,
      offload_optimizer: { device: offload_optimizer_device },
      offload_param: { device: offload_param_device },
    },
    gradient_accumulation_steps,
    bf16: { enabled: "auto" },
  };
  const inner = readDeepSpeed(named ?? own, processes);
  keys.understood.push(...inner.keys.understood);
  keys.ignored.push(...inner.keys.ignored.filter(({ key }) => key !== "bf16.enabled"));
  const { parallel: read, dtype, ...rest } = inner.change;
  Object.assign(change, rest);
  if (change.dtype === undefined && dtype !== undefined) change.dtype = dtype;
  Object.assign(parallel, { ...read, masterWeights: parallel.masterWeights ?? read?.masterWeights });
  keys.harmless("deepspeed_config.*");
}

function readMegatron(keys: Keys, parallel: Open<Parallel>, change: Open<Partial<AskedScenario>>): void {
  const key = (name: string) => `megatron_lm_config.megatron_lm_${name}`;
  parallel.engine = "megatron";
  parallel.tensor = keys.count(key("tp_degree"), (n) => `tensor degree ${n}`);
  parallel.pipeline = keys.count(key("pp_degree"), (n) => `pipeline degree ${n}`);
  parallel.microbatches = keys.count(key("num_micro_batches"), (n) => `${n} micro-batches`);
  if (keys.flag(key("sequence_parallelism"))) parallel.sequenceParallel = true;
  if (keys.flag(key("use_distributed_optimizer"))) parallel.zero = 1;
  if (keys.flag(key("recompute_activations")))
    keys.ignore(key("recompute_activations"), "only attention is recomputed, which is not modelled");
  parallel.masterWeights = change.autocast !== undefined;
  if (change.autocast !== undefined) {
    change.dtype = change.autocast;
    delete change.autocast;
  }
  keys.harmless(key("gradient_clipping"));
}
