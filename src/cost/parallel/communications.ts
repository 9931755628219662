/** What one rank of a pipeline stage sends in a step, kind by kind. */
import type { Scenario } from "../../base/scenario.ts";
import type { Attention } from "./attentions.ts";
import type { Collective } from "./collectives.ts";
import type { Degrees } from "./degrees.ts";
import type { Exchange, Splits } from "./splits.ts";
import type { States } from "./states.ts";

export type Axis = "data" | "tensor" | "pipeline" | "context" | "expert";

/** Like collectives of a step. */
export interface Traffic {
  /** `gradients`, `sums of split products`. */
  readonly name: string;
  readonly axis: Axis;
  readonly collective: Collective;
  readonly ranks: number;
  /** Of one of them, as `sentBytes` takes it. */
  readonly bytes: number;
  readonly calls: number;
  /** What runs while it does: the backward passes, the last of them, all passes, or nothing. */
  readonly behind: "backward" | "last backward" | "passes" | "nothing";
}

/** What the stage's part of the model hands over, from its trace. */
export interface StageTraffic {
  readonly splits: Pick<Splits, "sums" | "copies" | "gathers" | "dispatched" | "combined">;
  readonly attentions: readonly Attention[];
  readonly states: States;
  /** Bytes of one weight element as it is gathered, and of one gradient element as it is sent. */
  readonly weightItem: number;
  readonly gradientItem: number;
  /** Blocks of the stage, and the whole bytes of what one hands to the next. */
  readonly blocks: number;
  readonly boundaryBytes: number;
  /** Its layers that have experts. */
  readonly expertLayers: number;
}

export function trafficOf(
  stage: StageTraffic,
  degrees: Degrees,
  scenario: Pick<Scenario, "phase" | "checkpointing">,
): Traffic[] {
  const trains = scenario.phase === "train";
  const found = [
    ...tensorTraffic(stage.splits, degrees, trains, scenario.checkpointing === true),
    ...contextTraffic(stage.attentions, degrees, trains),
    ...expertTraffic(stage, degrees, trains),
    ...pipelineTraffic(stage.boundaryBytes, degrees, trains),
    ...dataTraffic(stage, degrees, trains),
  ];
  return found.filter(({ ranks, bytes, calls }) => ranks > 1 && bytes > 0 && calls > 0);
}

/** Times that every layer runs in a step. */
const runs = ({ microbatches, accumulation }: Degrees, trains: boolean) => microbatches * (trains ? accumulation : 1);

/** What a rank has of a tensor of tokens in one micro-batch. */
const tokens = ({ data, context, microbatches }: Degrees) => 1 / (data * context * microbatches);

/** Megatron's two all-reduces a block forward and two backward; with sequence parallelism each is a reduce-scatter and an all-gather. */
function tensorTraffic(
  { sums, copies, gathers }: StageTraffic["splits"],
  degrees: Degrees,
  trains: boolean,
  again: boolean,
): Traffic[] {
  const { tensor, sequenceParallel } = degrees;
  const each = (name: string, list: readonly Exchange[], collective: Collective, times = 1): Traffic => ({
    name,
    axis: "tensor",
    collective,
    ranks: tensor,
    bytes: mean(list) * tokens(degrees),
    calls: list.length * times * runs(degrees, trains),
    behind: "nothing",
  });
  const whole = (name: string, list: readonly Exchange[], times = 1): Traffic[] =>
    sequenceParallel
      ? [each(name, list, "reduce-scatter", times), each(name, list, "all-gather", times)]
      : [each(name, list, "all-reduce", times)];
  return [
    ...whole("sums of split products", sums, trains && again ? 2 : 1),
    ...(trains ? whole("gradients of split products' inputs", copies) : []),
    each("split tensors made whole", gathers, "all-gather", trains ? 2 : 1),
  ];
}

function contextTraffic(attentions: readonly Attention[], degrees: Degrees, trains: boolean): Traffic[] {
  const { context, tensor, data, microbatches, contextMethod } = degrees;
  const part = 1 / (data * microbatches * tensor * context);
  const times = attentions.length * runs(degrees, trains);
  const average = (of: (one: Attention) => number) =>
    attentions.length === 0 ? 0 : attentions.reduce((sum, one) => sum + of(one), 0) / attentions.length;
  const keys = average(({ keyBytes, valueBytes }) => keyBytes + valueBytes) * part;
  const common = { axis: "context", ranks: context } as const;
  if (contextMethod === "ulysses") {
    const all = average((one) => one.queryBytes + one.keyBytes + one.valueBytes + one.outputBytes) * part;
    // Four all-to-alls forward: queries, keys, values, and the output on its way back.
    const bytes = all / 4;
    return [
      {
        ...common,
        name: "heads for tokens",
        collective: "all-to-all",
        bytes,
        calls: 4 * times * (trains ? 2 : 1),
        behind: "nothing",
      },
    ];
  }
  const sends = (name: string, bytes: number): Traffic => ({
    ...common,
    name,
    collective: "send",
    bytes,
    calls: (context - 1) * times,
    behind: "passes",
  });
  // Backward, keys and values go round again, and their gradients with them.
  return [sends("keys and values", keys), ...(trains ? [sends("keys, values and their gradients", 2 * keys)] : [])];
}

