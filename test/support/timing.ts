/** Measured times beside what the same code runs: rows of `test/oracle/times.jsonl.gz` as traces. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Budget, batchLimits, defaultLimits } from "../../src/base/budget.ts";
import type { Scenario } from "../../src/base/scenario.ts";
import { modelOfConfig } from "../../src/configs/index.ts";
import { library } from "../../src/configs/library.ts";
import { buildModel, runPass } from "../../src/evidence/run.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { capturedTrace } from "../../src/staging/captured.ts";
import { scenarioPass } from "../../src/staging/pass.ts";
import { buildStaged, stagedConfig, stageOf } from "../../src/staging/stage.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { stridesOf } from "../../src/tensor/tensor.ts";
import { chooseKernel } from "../../src/torch/kernels.ts";
import { borrowTorch } from "../../src/torch/pool.ts";
import { evaluate, fromJson, guarded, inputTensor, isFailure, parseTensor, runSetup } from "../../src/torch/session.ts";
import { tracerOf } from "../../src/torch/tensorObject.ts";
import { runBackward } from "../../src/trace/autograd.ts";
import type { Trace } from "../../src/trace/trace.ts";
import { pythonWasm } from "./wasm.ts";

export interface MeasuredOperation {
  readonly row: "operation";
  readonly kind: string;
  readonly code: string;
  readonly tensors: Readonly<Record<string, string>>;
  readonly grad?: readonly string[];
  readonly backend?: "flash" | "efficient" | "math";
  readonly lstm?: number;
  readonly us: number;
  readonly cold_us?: number;
  readonly host_us: number;
  readonly host_grad_us?: number;
  readonly backward_us?: number;
  readonly backward_host_us?: number;
}

export interface MeasuredOptimizer {
  readonly row: "optimizer";
  readonly optimizer: string;
  readonly name: string;
  readonly tensors: number;
  readonly elements: number;
  readonly dtype: "bfloat16" | "float32";
  readonly us: number;
  readonly host_us: number;
}

export interface MeasuredModel {
  readonly row: "model";
  readonly name: string;
  readonly phase: "prefill" | "train";
  readonly batch: number;
  readonly sequence: number;
  readonly dtype: "bf16" | "fp32";
  readonly autocast?: boolean;
  readonly attention?: "eager";
  readonly checkpointing?: boolean;
  readonly loop_ms: number;
  readonly host_ms: number;
  readonly graph_ms?: number;
  readonly host_parts_ms?: Readonly<Record<"forward" | "backward" | "optimizer", number>>;
  readonly request: {
    readonly setup?: string;
    readonly model: string;
    readonly kwargs: Readonly<Record<string, unknown>>;
    readonly config?: Readonly<Record<string, unknown>>;
  };
}

export type MeasuredRow = MeasuredOperation | MeasuredOptimizer | MeasuredModel | { readonly row: "device" };

export function measuredRows(file = "test/oracle/times.jsonl.gz"): MeasuredRow[] {
  return gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as MeasuredRow);
}

const sources = fileSources(await loadPythonParser(pythonWasm()));
const environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

/** What a measured operation runs, its backward pass behind it where that was measured; or why it cannot be run. */
export function tracedOperation({ code, tensors, grad, backend, lstm }: MeasuredOperation): Trace | string {
  const py = borrowTorch(sources, environment, [], new Budget(defaultLimits), library);
  const path = "case:times";
  const names = Object.keys(tensors);
  const dtype = tensors["x"]?.split("[")[0];
  const text = [
    "import torch, torch.nn as nn, torch.nn.functional as F",
    "class Case(nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    lstm ? `        self.lstm = nn.LSTM(${lstm}, ${lstm}, batch_first=True, dtype=torch.${dtype})` : "        pass",
    `    def forward(self, ${names.join(", ")}):`,
    `        return ${code.replaceAll("lstm(", "self.lstm(")}`,
  ].join("\n");
  const module = guarded(py, () => runSetup(py, path, text));
  if (isFailure(module)) return module.reason;
  const built = buildModel(py, () => evaluate(py, module, path, "Case()"), "eval");
  if (isFailure(built)) return built.reason;
  chooseKernel(py, { kernel: backend, capability: 9 });
  const args = names.map((name) => {
    const [shape = "", mark] = (tensors[name] as string).split("@");
    const tensor = parseTensor(shape);
    if (!tensor) throw new Error(`no tensor: ${tensors[name]}`);
    const made = inputTensor(py, tensor.dtype, tensor.shape);
    const strides = mark === "cl" ? channelsLast(stridesOf(made.value), tensor.shape as number[]) : made.value.strides;
    made.value = { ...made.value, strides, requiresGrad: grad?.includes(name) ?? false };
    return made;
  });
  const pass = runPass(py, built.model, args, new Map(), grad !== undefined);
  if (pass.failure) return pass.failure.reason;
  const tracer = tracerOf(py);
  const out = (pass.output as { value?: unknown } | undefined)?.value;
  if (grad && out) {
    try {
      runBackward(
        tracer,
        out as Parameters<typeof runBackward>[1],
        gradientLike(out as Parameters<typeof runBackward>[1]),
      );
    } catch (error) {
      return `backward: ${error instanceof Error ? error.message : JSON.stringify(error)}`;
    }
  }
  return { events: [...tracer.events], calls: [...tracer.calls], saved: new Set(), drops: [] };

  function gradientLike(of: Parameters<typeof runBackward>[1]) {
    return { ...inputTensor(py, of.dtype, of.shape).value, strides: of.strides };
  }
}

