/** One model weighed for the surfaces. */

import { rulesFor } from "../advice/rules.ts";
import type { Subject } from "../advice/subject.ts";
import type { Place } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import { known, Unknown } from "../base/unknown.ts";
import type { Project } from "../configs/project/project.ts";
import { activeParams } from "../cost/activeParams.ts";
import { deviceOf } from "../cost/deviceList.ts";
import { type Figures, type LayerFigures, weigh } from "../cost/figures.ts";
import { verdict } from "../cost/fit/verdict.ts";
import { weighedOf } from "../cost/fit/weighed.ts";
import type { LayerReport, ModelReport, ShapeReport } from "../cost/report.ts";
import type { Call, Recipe } from "../evidence/models.ts";
import type { Observed } from "../evidence/observe.ts";
import { type Built, failureReason, type Pass, runPass } from "../evidence/run.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { PyInstance } from "../python/values.ts";
import { capturedTrace } from "../staging/captured.ts";
import { failedPass, scenarioPass } from "../staging/pass.ts";
import { buildStaged, type Stage, stageOf } from "../staging/stage.ts";
import type { Module } from "../syntax/ast.ts";
import { SymInt, showSize } from "../tensor/size.ts";
import { refusals } from "../torch/findings.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import { type Failure, guarded, isFailure, setMode } from "../torch/session.ts";
import type { TensorNote } from "../trace/trace.ts";
import { costsOf, sureOf } from "./costs.ts";
import { emptyReport } from "./emptyReport.ts";
import { fitFindings } from "./fit.ts";
import { shapeHints } from "./hints.ts";
import { type LayerTimes, layerTimes } from "./layerTimes.ts";
import { mismatchFindings } from "./problems.ts";
import { codeSizes, scenarioSizes } from "./sizes.ts";
import { layerStored, type QuantizedConfig, quantizationReport, storeWeights } from "./stored.ts";
import { assumptionsOf, unknownsOf } from "./unknowns.ts";

export interface ModelRequest {
  readonly path: string;
  readonly text: string;
  readonly scenario: Scenario;
  readonly project?: Project | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly quantized?: QuantizedConfig | undefined;
}

export interface WeighedModel {
  readonly report: ModelReport;
  /** What techniques look at; undefined where the model could not be built or run. */
  readonly subject: Subject | undefined;
}

const noPass = new Unknown("no forward pass could be run");

