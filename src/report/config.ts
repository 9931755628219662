/** A `config.json` weighed through its family's definition. */
import { Budget, defaultLimits } from "../base/budget.ts";
import type { Place } from "../base/place.ts";
import { decided, type Scenario } from "../base/scenario.ts";
import { Unknown } from "../base/unknown.ts";
import {
  type ConfigModel,
  type ConfigPlace,
  type ConfigRefusal,
  chosenModel,
  configProblems,
  configValues,
  exampleInputs,
  exampleTargets,
  readConfig,
  typeOfConfig,
} from "../configs/index.ts";
import { library } from "../configs/library.ts";
import type { FileReport, Finding } from "../cost/report.ts";
import type { Call, Recipe } from "../evidence/models.ts";
import { inputType, scenarioNames } from "../evidence/names.ts";
import { observe } from "../evidence/observe.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { stagedConfig } from "../staging/stage.ts";
import { borrowTorch } from "../torch/pool.ts";
import { evaluate, guarded, inputTensor, isFailure, parseTensor, runSetup } from "../torch/session.ts";
import { checkpointProblems, withCheckpoint } from "./checkpoint.ts";
import {
  type ConfigFile,
  lengthFinding,
  refusalFinding,
  refusedFinding,
  textFindings,
  valueFindings,
} from "./configFindings.ts";
import { type WeighedModel, weighRecipe } from "./model.ts";
import { type ModelTotals, totalsOfRecipe } from "./modelTotals.ts";
import type { Asked, Request, Workspace } from "./request.ts";
import { quantizationProblems, quantizedConfig } from "./stored.ts";

/** A config's text weighed. Half-typed JSON gives what can be read of it. */
export function weighConfigFile(
  asked: Asked,
  workspace: Workspace,
): { report: Omit<FileReport, "models">; models: readonly WeighedModel[] } {
  const text = readConfig(asked.text);
  const scenario = decided(asked.scenario, typeOfConfig(text.value));
  const quantized = quantizedConfig(asked.scenario, text.value);
  const request: Request = { ...asked, scenario, project: workspace.project, config: text.value, quantized };
  const start: Place = { path: request.path, line: 0, column: 0, endLine: 0, endColumn: 1 };
  const file: ConfigFile = { path: request.path, text: asked.text, read: text };
  const faults = textFindings(file);
  const py = borrowed(workspace);
  const model = chosenModel(py, stagedConfig(text.value, scenario), placeOfConfig(request.path));
  if (model.kind === "refusal") {
    const refused = refusalFinding(file, model);
    // Many programs name their own settings config.json: what is wrong with those is not ours to say.
    const isOurs = text.keys.some(
      ({ path }) => path.length === 1 && /^(model_type|architectures)$/.test(path[0] ?? ""),
    );
    const found = isOurs ? [refused, ...configProblemsOf(undefined, model, file, false)] : [];
    const shown = isOurs || text.value === undefined ? faults : [];
    return { report: { path: request.path, problems: [...shown, ...found], remarks: [refused.what] }, models: [] };
  }
  const weighed = guarded(py, () =>
    withCheckpoint(weighConfigModel(py, model, request, start), request, workspace.sources),
  );
  if (isFailure(weighed)) {
    const known = configProblemsOf(py, model, file, true);
    const isTold = known.some(({ severity }) => severity === "error");
    const refused = isTold ? [] : [refusedFinding(file, model.modelType, weighed.reason, true)];
    return { report: { path: request.path, problems: [...faults, ...known, ...refused], remarks: [] }, models: [] };
  }
  const { root } = weighed.report;
  const stopped = [root.params, root.flops].find((figure) => figure instanceof Unknown);
  const problems = [
    ...configProblemsOf(py, model, file, stopped !== undefined, scenario),
    ...valueFindings(file, [...quantizationProblems(weighed.report), ...checkpointProblems(weighed.report)]),
  ];
  const isTold = problems.some(({ severity }) => severity === "error" || severity === "warning");
  const refused =
    stopped && !isTold && model.origin === undefined
      ? [refusedFinding(file, model.modelType, stopped.reason, root.params instanceof Unknown)]
      : [];
  return {
    report: {
      path: request.path,
      problems: [...faults, ...problems, ...refused],
      remarks: originRemarks(model),
    },
    models: [weighed],
  };
}

