/** Models that a script loads with transformers.js, weighed by the config that lies in the workspace. */
import type { ScenarioChange } from "../base/settings.ts";
import type { ModelReport } from "../cost/report.ts";
import { bitsPerWeight, dtypeOf, type PipelineUse } from "../tfjs/pipelines.ts";
import { weighConfigFile } from "./config.ts";
import type { Asked, Workspace } from "./request.ts";

export interface WeighedPipeline {
  readonly use: PipelineUse;
  /** Undefined where its config is not at hand. */
  readonly report: ModelReport | undefined;
}

/** The type of a scenario that is nearest to one of transformers.js. */
const types: Readonly<Record<string, ScenarioChange["dtype"]>> = {
  fp32: "fp32",
  fp16: "fp16",
  int8: "int8",
  uint8: "int8",
  q8: "int8",
  q4: "int4",
  q4f16: "int4",
  bnb4: "int4",
};

const browsers: Readonly<Record<string, string>> = {
  webgpu: "generic-browser-webgpu-laptop-4gb",
  wasm: "generic-browser-wasm-laptop-4gb",
};

export function weighPipeline(use: PipelineUse, asked: Asked, workspace: Workspace): WeighedPipeline {
  const file = configFiles(asked.path, use.id).find((path) => workspace.sources.text(path) !== undefined);
  if (file === undefined) return { use, report: undefined };
  const dtype = dtypeOf(use);
  const scenario = {
    ...asked.scenario,
    dtype: types[dtype] ?? asked.scenario.dtype,
    device: browsers[use.device ?? "wasm"] ?? asked.scenario.device,
  };
  const text = workspace.sources.text(file) ?? "";
  const config: Asked = { ...asked, kind: "config", path: file, text, scenario, only: undefined, pinned: undefined };
  const [weighed] = weighConfigFile(config, workspace).models;
  if (!weighed) return { use, report: undefined };
  const written = use.dtypes ? `one type for each of ${Object.keys(use.dtypes).join(", ")}` : dtype;
  const assumptions = [
    ...weighed.report.assumptions,
    ...(use.dtypes ? [{ text: `the figures are of ${dtype}; the program asks for ${written}`, at: use.at }] : []),
    ...(dtype in bitsPerWeight ? [] : [{ text: `${dtype} is no type of transformers.js`, at: use.at }]),
  ];
  const report: ModelReport = {
    ...weighed.report,
    name: use.id,
    at: use.at,
    evidence: { kind: "config", text: `${use.task} in ${written}`, at: use.at },
    assumptions,
    // What ONNX Runtime keeps beside the weights is not modelled.
    complete: { ...weighed.report.complete, memory: false, time: false },
    hints: [],
    findings: [],
  };
  return { use, report };
}

/** Where a model's config may lie, seen from a script: beside it, in a folder of models, in what a server hands out. */
function configFiles(script: string, id: string): string[] {
  const name = id.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  const folders: string[] = [];
  for (let at = script.lastIndexOf("/"); at >= 0 && folders.length < 6; at = script.lastIndexOf("/", at - 1))
    folders.push(script.slice(0, at));
  if (!script.includes("/")) folders.push(".");
  return folders.flatMap((folder) =>
    ["", "models/", "public/", "public/models/", "static/models/"].map(
      (part) => `${folder}/${part}${name}/config.json`,
    ),
  );
}
