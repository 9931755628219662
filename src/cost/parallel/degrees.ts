/** How many ranks share the work and how, decided from a scenario, and what does not divide. */
import type { Parallel, Scenario } from "../../base/scenario.ts";
import type { ZeroStage } from "./modelStates.ts";
import type { Pipeline, Schedule } from "./pipeline.ts";

/** A scenario's parallelism with every value decided. */
export interface Degrees extends Pipeline {
  readonly data: number;
  readonly tensor: number;
  readonly context: number;
  readonly expert: number;
  readonly zero: ZeroStage;
  /** Ranks over which the states that ZeRO shards are spread. */
  readonly shard: number;
  readonly engine: "pytorch" | "deepspeed" | "megatron";
  readonly masterWeights: boolean;
  readonly offload: Parallel["offload"];
  readonly sequenceParallel: boolean;
  readonly contextMethod: "ring" | "ulysses";
  /** Backward passes in a step. */
  readonly accumulation: number;
  /** Devices in all: data · tensor · context · pipeline; experts are spread over data and context ranks. */
  readonly ranks: number;
}

/** Samples and tokens of a pass; undefined where an input has no such axis. */
export interface Axes {
  readonly batch: number | undefined;
  readonly sequence: number | undefined;
}

/** The sizes of a model that degrees must divide; undefined where not known. */
export interface Sizes extends Axes {
  readonly heads: number | undefined;
  readonly keyHeads: number | undefined;
  readonly layers: number;
  readonly experts: number;
  /** Whether tensor parallelism finds any weight to split. */
  readonly splits: boolean;
}

export function degreesOf({ parallel = {}, gradientAccumulation = 1 }: Scenario, batch = 1): Degrees {
  const expert = parallel.expert ?? 1;
  const context = parallel.context ?? 1;
  // Expert-parallel ranks are data-parallel ranks: unless said, there are as many.
  const data = parallel.data ?? Math.max(1, Math.ceil(expert / context));
  const tensor = parallel.tensor ?? 1;
  const stages = parallel.pipeline ?? 1;
  const schedule: Schedule = parallel.schedule ?? "1f1b";
  return {
    data,
    tensor,
    context,
    expert,
    stages,
    schedule,
    chunks: stages > 1 && schedule === "interleaved" ? (parallel.chunks ?? 2) : 1,
    microbatches: stages > 1 ? (parallel.microbatches ?? Math.max(1, Math.floor(batch / data))) : 1,
    zero: data * context > 1 ? (parallel.zero ?? 0) : 0,
    shard: Math.min(parallel.shard ?? data * context, data * context),
    engine: parallel.engine ?? "pytorch",
    masterWeights: parallel.masterWeights ?? false,
    offload: parallel.offload,
    sequenceParallel: (parallel.sequenceParallel ?? false) && tensor > 1,
    contextMethod: parallel.contextMethod ?? "ring",
    accumulation: gradientAccumulation,
    ranks: data * tensor * context * stages,
  };
}

/** A sentence for each degree that does not divide what it splits, with both numbers. */
export function problemsOf(degrees: Degrees, sizes: Sizes): string[] {
  const { data, tensor, context, expert, stages, chunks, microbatches, shard } = degrees;
  const { batch, sequence, heads, keyHeads, layers, experts } = sizes;
  const problems: string[] = [];
  const divides = (what: string, size: number | undefined, by: string, degree: number) => {
    if (degree > 1 && size !== undefined && size % degree !== 0)
      problems.push(`${size} ${what} cannot be spread over ${by} of ${degree}.`);
  };
  if (tensor > 1 && !sizes.splits)
    problems.push(
      `No weight of repeated layers can be split over a tensor degree of ${tensor}: every rank does all the work.`,
    );
  divides("attention heads", heads, "a tensor degree", tensor);
  if (keyHeads !== heads) divides("key and value heads", keyHeads, "a tensor degree", tensor);
  divides("samples of the batch", batch, "a data degree", data);
  if (batch !== undefined && batch % data === 0)
    divides("samples of a rank", batch / data, "micro-batches", microbatches);
  divides("tokens of the sequence", sequence, "a context degree", context);
  if (context > 1 && sequence === undefined)
    problems.push(`There is no sequence to spread over a context degree of ${context}.`);
  if (context > 1 && degrees.contextMethod === "ulysses" && heads !== undefined)
    divides("attention heads of a tensor rank", Math.ceil(heads / tensor), "a context degree (Ulysses)", context);
  if (stages * chunks > 1 && layers < stages * chunks)
    problems.push(
      `${layers} repeated layers are fewer than the ${stages * chunks} parts of a pipeline degree of ${stages}.`,
    );
  else divides("repeated layers", layers, "pipeline stages", stages * chunks);
  if (expert > 1 && experts === 0) problems.push(`There are no experts to spread over an expert degree of ${expert}.`);
  else divides("experts", experts, "an expert degree", expert);
  if ((data * context) % expert !== 0)
    problems.push(`An expert degree of ${expert} does not divide the ${data * context} data and context ranks.`);
  if ((data * context) % shard !== 0)
    problems.push(`A shard of ${shard} ranks does not divide the ${data * context} data and context ranks.`);
  if (degrees.schedule === "interleaved" && stages > 1 && microbatches % stages !== 0)
    problems.push(`${microbatches} micro-batches are no multiple of the ${stages} stages of an interleaved schedule.`);
  return problems;
}