/** Values of a config that cannot work; without a definition, what can be said of any family's. */
export function configProblemsOf(
  py: Interpreter | undefined,
  model: ConfigModel | ConfigRefusal,
  file: ConfigFile,
  isRefused: boolean,
  scenario?: Pick<Scenario, "sequence">,
): readonly Finding[] {
  const given = file.read.value ?? {};
  const valuesOf = (expression: string | undefined) => {
    if (!py || model.kind !== "model" || expression === undefined) return undefined;
    const found = guarded(py, () =>
      configValues(evaluate(py, runSetup(py, file.path, model.setup), file.path, expression)),
    );
    return isFailure(found) ? undefined : found;
  };
  const [values, defaults] = model.kind === "model" ? [model.config, model.defaults].map(valuesOf) : [];
  const className = model.kind === "model" ? model.className : undefined;
  const problems = configProblems({ values: values ?? given, given, defaults, className });
  return [
    ...valueFindings(
      file,
      problems.filter(({ ifRefused }) => isRefused || !ifRefused),
    ),
    ...(scenario ? lengthFinding(file, values ?? given, scenario) : []),
  ];
}

/** A config's model weighed as a Python one is. */
export function weighConfigModel(py: Interpreter, model: ConfigModel, request: Request, at: Place): WeighedModel {
  return weighRecipe(
    py,
    configRecipe(py, model, request, at),
    request,
    { path: request.path, statements: [], problems: [], directives: [] },
    observe(py, request.path),
  );
}

/** How a config's model is built and called. */
function configRecipe(py: Interpreter, model: ConfigModel, request: Request, at: Place): Recipe {
  const module = runSetup(py, request.path, model.setup);
  const names = scenarioNames(request.scenario);
  return {
    className: model.className,
    at,
    evidence: { kind: "config", text: model.className, at },
    build: () => evaluate(py, module, request.path, model.model),
    calls: (built): Call[] => {
      const inputs = exampleInputs(py, built);
      const tensors = (texts: ReadonlyMap<string, string>) =>
        new Map(
          [...texts].flatMap(([name, text]) => {
            const tensor = parseTensor(text, names);
            return tensor
              ? [[name, inputTensor(py, inputType(tensor.dtype, request.scenario), tensor.shape)] as const]
              : [];
          }),
        );
      return [
        {
          args: [],
          keywords: tensors(inputs),
          targets: tensors(exampleTargets(py, built)),
          text: [...inputs].map(([name, text]) => `${name}=${text}`).join(", "),
          guessed: false,
        },
      ];
    },
    guesses: model.assumption ? [model.assumption] : [],
  };
}

/** The totals of a config's object alone, which take a fraction of its report's time. */
export function configTotals(
  config: Readonly<Record<string, unknown>>,
  asked: Asked,
  workspace: Workspace,
): ModelTotals | Unknown {
  const scenario = decided(asked.scenario, typeOfConfig(config));
  const py = borrowed(workspace);
  const model = chosenModel(py, stagedConfig(config, scenario), placeOfConfig(asked.path));
  if (model.kind === "refusal") return new Unknown(model.reason);
  const quantized = quantizedConfig(asked.scenario, config);
  const request: Request = { ...asked, scenario, project: workspace.project, quantized };
  const at: Place = { path: request.path, line: 0, column: 0, endLine: 0, endColumn: 1 };
  return totalsOfRecipe(py, configRecipe(py, model, request, at), request);
}

/** An interpreter for the workspace. */
export function borrowed({ sources, environment, folders, limits, cancelled }: Workspace): Interpreter {
  return borrowTorch(sources, environment, folders ?? [], new Budget(limits ?? defaultLimits, cancelled), library);
}

function originRemarks({ className, origin }: ConfigModel): string[] {
  return origin === undefined ? [] : [`${className} is read from ${origin}.`];
}

/** In an editor our own definition goes first: it is at hand at once, and knows what its family caches. */
export function placeOfConfig(path: string): ConfigPlace {
  return { folder: path.slice(0, Math.max(0, path.lastIndexOf("/"))), prefersSource: false };
}
