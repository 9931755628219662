/** A `config.json` weighed through its family's definition. */
import { Budget, defaultLimits } from "../base/budget.ts";
import type { Place } from "../base/place.ts";
import { decided } from "../base/scenario.ts";
import { Unknown } from "../base/unknown.ts";
import {
  type ConfigCost,
  type ConfigModel,
  configProblems,
  configValues,
  exampleInputs,
  exampleTargets,
  modelOfConfig,
  readConfig,
  typeOfConfig,
} from "../configs/index.ts";
import { library } from "../configs/library.ts";
import type { FileReport, Finding, LayerReport } from "../cost/report.ts";
import type { Call, Recipe } from "../evidence/models.ts";
import { inputType, scenarioNames } from "../evidence/names.ts";
import { observe } from "../evidence/observe.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { stagedConfig } from "../staging/stage.ts";
import { borrowTorch } from "../torch/pool.ts";
import { evaluate, guarded, inputTensor, isFailure, parseTensor, runSetup } from "../torch/session.ts";
import { type WeighedModel, weighRecipe } from "./model.ts";
import type { Asked, Request, Workspace } from "./request.ts";

/** A config's text weighed. Half-typed JSON gives what can be read of it. */
export function weighConfigFile(
  asked: Asked,
  workspace: Workspace,
): { report: Omit<FileReport, "models">; models: readonly WeighedModel[] } {
  const text = readConfig(asked.text);
  const scenario = decided(asked.scenario, typeOfConfig(text.value));
  const request: Request = { ...asked, scenario, project: workspace.project, config: text.value };
  const start: Place = { path: request.path, line: 0, column: 0, endLine: 0, endColumn: 1 };
  const faults = text.faults.map(({ span, text: what }) =>
    finding("syntax", { path: request.path, ...span }, what, "warning"),
  );
  const model = modelOfConfig(stagedConfig(text.value, scenario));
  if (model.kind === "refusal") {
    const remarks = [`${model.reason[0]?.toUpperCase()}${model.reason.slice(1)}.`];
    return { report: { path: request.path, problems: faults, remarks }, models: [] };
  }
  const py = borrowTorch(
    workspace.sources,
    workspace.environment,
    workspace.folders ?? [],
    new Budget(workspace.limits ?? defaultLimits, workspace.cancelled),
    library,
  );
  const given = text.value ?? {};
  const values = guarded(py, () =>
    configValues(evaluate(py, runSetup(py, request.path, model.setup), request.path, model.config)),
  );
  const problems = configProblems(isFailure(values) ? given : values, given).map(({ path, text: what }) =>
    finding("config", placeOfKey(text, path, request.path) ?? start, what, "error"),
  );
  return {
    report: { path: request.path, problems: [...faults, ...problems], remarks: [] },
    models: [weighConfigModel(py, model, request, start)],
  };
}

function finding(rule: string, at: Place, what: string, severity: Finding["severity"]): Finding {
  return { rule, severity, at, what, why: "", price: "", fixes: [] };
}

function placeOfKey({ keys }: ReturnType<typeof readConfig>, path: readonly string[], file: string): Place | undefined {
  const key = keys.find((one) => one.path.join("/") === path.join("/"));
  return key && { path: file, ...key.valueSpan };
}

/** A config's model weighed as a Python one is. */
function weighConfigModel(py: Interpreter, model: ConfigModel, request: Request, at: Place): WeighedModel {
  const module = runSetup(py, request.path, model.setup);
  const names = scenarioNames(request.scenario);
  const recipe: Recipe = {
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
  return weighRecipe(
    py,
    recipe,
    request,
    { path: request.path, statements: [], problems: [], directives: [] },
    observe(py, request.path),
  );
}

/** The figures of a config's object: what the hover on a key asks for at each neighbouring value. */
export function configCost(
  config: Readonly<Record<string, unknown>>,
  asked: Asked,
  workspace: Workspace,
): ConfigCost | Unknown {
  const model = modelOfConfig(config);
  if (model.kind === "refusal") return new Unknown(model.reason);
  const request: Request = { ...asked, scenario: decided(asked.scenario, typeOfConfig(config)) };
  const at: Place = { path: request.path, line: 0, column: 0, endLine: 0, endColumn: 1 };
  const py = borrowTorch(
    workspace.sources,
    workspace.environment,
    workspace.folders ?? [],
    new Budget(workspace.limits ?? defaultLimits, workspace.cancelled),
    library,
  );
  const { root, memory } = weighConfigModel(py, model, request, at).report;
  return {
    params: root.params,
    attentionParams: attentionParams(root),
    flops: root.flops,
    weightBytes: root.weightBytes,
    kvBytesPerToken: memory.kvBytesPerToken,
  };
}

/** Parameters of the layers whose name says that they attend. */
function attentionParams(layer: LayerReport): ConfigCost["params"] {
  if (/(attn|attention)$/i.test(layer.path)) return layer.params;
  let total = 0;
  for (const child of layer.children) {
    const one = attentionParams(child);
    if (one instanceof Unknown) return one;
    total += one;
  }
  return total;
}