/** What a measured model runs, by our own definition or by the sources of torchvision and timm in a folder. */
export function tracedModel(row: MeasuredModel, folder: string): Trace | string {
  const forms = tracedForms(row, folder);
  return typeof forms === "string" ? forms : forms.trace;
}

/** The same, and what a CUDA graph captures of it where that is another program. */
export function tracedForms(
  row: MeasuredModel,
  folder: string,
): { readonly trace: Trace; readonly captured: Trace | undefined } | string {
  const { setup, model, kwargs, config } = row.request;
  const roots = { ...environment, roots: [folder], installed: new Set(["torch", "numpy", "torchvision", "timm"]) };
  const py = borrowTorch(sources, config ? environment : roots, [], new Budget(batchLimits), library);
  const scenario = scenarioOf(row);
  const family = config && modelOfConfig(stagedConfig(config, scenario));
  if (family?.kind === "refusal") return family.reason;
  const path = "case:times";
  const module = guarded(py, () => runSetup(py, path, family ? family.setup : (setup ?? "")));
  if (isFailure(module)) return module.reason;
  const stage = stageOf(scenario, true, 9);
  const mode = row.phase === "train" ? "train" : "eval";
  const built = buildStaged(py, () => evaluate(py, module, path, family ? family.model : model), mode, stage);
  if (isFailure(built)) return built.reason;
  const value = (given: unknown) => {
    const tensor = typeof given === "string" ? parseTensor(given) : undefined;
    return tensor ? inputTensor(py, tensor.dtype, tensor.shape) : fromJson(given);
  };
  const keywords = new Map(Object.entries(kwargs).map(([name, given]) => [name, value(given)]));
  const pass = scenarioPass(py, built, [], keywords, scenario, stage, mode);
  if (pass.failure) return pass.failure.reason;
  return { trace: pass.trace, captured: capturedTrace(py, built, { args: [], keywords }, scenario, stage) };
}

export function scenarioOf(row: MeasuredModel): Scenario {
  return {
    device: "nvidia-h200-sxm-141gb",
    phase: row.phase,
    batch: row.batch,
    sequence: row.sequence,
    imageSize: 224,
    dtype: row.dtype,
    optimizer: "adamw",
    ...(row.autocast && { autocast: "bf16" as const }),
    ...(row.checkpointing && { checkpointing: true }),
    attention: row.attention ?? (row.request.config ? "sdpa" : undefined),
  };
}

function channelsLast(
  strides: readonly number[],
  [, channels = 1, height = 1, width = 1]: readonly number[],
): number[] {
  return [strides[0] ?? 1, 1, channels * width, channels]
    .slice(0, strides.length)
    .map((one, i) => (i === 0 ? height * width * channels : one));
}