/** Builds the model, runs it as in inference and as in training, and weighs both. Whatever fails, what is known is told. */
export function weighRecipe(
  py: Interpreter,
  recipe: Recipe,
  request: ModelRequest,
  tree: Module,
  observed: Observed,
): WeighedModel {
  const { scenario } = request;
  const device = deviceOf(scenario.device, request.project);
  const stage = stageOf(scenario, true, device?.capability);
  const built = buildStaged(py, recipe.build, "eval", stage);
  if (isFailure(built)) return { report: emptyReport(recipe, scenario, failureReason(built)), subject: undefined };
  const stored = storeWeights(built.tree, scenario, request.quantized);
  observed.shapes.clear();
  const refused = refusals(py).length;
  const { pass, call } = bestPass(py, built, recipe, stage);
  const hints = shapeHints(observed, scenario);
  const mismatches = refusals(py).slice(refused);
  const weighed =
    pass.failure || !call || scenario.phase === "prefill" ? pass : askedPass(py, built, call, scenario, stage);
  const captured = capturedTrace(py, built, pass.failure ? undefined : call, scenario, stage);
  const step = scenario.phase === "train" ? weighed : trainedPass(py, built, pass, call, stage);
  const figures = weigh(built.tree, pass.trace, noPass);
  const kept = step && weigh(built.tree, step.forward, noPass);
  const whole = figures.layers.get("") as LayerFigures;
  const stop = pass.failure && failureReason(pass.failure);
  const complete = {
    params: built.notes.length === 0 && recipe.guesses.length === 0 && known(whole.params) !== undefined,
    flops:
      built.notes.length + pass.notes.length + recipe.guesses.length === 0 &&
      !stop &&
      known(figures.flops) !== undefined,
    savedBytes:
      built.notes.length + (step?.notes.length ?? 1) + recipe.guesses.length === 0 &&
      !step?.failure &&
      kept !== undefined &&
      known(kept.savedBytes) !== undefined,
    memory: false,
    time: false,
  };
  const costs = costsOf(built, weighed, scenario, device, captured);
  const root = layerReport(figures.tree, {
    figures,
    kept,
    observed,
    stop,
    ...layerTimes(costs.timed, costs.time),
  });
  const sure = sureOf(costs);
  const certain = built.notes.length + recipe.guesses.length === 0;
  const subject: Subject = {
    name: recipe.className,
    file: tree,
    text: request.text,
    trace: (step ?? pass).forward,
    inference: pass.forward,
    device,
    figures,
    scenario,
    complete,
    unknowns: unknownsOf(
      built.notes.filter(isUnknownNote),
      [...pass.notes, ...(step?.notes ?? [])].filter(isUnknownNote),
      [],
    ),
    stubFolder: py.environment.stubs?.[0] ?? ".assay",
    madeAt: (module) => observed.madeAt.get(module as PyInstance),
    config: request.config,
    step: step?.trace,
    pass: weighed.trace,
    inputs: weighed.inputs,
    kvCaches: weighed.kvCaches,
    caches: weighed.caches,
    weighed: { memory: costs.memory, time: captured ? undefined : costs.time },
  };
  const uses = { sequence: usesSymbol(pass, "T"), image: usesSymbol(pass, "H") || usesSymbol(pass, "W") };
  const unjudged: Omit<ModelReport, "fit"> = {
    name: recipe.className,
    at: recipe.at,
    evidence: {
      ...recipe.evidence,
      text: call && recipe.evidence.kind !== "comment" ? `${recipe.evidence.text}(${call.text})` : recipe.evidence.text,
    },
    scenario,
    device,
    uses,
    sizes: [
      ...codeSizes(observed.given.get(built.model), tree, recipe.evidence.at),
      ...scenarioSizes(scenario, uses, request.project),
    ],
    root,
    trainableParams: whole.trainableParams,
    activeParams: activeParams(built.tree, whole.params, pass.trace),
    memory: costs.memory,
    time: costs.time,
    ranks: costs.ranks,
    complete: {
      ...complete,
      // Kernels for weights in fewer bits have scratch memory and speeds of their own.
      memory: certain && !stored && sure.memory,
      time: certain && !stored && sure.time,
      ...(stored && { weights: certain && stored.faults.length === 0, cache: certain && sure.memory }),
    },
    quantization: quantizationReport(stored),
    unknowns: unknownsOf(built.notes.filter(isUnknownNote), pass.notes.filter(isUnknownNote), [
      stop,
      whole.params,
      figures.flops,
    ]),
    assumptions: [
      ...recipe.guesses.map((text) => ({ text: `guessed: ${text}`, at: recipe.at })),
      ...(call?.guessed ? [{ text: `inputs taken from the first layers: ${call.text}`, at: recipe.at }] : []),
      ...assumptionsOf([...built.notes, ...pass.notes]),
    ],
    findings: [...mismatchFindings(pass, mismatches, request.path, call, recipe.guesses), ...rulesFor(subject)],
    hints,
    classes: [...new Set(classNames(figures.tree))],
  };
  const report: ModelReport = { ...unjudged, fit: device && verdict(weighedOf(unjudged), device) };
  const findings = [...report.findings, ...fitFindings(report, built.tree)];
  return { report: { ...report, findings }, subject: pass.failure || weighed.failure ? undefined : subject };
}

function isUnknownNote({ kind }: { kind: string }): boolean {
  return kind !== "assumption";
}

