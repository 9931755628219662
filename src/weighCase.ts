/** One case of `assay batch`: a model given as Python text or as a config, weighed once. */
import { Budget, defaultLimits, type Limits } from "./base/budget.ts";
import { showPlace } from "./base/place.ts";
import { type Known, known, Unknown } from "./base/unknown.ts";
import { library } from "./configs/library.ts";
import { savedTotal, weigh } from "./cost/figures.ts";
import { type Built, buildModel, failureReason, type Pass, runPass } from "./evidence/run.ts";
import type { Environment, Interpreter, Sources } from "./python/interpreter.ts";
import type { Value } from "./python/values.ts";
import { unknownsOf } from "./report/unknowns.ts";
import { borrowTorch, discard } from "./torch/pool.ts";
import {
  evaluate,
  type Failure,
  fromJson,
  guarded,
  inputTensor,
  isFailure,
  outputShapes,
  parseTensor,
  runSetup,
  setMode,
} from "./torch/session.ts";

export interface Case {
  readonly id: string;
  /** Source interpreted first. */
  readonly setup: string;
  /** An expression that builds the model. */
  readonly model: string;
  readonly args: readonly unknown[] | undefined;
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
  readonly mode: "eval" | "train";
  readonly environment: Environment;
}

export interface Answer {
  readonly id: string;
  readonly params?: number | null;
  readonly trainableParams?: number | null;
  readonly bufferElements?: number | null;
  readonly flops?: number | null;
  readonly savedBytes?: number | null;
  readonly outputs?: unknown;
  readonly modules?: Readonly<Record<string, { params: number | null; flops: number | null }>>;
  readonly complete?: { params: boolean; flops: boolean; savedBytes: boolean; memory: boolean; time: boolean };
  readonly unknowns?: readonly { reason: string; at: string }[];
  readonly error?: string;
}

/** Weighs a case. What goes wrong with it is its own answer. */
export function weighCase(one: Case, sources: Sources, limits: Limits = defaultLimits): Answer {
  const py = borrowTorch(sources, one.environment, [], new Budget(limits), library);
  const path = `case:${one.id}`;
  const problems: string[] = [];
  const module = guarded(py, () => runSetup(py, path, one.setup, (error) => problems.push(error.text)));
  if (isFailure(module)) {
    discard(sources, py);
    return failed(one.id, module, problems);
  }
  const built = buildModel(py, () => evaluate(py, module, path, one.model), one.mode);
  if (isFailure(built)) {
    if (py.budget.exhausted) discard(sources, py);
    return failed(one.id, built, problems);
  }
  if (!one.args && !one.kwargs) return answer(one.id, built, undefined, undefined);
  const args = (one.args ?? []).map((arg) => inputValue(py, arg));
  const keywords = new Map(Object.entries(one.kwargs ?? {}).map(([name, arg]) => [name, inputValue(py, arg)]));
  const pass = runPass(py, built.model, args, keywords, false);
  // What autograd keeps is asked of training mode, whatever mode FLOPs are counted in.
  const turned = guarded(py, () => setMode(py, built.model, true));
  const saved = isFailure(turned) || pass.failure ? undefined : runPass(py, built.model, args, keywords, true);
  if (py.budget.exhausted) discard(sources, py);
  return answer(one.id, built, pass, saved);
}

const noPass = new Unknown("no forward pass was asked for");

function failed(id: string, failure: Failure, problems: readonly string[]): Answer {
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

function answer(id: string, built: Built, pass: Pass | undefined, saved: Pass | undefined): Answer {
  const stop = pass?.failure && failureReason(pass.failure);
  const figures = weigh(built.tree, pass?.trace, noPass);
  const whole = figures.layers.get("") as NonNullable<ReturnType<typeof figures.layers.get>>;
  const flops: Known<number> = stop ?? figures.flops;
  const savedStop = saved?.failure && failureReason(saved.failure);
  const savedBytes: Known<number> = savedStop ?? (saved ? savedTotal(saved.trace) : noPass);
  const unknowns = unknownsOf(built.notes, pass?.notes ?? [], [stop, whole.params, flops, savedBytes]).filter(
    (one) => one !== noPass,
  );
  return {
    id,
    params: known(whole.params) ?? null,
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
    complete: {
      params: built.notes.length === 0 && known(whole.params) !== undefined,
      flops: pass !== undefined && built.notes.length === 0 && pass.notes.length === 0 && known(flops) !== undefined,
      savedBytes:
        pass !== undefined &&
        built.notes.length === 0 &&
        (saved?.notes.length ?? 1) === 0 &&
        known(savedBytes) !== undefined &&
        noUnknowns(saved),
      memory: false,
      time: false,
    },
    unknowns: unknowns.map(({ reason, at }) => ({ reason, at: showPlace(at) })),
  };
}

function noUnknowns(pass: Pass | undefined): boolean {
  return pass?.trace.events.every(({ kind }) => kind !== "unknown") ?? false;
}

function inputValue(py: Interpreter, arg: unknown): Value {
  const tensor = typeof arg === "string" ? parseTensor(arg) : undefined;
  return tensor ? inputTensor(py, tensor.dtype, tensor.shape) : fromJson(arg);
}
