/** The answer of `assay batch` to one case, as plain JSON values. */
import { showPlace } from "../base/place.ts";
import { type Known, known, Unknown } from "../base/unknown.ts";
import { activeParams } from "../cost/activeParams.ts";
import { type LayerFigures, savedTotal, weigh } from "../cost/figures.ts";
import type { QuantizationReport } from "../cost/report.ts";
import { type Built, failureReason, type Pass } from "../evidence/run.ts";
import { type Failure, outputShapes } from "../torch/session.ts";
import { type CostAnswers, type Costs, costAnswers, sureOf } from "./costs.ts";
import { unknownsOf } from "./unknowns.ts";

export interface Answer extends CostAnswers {
  readonly id: string;
  readonly params?: number | null;
  /** Those that one token uses. */
  readonly activeParams?: number | null;
  readonly trainableParams?: number | null;
  readonly bufferElements?: number | null;
  readonly flops?: number | null;
  readonly savedBytes?: number | null;
  readonly outputs?: unknown;
  readonly modules?: Readonly<Record<string, { params: number | null; flops: number | null }>>;
  readonly complete?: { params: boolean; flops: boolean; savedBytes: boolean; memory: boolean; time: boolean };
  readonly unknowns?: readonly { reason: string; at: string }[];
  /** How the config stores the weights; absent where they have the scenario's type. */
  readonly quantization?: QuantizationReport;
  readonly error?: string;
}

/** What was run for a case. */
export interface Passes {
  /** In the mode that was asked for, without gradients. */
  readonly pass?: Pass | undefined;
  /** In training mode with gradients. */
  readonly saved?: Pass | undefined;
  readonly costs?: Costs | undefined;
  readonly quantization?: QuantizationReport | undefined;
  /** Values of the scenario that could not be used, a sentence each. */
  readonly remarks?: readonly string[] | undefined;
}

const noPass = new Unknown("no forward pass was asked for");

/** The answer where the model could not be built. */
export function failedAnswer(id: string, failure: Failure, problems: readonly string[]): Answer {
  const { reason, at } = failureReason(failure);
  return {
    id,
    params: null,
    flops: null,
    savedBytes: null,
    complete: { params: false, flops: false, savedBytes: false, memory: false, time: false },
    unknowns: [{ reason, at: showPlace(at) }],
    error: `the model could not be built: ${reason}${problems.length > 0 ? ` (before that: ${problems[0]})` : ""}`,
  };
}

export function answer(
  id: string,
  built: Pick<Built, "tree" | "notes">,
  { pass, saved, costs, quantization, remarks = [] }: Passes,
): Answer {
  const stop = pass?.failure && failureReason(pass.failure);
  const figures = weigh(built.tree, pass?.trace, noPass);
  const whole = figures.layers.get("") as LayerFigures;
  const flops: Known<number> = stop ?? figures.flops;
  const savedStop = saved?.failure && failureReason(saved.failure);
  const savedBytes: Known<number> = savedStop ?? (saved ? savedTotal(saved.trace) : noPass);
  const { unknowns: costUnknowns, ...cost } = costs ? costAnswers(costs) : { unknowns: [] };
  const sureCosts = costs && sureOf(costs);
  const unknowns = unknownsOf(
    built.notes,
    [...(pass?.notes ?? []), ...(costs?.pass.notes ?? [])],
    [stop, whole.params, flops, savedBytes, ...costUnknowns, ...remarks.map((reason) => new Unknown(reason))],
  ).filter((one) => one !== noPass);
  const sure = built.notes.length === 0;
  const asked = sure && remarks.length === 0;
  return {
    id,
    params: known(whole.params) ?? null,
    // Where experts are chosen by what nobody knows, a note says so.
    activeParams:
      pass && !stop && pass.notes.length === 0 && noUnknowns(pass)
        ? (known(activeParams(built.tree, whole.params, pass.trace)) ?? null)
        : null,
    trainableParams: known(whole.trainableParams) ?? null,
    bufferElements: known(whole.bufferElements) ?? null,
    flops: pass ? (known(flops) ?? null) : null,
    savedBytes: pass ? (known(savedBytes) ?? null) : null,
    outputs: pass?.output === undefined ? null : outputShapes(pass.output),
    modules: Object.fromEntries(
      [...figures.layers].map(([path, layer]) => [
        path,
        { params: known(layer.params) ?? null, flops: stop || !pass ? null : (known(layer.flops) ?? null) },
      ]),
    ),
    ...cost,
    ...(quantization && { quantization }),
    complete: {
      params: sure && known(whole.params) !== undefined,
      flops: pass !== undefined && sure && pass.notes.length === 0 && known(flops) !== undefined,
      savedBytes:
        pass !== undefined &&
        sure &&
        (saved?.notes.length ?? 1) === 0 &&
        known(savedBytes) !== undefined &&
        noUnknowns(saved),
      // Kernels for weights in fewer bits have scratch memory and speeds of their own.
      memory: asked && !quantization && sureCosts?.memory === true,
      time: asked && !quantization && sureCosts?.time === true,
    },
    unknowns: unknowns.map(({ reason, at }) => ({ reason, at: showPlace(at) })),
  };
}

function noUnknowns(pass: Pass | undefined): boolean {
  return pass?.trace.events.every(({ kind }) => kind !== "unknown") ?? false;
}
