/** What the models of a script's own file cost, for rules that speak of its loop. */
import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { ModelReport } from "../../cost/report.ts";
import type { Code } from "../code/tree.ts";

/** `GPT keeps 288 MB for backward in each forward pass of this scenario`; nothing where the file builds no weighed model. */
export function keptText(models: readonly ModelReport[], code: Code): string | undefined {
  const built = new Set(code.calls.flatMap(({ func }) => (func.kind === "Name" ? [func.id] : [])));
  const model = models.find(({ root }) => built.has(root.className)) ?? (models.length === 1 ? models[0] : undefined);
  const bytes = model && known(model.root.savedBytes);
  if (!model || !bytes || !model.complete.savedBytes) return undefined;
  return `${model.name} keeps ${showBytes(bytes, "GB")} for backward in each forward pass of this scenario`;
}
