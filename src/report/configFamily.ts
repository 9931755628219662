/** What a config's family says where the file says nothing: what completes the file, and what a key's hover names. */
import { Budget, defaultLimits } from "../base/budget.ts";
import type { FamilyFacts } from "../configs/completion.ts";
import { chosenModel, configValues, familiesOf, familyOf, modelTypes } from "../configs/index.ts";
import { library } from "../configs/library.ts";
import { borrowTorch } from "../torch/pool.ts";
import { evaluate, guarded, isFailure, runSetup } from "../torch/session.ts";
import type { Workspace } from "./request.ts";

type Values = Readonly<Record<string, unknown>>;

/** What completes a config of a family. */
export function familyFacts(config: Values, path: string, workspace: Workspace): FamilyFacts {
  const modelType = config["model_type"];
  const family = typeof modelType === "string" ? familyOf(modelType) : undefined;
  return {
    defaults: familyDefaults(config, path, workspace),
    classes: [...(family?.classes ?? [])].filter((name) => /(Model|For[A-Z]\w+)$/.test(name)),
    modelTypes: modelTypes().toSorted(),
  };
}

function familyDefaults(config: Values, path: string, workspace: Workspace): Values | undefined {
  const py = borrowTorch(
    workspace.sources,
    workspace.environment,
    workspace.folders ?? [],
    new Budget(workspace.limits ?? defaultLimits, workspace.cancelled),
    library,
  );
  const model = chosenModel(py, familiesOf(config), { folder: undefined, prefersSource: false });
  if (model.kind === "refusal") return undefined;
  const values = guarded(py, () => configValues(evaluate(py, runSetup(py, path, model.setup), path, model.config)));
  return isFailure(values) ? undefined : values;
}
