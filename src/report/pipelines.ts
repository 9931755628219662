/** Models that a script loads with transformers.js, weighed by the config that lies in the workspace. */
import { known } from "../base/unknown.ts";
import { readConfig } from "../configs/index.ts";
import { deviceOf } from "../cost/deviceList.ts";
import { verdict } from "../cost/fit/verdict.ts";
import { weighedOf } from "../cost/fit/weighed.ts";
import { fileBytes, type OnnxFile, onnxBytes, onnxFiles } from "../cost/onnxFiles.ts";
import type { LayerReport, MemoryReport, ModelReport } from "../cost/report.ts";
import { bitsPerWeight, dtypeOf, type PipelineUse } from "../tfjs/pipelines.ts";
import { weighConfigFile } from "./config.ts";
import type { Asked, Workspace } from "./request.ts";

export interface WeighedPipeline {
  readonly use: PipelineUse;
  /** Undefined where its config is not at hand. */
  readonly report: ModelReport | undefined;
}

/** The type of a scenario that is nearest to one of transformers.js. */
const shownTypes: Readonly<Record<string, ModelReport["scenario"]["dtype"]>> = {
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
  // Weights of 8 and 4 bits are multiplied with 32-bit floats, but for q4f16.
  const main = dtypeOf(use, use.dtypes && "model" in use.dtypes ? "model" : "decoder_model_merged");
  const device = deviceFor(use, asked, workspace);
  const half = main === "fp16" || main === "q4f16";
  const scenario: Asked["scenario"] = { ...asked.scenario, dtype: half ? "fp16" : "fp32", device };
  const text = workspace.sources.text(file) ?? "";
  const config: Asked = { ...asked, kind: "config", path: file, text, scenario, only: undefined, pinned: undefined };
  const [weighed] = weighConfigFile(config, workspace).models;
  if (!weighed) return { use, report: undefined };
  const files = onnxFiles(weighed.report.root);
  const bytes = onnxBytes(weighed.report.root, use);
  const written = files
    .map(({ name }) => (files.length > 1 ? `${name} in ${dtypeOf(use, name)}` : dtypeOf(use, name)))
    .join(", ");
  const unknown = [...new Set(files.map(({ name }) => dtypeOf(use, name)))].filter((one) => !(one in bitsPerWeight));
  const quantized = files.some(({ name }) => (bitsPerWeight[dtypeOf(use, name)] ?? 0) < 16);
  const assumptions = [
    ...weighed.report.assumptions,
    ...(quantized
      ? [{ text: "the files are as transformers.js's own scripts quantize them; other exporters differ", at: use.at }]
      : []),
    ...unknown.map((one) => ({ text: `${one} is no type of transformers.js`, at: use.at })),
  ];
  const own = weighed.report;
  const unjudged: ModelReport = {
    ...own,
    name: use.id,
    at: use.at,
    evidence: { kind: "config", text: `${use.task}, ${written}`, at: use.at },
    scenario: { ...own.scenario, dtype: shownTypes[main] ?? own.scenario.dtype },
    root: bytes === undefined ? own.root : { ...sized(own.root, files, use), weightBytes: bytes },
    memory: cachedAs(
      half && !cachesHalves(text, main) ? 2 : 1,
      bytes === undefined ? own.memory : heldAs(bytes, own.memory),
    ),
    assumptions,
    // What ONNX Runtime keeps beside the weights is not modelled.
    complete: { ...own.complete, memory: false, time: false, ...(quantized ? { weights: false } : {}) },
    hints: [],
    findings: [],
  };
  const judge = deviceOf(device ?? "", workspace.project);
  return { use, report: { ...unjudged, fit: judge && verdict(weighedOf(unjudged), judge) } };
}

/** The scenario's device where it is a browser's of the kind that the program asks for; else the class of that kind. */
function deviceFor({ device }: PipelineUse, { scenario }: Asked, { project }: Workspace): Asked["scenario"]["device"] {
  const chosen = deviceOf(scenario.device ?? "", project);
  const onGpu = device === "webgpu";
  if (chosen?.kind === "browser" && chosen.limits && onGpu === "bindingBytes" in chosen.limits) return chosen.id;
  return browsers[device ?? "wasm"] ?? scenario.device;
}

/** Whether a config says that its exported files keep keys and values in 16 bits; they are in 32 where it does not. */
function cachesHalves(config: string, dtype: string): boolean {
  const named = readConfig(config).value?.["transformers.js_config"];
  const kept = isRecord(named) ? named.kv_cache_dtype : undefined;
  return (isRecord(kept) ? kept[dtype] : kept) === "float16";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Memory with a cache so many times as wide. */
function cachedAs(times: number, memory: MemoryReport): MemoryReport {
  const wider = <Figure>(figure: Figure) => (typeof figure === "number" ? times * figure : figure);
  return {
    ...memory,
    kvCacheBytes: wider(memory.kvCacheBytes),
    kvBytesPerToken: wider(memory.kvBytesPerToken),
  };
}

/** A layer with the bytes that its weights take in their files. */
function sized(layer: LayerReport, files: readonly OnnxFile[], use: PipelineUse): LayerReport {
  const children = layer.children.map((child) => sized(child, files, use));
  const file = files.find(({ layers }) => layers.some(({ path }) => path === layer.path));
  const own = file ? (fileBytes({ ...file, layers: [{ ...layer }] }, dtypeOf(use, file.name)) ?? 0) : 0;
  return { ...layer, children, weightBytes: children.reduce((sum, one) => sum + (known(one.weightBytes) ?? 0), own) };
}

/** Memory with weights that take other bytes than those it was weighed with. */
function heldAs(bytes: number, memory: MemoryReport): MemoryReport {
  const more = bytes - (known(memory.weightBytes) ?? bytes);
  const moved = <Figure>(figure: Figure) => (typeof figure === "number" ? figure + more : figure);
  const named = <Held extends { readonly name: string }>(held: Held): Held =>
    held.name === "weights" ? { ...held, bytes } : held;
  return {
    ...memory,
    weightBytes: bytes,
    peakBytes: moved(memory.peakBytes),
    peakInterval: undefined,
    reservedBytes: moved(memory.reservedBytes),
    deviceBytes: moved(memory.deviceBytes),
    peakHolders: memory.peakHolders.map(named).toSorted((a, b) => b.bytes - a.bytes),
    terms: memory.terms.map(named),
    moments: memory.moments.map((one) => ({ ...one, bytes: one.bytes + more, terms: one.terms.map(named) })),
    timeline: memory.timeline.map((point) => ({ ...point, bytes: point.bytes + more })),
  };
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
