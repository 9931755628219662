/** torchtitan's TOML configuration as part of a scenario. */
import type { AskedScenario, Parallel } from "../../base/scenario.ts";
import { type Reading, withoutUndefined } from "./deepspeed.ts";
import { Keys, type Table } from "./keys.ts";
import { optimizerOf } from "./optimizers.ts";

type Open<T> = { -readonly [key in keyof T]: T[key] };

/** `devices`: how many a launcher starts; a shard degree of -1 takes those that are left. */
export function readTorchtitan(table: Table, devices?: number): Reading {
  const keys = new Keys(table);
  const parallel: Open<Parallel> = {};
  const change: Open<Partial<AskedScenario>> = { phase: "train", dtype: "fp32" };
  const degree = (name: string, says: string) =>
    keys.count(`parallelism.${name}`, (n) => `${says} ${n}`) ??
    keys.count(`experimental.${name}`, (n) => `${says} ${n}`);
  parallel.tensor = degree("tensor_parallel_degree", "tensor degree");
  // torchtitan splits what lies between the products along the sequence, always.
  if ((parallel.tensor ?? 1) > 1) parallel.sequenceParallel = true;
  parallel.pipeline = degree("pipeline_parallel_degree", "pipeline degree");
  parallel.context = degree("context_parallel_degree", "context degree");
  parallel.expert = degree("expert_parallel_degree", "expert degree");
  const replicas = degree("data_parallel_replicate_degree", "replicas:") ?? 1;
  const others = replicas * (parallel.tensor ?? 1) * (parallel.pipeline ?? 1) * (parallel.context ?? 1);
  const shards = shardsOf(keys, devices === undefined ? undefined : Math.max(1, Math.floor(devices / others)));
  if (shards !== undefined) {
    parallel.data = replicas * shards;
    if (shards * (parallel.context ?? 1) > 1) parallel.zero = 3;
    if (replicas > 1 && shards > 1) parallel.shard = shards * (parallel.context ?? 1);
  }
  const policy = keys.word("parallelism.fsdp_reshard_after_forward");
  // By default weights stay whole between forward and backward only in a pipeline.
  const staysWhole = policy === "never" || (policy !== "always" && (parallel.pipeline ?? 1) > 1);
  if (parallel.zero === 3 && staysWhole) parallel.zero = 2;
  readPipeline(keys, parallel);

  const data = parallel.data ?? 1;
  const local =
    keys.count("training.local_batch_size", (n) => `${n} samples a rank`) ??
    keys.count("training.batch_size", (n) => `${n} samples a rank`);
  const each = local ?? 8;
  change.batch = each * data;
  const size = keys.count("parallelism.pipeline_parallel_microbatch_size", (n) => `micro-batches of ${n}`) ?? 1;
  if ((parallel.pipeline ?? 1) > 1) parallel.microbatches = Math.max(1, Math.floor(each / size));
  const whole = keys.value("training.global_batch_size");
  if (typeof whole === "number" && whole > 0) {
    change.gradientAccumulation = Math.max(1, Math.round(whole / change.batch));
    keys.understand("training.global_batch_size", `${whole} samples a step`);
  }
  const tokens = keys.count("training.seq_len", (n) => `${n} tokens`);
  change.sequence = tokens ?? 2048;
  const type = keys.word("training.mixed_precision_param") ?? "bfloat16";
  if (type === "bfloat16") change.autocast = "bf16";
  keys.understand("training.mixed_precision_param", type === "bfloat16" ? "bf16 computation over fp32 weights" : type);
  if (keys.flag("training.enable_cpu_offload")) parallel.offload = "parameters";
  if (keys.flag("training.compile") || keys.flag("compile.enable")) change.compile = true;
  readCheckpointing(keys, change);
  readOptimizer(keys, change);
  keys.harmless(
    ..."job.* profiling.* metrics.* model.* checkpoint.* lr_scheduler.* comm.* memory_estimation.* validation.* fault_tolerance.* debug.* compile.* training.dataset training.dataset_path training.max_norm training.steps training.gc_freq training.gc_debug training.seed training.deterministic training.mixed_precision_reduce parallelism.enable_async_tensor_parallel parallelism.context_parallel_rotate_method parallelism.enable_compiled_autograd".split(
      " ",
    ),
  );
  keys.rest();
  return { change: { ...change, parallel: withoutUndefined(parallel) }, keys };
}

function shardsOf(keys: Keys, left: number | undefined): number | undefined {
  const key = "parallelism.data_parallel_shard_degree";
  const given = keys.value(key) ?? keys.value("training.data_parallel_shard_degree") ?? -1;
  if (typeof given === "number" && given > 0) {
    keys.understand(key, `sharded over ${given} ranks`);
    return given;
  }
  if (left !== undefined) {
    keys.understand(key, `sharded over the ${left} ranks that are left`);
    return left;
  }
  keys.ignore(key, "takes the devices that are left, and the file does not say how many there are");
  return undefined;
}

const schedules: readonly [RegExp, Parallel["schedule"]][] = [
  [/^gpipe$/, "gpipe"],
  [/^1f1b$/, "1f1b"],
  [/^(interleaved1f1b|loopedbfs)$/, "interleaved"],
  [/^(interleavedzerobubble|zbvzerobubble|dualpipev)$/, "zero-bubble"],
];

function readPipeline(keys: Keys, parallel: Open<Parallel>): void {
  const key = "parallelism.pipeline_parallel_schedule";
  const word = keys.word(key);
  keys.harmless("parallelism.pipeline_parallel_schedule_csv");
  if (word === undefined || (parallel.pipeline ?? 1) === 1) return;
  const schedule = schedules.find(([name]) => name.test(word))?.[1];
  if (!schedule) return keys.ignore(key, `${word} is not modelled: 1F1B is taken`);
  parallel.schedule = schedule;
  keys.understand(key, schedule === "zero-bubble" ? `${word}, taken as ZB-H1` : schedule);
}

function readCheckpointing(keys: Keys, change: Open<Partial<AskedScenario>>): void {
  const mode = keys.word("activation_checkpoint.mode") ?? "selective";
  keys.harmless(
    "activation_checkpoint.selective_ac_option",
    "activation_checkpoint.per_op_sac_force_recompute_mm_shapes_by_fqns",
  );
  if (mode === "full") {
    change.checkpointing = true;
    keys.understand("activation_checkpoint.mode", "every block recomputed");
  } else if (mode === "none") {
    change.checkpointing = false;
    keys.understand("activation_checkpoint.mode", "nothing recomputed");
  } else keys.ignore("activation_checkpoint.mode", "selective recomputation is not modelled: weighed without any");
}

function readOptimizer(keys: Keys, change: Open<Partial<AskedScenario>>): void {
  const name = keys.word("optimizer.name") ?? "adamw";
  const optimizer = optimizerOf(name);
  const foreach = keys.word("optimizer.implementation") === "foreach" || keys.flag("optimizer.foreach") === true;
  keys.harmless(
    ..."lr beta1 beta2 eps weight_decay fused implementation foreach".split(" ").map((key) => `optimizer.${key}`),
  );
  if (!optimizer) return keys.ignore("optimizer.name", `${name} is not modelled`);
  change.optimizer = optimizer === "adamw" && foreach ? "adamw-foreach" : optimizer;
  keys.understand("optimizer.name", change.optimizer);
}