/** The scenario's training step, or its decode step. */
function askedPass(py: Interpreter, built: Built, call: Call, scenario: Scenario, stage: Stage): Pass {
  const targets = scenario.phase === "train" ? (call.targets ?? []) : [];
  const keywords = new Map([...call.keywords, ...targets]);
  const asked = scenarioPass(py, built, call.args, keywords, scenario, stage);
  const turned = guarded(py, () => setMode(py, built.model, false));
  return isFailure(turned) ? { ...asked, failure: turned } : asked;
}

/** What autograd keeps in training, where the scenario is another. */
function trainedPass(
  py: Interpreter,
  { model }: Built,
  { failure }: Pass,
  call: Call | undefined,
  { autocast }: Stage,
): Pass | undefined {
  if (failure || !call || isFailure(guarded(py, () => setMode(py, model, true)))) return undefined;
  return runPass(py, model, call.args, call.keywords, true, { autocast });
}

/** Runs the calls in order until one comes to its end; otherwise the one that came furthest. */
function bestPass(
  py: Interpreter,
  built: Built,
  recipe: Recipe,
  { autocast }: Stage,
): { pass: Pass; call: Call | undefined } {
  let best: { pass: Pass; call: Call | undefined } | undefined;
  const calls = guarded(py, () => recipe.calls(built.model, built.tree));
  for (const call of isFailure(calls) ? [] : calls) {
    const pass = runPass(py, built.model, call.args, call.keywords, false, { autocast });
    if (!pass.failure) return { pass, call };
    if (!best || pass.trace.events.length > best.pass.trace.events.length) best = { pass, call };
  }
  const failure: Failure = isFailure(calls) ? calls : { reason: "what forward takes is not known", error: undefined };
  return best ?? { pass: failedPass(failure), call: undefined };
}

export interface LayerSources extends LayerTimes {
  readonly figures: Figures;
  readonly kept: Figures | undefined;
  readonly observed: Pick<Observed, "madeAt">;
  readonly stop: Unknown | undefined;
}

export function layerReport(layer: BuiltLayer, of: LayerSources): LayerReport {
  const { figures, kept, observed, stop, times, work } = of;
  const own = figures.layers.get(layer.path) as LayerFigures;
  const [first] = own.calls;
  return {
    path: layer.path,
    className: layer.className,
    children: layer.children.map((child) => layerReport(child, of)),
    params: own.params,
    ownParams: own.ownParams,
    weightBytes: own.weightBytes,
    bufferBytes: own.bufferBytes,
    stored: layerStored(layer),
    flops: layer.path === "" ? (stop ?? figures.flops) : own.flops,
    savedBytes: kept?.layers.get(layer.path)?.savedBytes ?? noPass,
    trafficBytes: own.trafficBytes,
    time: times.get(layer.module),
    work: work.get(layer.module),
    calls: own.calls.length,
    inputs: (first?.inputs ?? []).map(shapeReport),
    outputs: (first?.outputs ?? []).map(shapeReport),
    madeAt: observed.madeAt.get(layer.module),
    classAt: layer.classAt,
    calledAt: distinct(own.calledAt),
  };
}

function distinct(places: readonly Place[]): Place[] {
  const seen = new Set<string>();
  return places.filter(({ path, line, column }) => {
    const key = `${path}:${line}:${column}`;
    return !seen.has(key) && seen.add(key);
  });
}

function shapeReport({ shape, dtype }: TensorNote): ShapeReport {
  return {
    symbolic: `[${shape.map(showSize).join(", ")}]`,
    concrete: `[${shape.map((size) => (size instanceof SymInt ? size.hint : showSize(size))).join(", ")}]`,
    dtype,
  };
}

export function usesSymbol(pass: Pick<Pass, "trace">, name: string): boolean {
  return (pass.trace.calls[1]?.inputs ?? []).some(({ shape }) =>
    shape.some((size) => size instanceof SymInt && showSize(size).includes(name)),
  );
}

export function classNames(layer: BuiltLayer): string[] {
  return [layer.className, ...layer.children.flatMap(classNames)];
}
