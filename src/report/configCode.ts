/** A config's model as a Python file that can be read, and weighed as the config is. */
import { Budget, defaultLimits } from "../base/budget.ts";
import { Unknown } from "../base/unknown.ts";
import { codeOf } from "../configs/code/code.ts";
import { configValues, exampleInputs, modelOfConfig, typeOfConfig } from "../configs/index.ts";
import { library } from "../configs/library.ts";
import { PyInstance, type Value } from "../python/values.ts";
import { borrowTorch } from "../torch/pool.ts";
import { evaluate, guarded, isFailure, runSetup } from "../torch/session.ts";
import type { Workspace } from "./request.ts";

type Values = Readonly<Record<string, unknown>>;

export interface ConfigCode {
  /** `LlamaForCausalLM`. */
  readonly className: string;
  readonly text: string;
}

/** The file; unknown where the family is not one that we define, or its definition refuses the config. */
export function configCode(given: Values | undefined, workspace: Workspace): ConfigCode | Unknown {
  const model = modelOfConfig(given);
  if (model.kind === "refusal" || !given) return new Unknown(model.kind === "refusal" ? model.reason : "no config");
  const py = borrowTorch(
    workspace.sources,
    workspace.environment,
    workspace.folders ?? [],
    new Budget(workspace.limits ?? defaultLimits, workspace.cancelled),
    library,
  );
  const configClass = model.config.slice(0, model.config.indexOf("("));
  const path = "assay:/config.py";
  const built = guarded(py, () => {
    const module = runSetup(py, path, model.setup);
    const config = evaluate(py, module, path, model.config);
    const inputs = exampleInputs(py, evaluate(py, module, path, model.model));
    return { config, inputs };
  });
  if (isFailure(built)) return new Unknown(built.reason);
  const { config, inputs } = built;
  const filled = filledIn(given, config);
  const same = guarded(py, () => {
    const again = modelOfConfig({ ...filled, model_type: model.modelType, architectures: [model.className] });
    return again.kind === "model"
      ? JSON.stringify(configValues(evaluate(py, runSetup(py, path, again.setup), path, again.config)))
      : "";
  });
  // What is filled in must be what the definition makes of the file: where giving a default changes it, only the file's keys are given.
  const isSame = !isFailure(same) && comparable(same) === comparable(JSON.stringify(configValues(config)));
  const type = typeOfConfig(given);
  return {
    className: model.className,
    text: codeOf({
      model,
      configClass,
      values: isSame ? filled : stated(given),
      partClasses: [...new Set(partClasses(config))],
      inputs: [...inputs].map(([name, text]) => `${name}=${text}`).join(", "),
      dtype: typeof type === "string" && /^(bfloat16|float16)$/.test(type) ? `torch.${type}` : undefined,
    }),
  };
}

/** Keys of a file that say something of the file alone. */
const aside =
  /^(model_type|architectures|transformers_version|_name_or_path|torch_dtype|dtype|auto_map|quantization_config)$/;

function stated(given: Values): Values {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !aside.test(name)));
}

/** The file's keys, and those of the family's that say something. */
function filledIn(given: Values, config: Value): Values {
  const values = withFamilies(config);
  const more = Object.entries(values).filter(
    ([name, value]) => !(name in given) && value !== null && value !== undefined && !aside.test(name),
  );
  return {
    ...Object.fromEntries(Object.entries(stated(given)).map(([name, value]) => [name, values[name] ?? value])),
    ...Object.fromEntries(more),
  };
}

/** A config object's values, each part's with the family that it is of. */
function withFamilies(config: Value): Record<string, unknown> {
  if (!(config instanceof PyInstance)) return {};
  const plain = configValues(config);
  return Object.fromEntries(
    Object.entries(plain).map(([name, value]) => {
      const part = config.attrs.get(name);
      if (!(part instanceof PyInstance)) return [name, value];
      const family = part.cls.attrs?.get("model_type");
      return [name, { model_type: family, ...withFamilies(part) }];
    }),
  );
}

function partClasses(config: Value): string[] {
  if (!(config instanceof PyInstance)) return [];
  return [...config.attrs.values()].flatMap((part) =>
    part instanceof PyInstance && /Config$/.test(part.cls.name) ? [part.cls.name, ...partClasses(part)] : [],
  );
}

/** Values in the order of their names, less those that are about the file. */
function comparable(json: string): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(([name, one]) => !aside.test(name) && one !== null);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]));
  };
  return JSON.stringify(sorted(JSON.parse(json)));
}
