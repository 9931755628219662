/** What a model is weighed for: device, phase and sizes. Named as in the settings. */
export interface Scenario {
  /** A device profile's id. */
  readonly device: string;
  /** One forward pass, one token per sequence with a filled KV cache, or one optimizer step. */
  readonly phase: "prefill" | "decode" | "train";
  readonly batch: number;
  readonly sequence: number;
  readonly imageSize: number;
  /** Of weights and activations. */
  readonly dtype: ScenarioDtype;
  /** Of the KV cache; `undefined`: as dtype. */
  readonly kvDtype?: ScenarioDtype | undefined;
  readonly optimizer: "adamw" | "adamw-foreach" | "adamw-8bit" | "sgd" | "sgd-momentum" | "adafactor" | "lion" | "muon";
  /** Attention's implementation or SDPA's back end; `undefined`: what the code does, with the back end PyTorch would choose. */
  readonly attention?: AttentionChoice | undefined;
  /** The reduced type of an autocast region around the forward pass, over weights in `dtype`. */
  readonly autocast?: "bf16" | "fp16" | undefined;
  /** Every block's forward runs again in the backward pass (non-reentrant). */
  readonly checkpointing?: boolean | undefined;
  /** Fused as `torch.compile` would. */
  readonly compile?: boolean | undefined;
  /** Backward passes per optimizer step; `undefined`: 1. */
  readonly gradientAccumulation?: number | undefined;
  readonly parallel?: Parallel | undefined;
  /** Whose layout the KV cache has; `undefined`: minimal. */
  readonly runtime?: "minimal" | "transformers" | "vllm" | "llama.cpp" | undefined;
  /** Techniques of the catalogue applied before costing, with their knobs. */
  readonly techniques?: readonly AppliedTechnique[] | undefined;
}

export type AttentionChoice = "eager" | "sdpa" | "flash" | "math" | "efficient" | "cudnn";

/** How many devices share the work, and how. Degrees default to 1. */
export interface Parallel {
  readonly data?: number | undefined;
  readonly tensor?: number | undefined;
  readonly pipeline?: number | undefined;
  readonly expert?: number | undefined;
  readonly context?: number | undefined;
  /** ZeRO's stage; FSDP's full sharding is 3, its SHARD_GRAD_OP 2. */
  readonly zero?: 0 | 1 | 2 | 3 | undefined;
  /** Ranks that share one sharded copy; `undefined`: all data ranks. Fewer is FSDP's HYBRID_SHARD. */
  readonly shard?: number | undefined;
  /** Whose sharding and buffers: PyTorch's DDP and FSDP, DeepSpeed's ZeRO or Megatron's; `undefined`: PyTorch's. */
  readonly engine?: "pytorch" | "deepspeed" | "megatron" | undefined;
  /** fp32 master weights and optimizer state beside weights in `dtype`; `undefined`: the state has the weights' type. */
  readonly masterWeights?: boolean | undefined;
  /** What lies in the host's memory instead; parameters take the optimizer's state along. */
  readonly offload?: "optimizer" | "parameters" | undefined;
  /** A pipeline's order of work; `undefined`: 1F1B. */
  readonly schedule?: "gpipe" | "1f1b" | "interleaved" | "zero-bubble" | undefined;
  /** Chunks of layers on each stage of an interleaved schedule; `undefined`: 2. */
  readonly chunks?: number | undefined;
  /** Parts that a pipeline cuts a rank's batch into; `undefined`: one sample each. */
  readonly microbatches?: number | undefined;
  /** Megatron's sequence parallelism: what lies between the split products is split along the sequence. */
  readonly sequenceParallel?: boolean | undefined;
  /** How a context-parallel group exchanges attention's inputs; `undefined`: ring. */
  readonly contextMethod?: "ring" | "ulysses" | undefined;
  /** An interconnect's id, such as `nvlink4`; `undefined`: the device's own. */
  readonly interconnect?: string | undefined;
  /** Devices in one machine, which talk over the device's own link; `undefined`: all talk over `interconnect`. */
  readonly perMachine?: number | undefined;
}

export interface AppliedTechnique {
  readonly id: string;
  readonly knobs?: Readonly<Record<string, number | string | boolean>> | undefined;
}

/** What is asked for: `auto` takes the type that the model's config names, else fp32. */
export type AskedScenario = Omit<Scenario, "dtype"> & { readonly dtype: ScenarioDtype | "auto" };

export type ScenarioDtype = "fp32" | "bf16" | "fp16" | "fp8" | "int8" | "int4";

export const defaultScenario: AskedScenario = {
  device: "nvidia-rtx-4090-24gb",
  phase: "prefill",
  batch: 1,
  sequence: 1024,
  imageSize: 224,
  dtype: "auto",
  optimizer: "adamw",
  checkpointing: false,
  compile: false,
  gradientAccumulation: 1,
};

/** The scenario with its type decided. `named` is what the model's config says, as PyTorch or a config spells it. */
export function decided(asked: AskedScenario, named?: unknown): Scenario {
  return { ...asked, dtype: asked.dtype === "auto" ? (spellings[String(named)] ?? "fp32") : asked.dtype };
}

const spellings: Readonly<Record<string, ScenarioDtype>> = {
  float32: "fp32",
  bfloat16: "bf16",
  float16: "fp16",
  fp32: "fp32",
  bf16: "bf16",
  fp16: "fp16",
  fp8: "fp8",
  int8: "int8",
  int4: "int4",
};

/** Bytes of one element. */
export function scenarioItemBytes(dtype: ScenarioDtype): number {
  return { fp32: 4, bf16: 2, fp16: 2, fp8: 1, int8: 1, int4: 0.5 }[dtype];
}

/** `B1 T1024 · bf16`: the scenario in a few characters; a type that the model decides is left out. */
export function showScenario(
  { batch, sequence, imageSize, dtype }: AskedScenario,
  uses: { sequence: boolean; image: boolean },
): string {
  const sizes = [
    `B${batch}`,
    ...(uses.sequence ? [`T${sequence}`] : []),
    ...(uses.image ? [`${imageSize}²`] : []),
  ].join(" ");
  return dtype === "auto" ? sizes : `${sizes} · ${dtype}`;
}
