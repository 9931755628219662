/** An `adapter_config.json` weighed: the model that it names, frozen, with the adapter in it. */
import type { Place } from "../base/place.ts";
import { decided } from "../base/scenario.ts";
import { showCount, showShare } from "../base/units.ts";
import { known } from "../base/unknown.ts";
import {
  adaptedModel,
  baseConfigOf,
  chosenModel,
  isAdapterConfig,
  readConfig,
  typeOfConfig,
} from "../configs/index.ts";
import type { FileReport, ModelReport } from "../cost/report.ts";
import { stagedConfig } from "../staging/stage.ts";
import { borrowed, placeOfConfig, weighConfigModel } from "./config.ts";
import type { WeighedModel } from "./model.ts";
import { problemFinding } from "./problems.ts";
import type { Asked, Request, Workspace } from "./request.ts";
import { quantizedConfig } from "./stored.ts";

/** Whether a text is an adapter's config. */
export function isAdapter(text: string): boolean {
  return text.includes("peft_type") && isAdapterConfig(readConfig(text).value);
}

/** The report of an adapter's config. */
export function weighAdapterFile(
  asked: Asked,
  workspace: Workspace,
): { report: Omit<FileReport, "models">; models: readonly WeighedModel[] } {
  const { path } = asked;
  const read = readConfig(asked.text);
  const adapter = read.value ?? {};
  const start: Place = { path, line: 0, column: 0, endLine: 0, endColumn: 1 };
  const problems = read.faults.map(({ span, text }) => problemFinding("syntax", { path, ...span }, text));
  const folders = [...(workspace.folders ?? [])];
  const base = baseConfigOf(adapter, path, folders, (one) => workspace.sources.text(one));
  if (!base) {
    const named = adapter["base_model_name_or_path"];
    const what = typeof named === "string" && named !== "" ? named : "a model that it does not name";
    const remark = `It adapts ${what}, whose config.json is not at hand: what it trains is not known.`;
    return { report: { path, problems, remarks: [remark] }, models: [] };
  }
  const scenario = decided(asked.scenario, typeOfConfig(base.value));
  const quantized = quantizedConfig(asked.scenario, base.value);
  const request: Request = { ...asked, scenario, project: workspace.project, quantized };
  const py = borrowed(workspace);
  const model = chosenModel(py, stagedConfig(base.value, scenario), placeOfConfig(base.path));
  if (model.kind === "refusal") return { report: { path, problems, remarks: [`${model.reason}.`] }, models: [] };
  const weighed = weighConfigModel(py, adaptedModel(model, adapter), request, start);
  const { report } = weighed;
  return {
    report: { path, problems, remarks: [told(report, shortened(base.path))] },
    models: [
      {
        ...weighed,
        report: {
          ...report,
          evidence: { ...report.evidence, text: `${report.evidence.text} with ${String(adapter["peft_type"])}` },
        },
      },
    ],
  };
}

/** The folder that a path ends in, and the file. */
function shortened(path: string): string {
  return path.split("/").slice(-2).join("/");
}

/** What is trained, of what, and what stays when it is merged. */
function told({ root, trainableParams, name }: ModelReport, base: string): string {
  const all = known(root.params);
  const trained = known(trainableParams);
  const what =
    all === undefined || trained === undefined
      ? "What it trains is not known"
      : `It trains ${showCount(trained)} parameters, ${showShare(trained, all)} of ${name} (${base}); merged into its weights, they cost nothing at inference`;
  return `${what}.`;
}
