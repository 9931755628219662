/** One case of `assay batch`: a model given as Python text or as a config, weighed once. */
import { Budget, defaultLimits, type Limits } from "./base/budget.ts";
import { type AskedScenario, decided, type Scenario } from "./base/scenario.ts";
import { chosenModel, exampleInputs, exampleTargets } from "./configs/index.ts";
import { library } from "./configs/library.ts";
import type { Device } from "./cost/devices/device.ts";
import { inputType, scenarioNames } from "./evidence/names.ts";
import { type Built, buildModel, type Pass, runPass } from "./evidence/run.ts";
import type { Environment, Interpreter, Sources } from "./python/interpreter.ts";
import type { Value } from "./python/values.ts";
import { type Answer, answer, failedAnswer } from "./report/answer.ts";
import { type Costs, costsOf } from "./report/costs.ts";
import { type QuantizedConfig, quantizationReport, storeWeights } from "./report/stored.ts";
import { capturedTrace } from "./staging/captured.ts";
import { scenarioPass } from "./staging/pass.ts";
import { buildStaged, type Stage, stageOf } from "./staging/stage.ts";
import { borrowTorch, discard } from "./torch/pool.ts";
import {
  evaluate,
  fromJson,
  guarded,
  inputTensor,
  isFailure,
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
  /** What memory and time are asked for; undefined: they are not asked. */
  readonly staged?: StagedCase | undefined;
}

export interface StagedCase {
  readonly scenario: AskedScenario;
  /** The type that the model's config names. */
  readonly namedType: unknown;
  /** The model's config where it quantizes the weights. */
  readonly quantized?: QuantizedConfig | undefined;
  readonly device: Device | undefined;
  /** Values of the scenario that could not be used. */
  readonly problems: readonly string[];
}

/** Weighs a config: by its family's own source where that is at hand, or the code beside it, else by our definition of the family. */
export function weighConfigCase(
  one: Omit<Case, "setup" | "model">,
  config: unknown,
  sources: Sources,
  limits: Limits = defaultLimits,
): Answer {
  const py = borrowTorch(sources, one.environment, [], new Budget(limits), library);
  const model = chosenModel(py, config, { folder: one.environment.roots[0], prefersSource: true });
  if (model.kind === "refusal") return { id: one.id, error: model.reason };
  return weighCase({ ...one, setup: model.setup, model: model.model }, sources, limits);
}

/** Weighs a case. What goes wrong with it is its own answer. */
export function weighCase(one: Case, sources: Sources, limits: Limits = defaultLimits): Answer {
  const py = borrowTorch(sources, one.environment, [], new Budget(limits), library);
  const path = `case:${one.id}`;
  const problems: string[] = [];
  const module = guarded(py, () => runSetup(py, path, one.setup, (error) => problems.push(error.text)));
  if (isFailure(module)) {
    discard(sources, py);
    return failedAnswer(one.id, module, problems);
  }
  const make = () => evaluate(py, module, path, one.model);
  const staged = one.staged && staging(one.staged);
  const built = staged ? buildStaged(py, make, one.mode, staged.stage) : buildModel(py, make, one.mode);
  if (isFailure(built)) {
    if (py.budget.exhausted) discard(sources, py);
    return failedAnswer(one.id, built, problems);
  }
  const stored = staged && storeWeights(built.tree, staged.scenario, one.staged?.quantized);
  const quantization = quantizationReport(stored);
  const inputs = given(py, one) ?? (staged && exampleOf(py, built, staged.scenario));
  if (!inputs) return answer(one.id, built, { quantization });
  const autocast = staged?.stage.autocast;
  const pass = runPass(py, built.model, inputs.args, inputs.keywords, false, { autocast });
  const costs = staged && scenarioCosts(py, built, inputs, pass, staged, one.mode);
  // What autograd keeps is asked of training mode, whatever mode FLOPs are counted in.
  const stepped = costs && staged.scenario.phase === "train" ? { ...costs.pass, trace: costs.pass.forward } : undefined;
  const saved = stepped ?? trainedPass(py, built, inputs, pass, autocast);
  if (py.budget.exhausted) discard(sources, py);
  return answer(one.id, built, { pass, saved, costs, quantization, remarks: one.staged?.problems });
}

interface Staged {
  readonly scenario: Scenario;
  readonly stage: Stage;
  readonly device: Device | undefined;
}

function staging({ scenario: asked, namedType, device }: StagedCase): Staged {
  const scenario = decided(asked, namedType);
  const named = asked.dtype !== "auto" || namedType !== undefined;
  return { scenario, stage: stageOf(scenario, named, device?.capability), device };
}

interface Inputs {
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

/** The inputs that the case names. */
function given(py: Interpreter, { args, kwargs }: Case): Inputs | undefined {
  if (!args && !kwargs) return undefined;
  return {
    args: (args ?? []).map((arg) => inputValue(py, arg)),
    keywords: new Map(Object.entries(kwargs ?? {}).map(([name, arg]) => [name, inputValue(py, arg)])),
  };
}

function inputValue(py: Interpreter, arg: unknown): Value {
  const tensor = typeof arg === "string" ? parseTensor(arg) : undefined;
  return tensor ? inputTensor(py, tensor.dtype, tensor.shape) : fromJson(arg);
}

/** What our definition of a family takes, in the scenario's sizes; undefined for models that do not say. */
function exampleOf(py: Interpreter, { model }: Built, scenario: Scenario): Inputs | undefined {
  const training = scenario.phase === "train";
  const named = guarded(py, () => [...exampleInputs(py, model), ...(training ? exampleTargets(py, model) : [])]);
  if (isFailure(named) || named.length === 0) return undefined;
  const names = scenarioNames(scenario);
  const keywords = new Map<string, Value>();
  for (const [name, text] of named) {
    const tensor = parseTensor(text, names);
    if (tensor) keywords.set(name, inputTensor(py, inputType(tensor.dtype, scenario), tensor.shape));
  }
  return { args: [], keywords };
}

/** Memory and time of the scenario's pass: that of the FLOPs where it is the same. */
function scenarioCosts(
  py: Interpreter,
  built: Built,
  { args, keywords }: Inputs,
  pass: Pass,
  { scenario, stage, device }: Staged,
  mode: "eval" | "train",
): Costs {
  const own = scenario.phase === "prefill" ? pass : scenarioPass(py, built, args, keywords, scenario, stage);
  const ready = guarded(py, () => setMode(py, built.model, mode === "train"));
  const captured = pass.failure ? undefined : capturedTrace(py, built, { args, keywords }, scenario, stage);
  return costsOf(built, isFailure(ready) ? { ...own, failure: ready } : own, scenario, device, captured);
}

function trainedPass(
  py: Interpreter,
  { model }: Built,
  { args, keywords }: Inputs,
  { failure }: Pass,
  autocast: Stage["autocast"],
): Pass | undefined {
  const turned = guarded(py, () => setMode(py, model, true));
  return isFailure(turned) || failure ? undefined : runPass(py, model, args, keywords, true, { autocast });
}

export type { Answer } from "./report/answer.ts";