/** Tokens to their experts' ranks and back; backward the same way round. Routing is taken to be even. */
function expertTraffic({ splits, expertLayers: layers }: StageTraffic, degrees: Degrees, trains: boolean): Traffic[] {
  const times = runs(degrees, trains) * (trains ? 2 : 1);
  const each = (name: string, list: readonly Exchange[]): Traffic => ({
    name,
    axis: "expert",
    collective: "all-to-all",
    ranks: degrees.expert,
    bytes: layers === 0 ? 0 : (total(list) * tokens(degrees)) / layers,
    calls: layers * times,
    behind: "nothing",
  });
  return [each("tokens to experts", splits.dispatched), each("experts' outputs", splits.combined)];
}

function pipelineTraffic(boundary: number, degrees: Degrees, trains: boolean): Traffic[] {
  const { stages, chunks, tensor, sequenceParallel } = degrees;
  const bytes = boundary * tokens(degrees) * (sequenceParallel ? 1 / tensor : 1);
  const calls = chunks * runs(degrees, trains) * (trains ? 2 : 1);
  return [
    {
      name: "activations between stages",
      axis: "pipeline",
      collective: "send",
      ranks: stages,
      bytes,
      calls,
      behind: "passes",
    },
  ];
}

/**
 * Gradients: an all-reduce a step (DDP); a reduce-scatter and an all-gather of the weights (ZeRO-1 and 2): the same volume;
 * full sharding gathers the weights for the forward and for the backward pass: half as much again (arXiv 1910.02054, section 7).
 */
function dataTraffic(stage: StageTraffic, degrees: Degrees, trains: boolean): Traffic[] {
  const { states, weightItem, gradientItem, blocks } = stage;
  const { data, context, expert, shard, zero, engine, accumulation } = degrees;
  const ranks = data * context;
  const groups = [
    {
      of: "",
      whole: states.elements - states.expertElements,
      trained: states.trained - states.expertTrained,
      size: ranks,
    },
    {
      of: " of experts",
      whole: states.expertElements,
      trained: states.expertTrained,
      size: Math.max(1, ranks / expert),
    },
  ];
  return groups.flatMap(({ of, whole, trained, size }): Traffic[] => {
    const within = Math.min(shard, size);
    const units = Math.max(1, blocks);
    const gradients = trained * gradientItem;
    const weights = whole * weightItem;
    const one = (
      name: string,
      collective: Collective,
      bytes: number,
      calls: number,
      behind: Traffic["behind"],
      group = within,
    ): Traffic => ({
      name: name + of,
      axis: "data",
      collective,
      ranks: group,
      bytes: bytes / units,
      calls: calls * units,
      behind,
    });
    const fullySharded = zero === 3 || (zero === 2 && engine === "pytorch");
    const passes = trains ? accumulation : 1;
    const gathers = !fullySharded
      ? []
      : [one("weights gathered", "all-gather", weights, passes * (trains && zero === 3 ? 2 : 1), "passes")];
    if (!trains) return gathers;
    if (zero === 0 || (zero === 1 && engine === "pytorch")) {
      const reduced = one("gradients", "all-reduce", gradients, 1, "last backward", size);
      return zero === 0 ? [reduced] : [reduced, one("updated weights", "all-gather", weights, 1, "nothing", size)];
    }
    // Gradients that are sharded are scattered after every backward pass.
    const scatters = one(
      "gradients",
      "reduce-scatter",
      gradients,
      zero >= 2 ? accumulation : 1,
      zero >= 2 ? "backward" : "last backward",
    );
    const replicas = size / within;
    const across =
      replicas > 1 ? [one("gradients' shards", "all-reduce", gradients / within, 1, "last backward", replicas)] : [];
    const updated = fullySharded ? gathers : [one("updated weights", "all-gather", weights, 1, "nothing")];
    return [scatters, ...across, ...updated];
  });
}

function total(list: readonly Exchange[]): number {
  return list.reduce((sum, { bytes }) => sum + bytes, 0);
}

function mean(list: readonly Exchange[]): number {
  return list.length === 0 ? 0 : total(list) / list.length;
}
