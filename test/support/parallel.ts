/** Sample models as one device's figures, to be spread over ranks. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Budget, defaultLimits } from "../../src/base/budget.ts";
import { defaultScenario, type Parallel, type Scenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import { library } from "../../src/configs/library.ts";
import { deviceOf } from "../../src/cost/deviceList.ts";
import { memoryOf } from "../../src/cost/memory/memory.ts";
import { degreesOf } from "../../src/cost/parallel/degrees.ts";
import { type Layout, layoutOf } from "../../src/cost/parallel/layout.ts";
import { type RankReport, rankReport, type SingleDevice } from "../../src/cost/parallel/perRank.ts";
import { splitsOf } from "../../src/cost/parallel/splits.ts";
import { spread } from "../../src/cost/parallel/spread.ts";
import { stagingOf } from "../../src/cost/parallel/stages.ts";
import { axesOf, walksOf } from "../../src/cost/parallel/walk.ts";
import { timeOf } from "../../src/cost/time/timeOf.ts";
import { buildModel, runPass } from "../../src/evidence/run.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { scenarioPass } from "../../src/staging/pass.ts";
import { buildStaged, stageOf } from "../../src/staging/stage.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { borrowTorch } from "../../src/torch/pool.ts";
import { evaluate, inputTensor, isFailure, runSetup } from "../../src/torch/session.ts";
import { pythonWasm } from "./wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));
const environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

export interface Sample {
  /** Python text, or a page of `test/models` by name. */
  readonly text: string;
  readonly model: string;
  readonly input: readonly [dtype: DType, shape: readonly number[]];
}

/**
 * A model in training, its figures for AdamW in the weights' type. The peak is a round number above the sum of the terms, so
 * that a law about it holds for whatever the memory walk finds.
 */
export function singleDevice({ text, model, input }: Sample): SingleDevice & { layout: Layout } {
  const py = borrowTorch(sources, environment, [], new Budget(defaultLimits), library);
  const setup = /^\w+\.py$/.test(text) ? readFileSync(`test/models/${text}`, "utf8") : text;
  const module = runSetup(py, "case:sample", setup, ({ text }) => assert.fail(text));
  const built = buildModel(py, () => evaluate(py, module, "case:sample", model), "train");
  assert(!isFailure(built), isFailure(built) ? built.reason : "");
  const { trace, failure } = runPass(py, built.model, [inputTensor(py, input[0], input[1])], new Map(), true);
  assert.equal(failure, undefined);
  const layout = layoutOf(built.tree);
  assert(!(layout instanceof Unknown));
  const weightBytes = layout.weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const one = degreesOf(scenarioOf({}));
  const walks = walksOf(trace, layout, splitsOf(trace, layout), stagingOf(trace, layout, one), one);
  assert(!(walks instanceof Unknown));
  const activationBytes = walks[0]!.keptBytes;
  const memory = {
    weightBytes,
    bufferBytes: 0,
    gradientBytes: weightBytes,
    optimizerBytes: 2 * weightBytes,
    activationBytes,
    peakBytes: 4 * weightBytes + activationBytes + 1_000_000,
    peakInterval: [4 * weightBytes, 5 * weightBytes + 2 * activationBytes] as [number, number],
    reservedBytes: 5 * weightBytes + 2 * activationBytes,
    deviceBytes: 5 * weightBytes + 2 * activationBytes + 5e8,
  };
  return { tree: built.tree, trace, memory, seconds: { forward: 0.1, backward: 0.2, optimizer: 0.01 }, layout };
}

export function scenarioOf(parallel: Parallel, more: Partial<Scenario> = {}): Scenario {
  return { ...defaultScenario, dtype: "fp32", phase: "train", device: "nvidia-h200-sxm-141gb", parallel, ...more };
}

export function ranked(single: SingleDevice, parallel: Parallel, more: Partial<Scenario> = {}): RankReport {
  const scenario = scenarioOf(parallel, more);
  const report = rankReport(
    single,
    scenario,
    deviceOf(scenario.device),
    degreesOf(scenario, axesOf(single.trace).batch),
  );
  assert(!(report instanceof Unknown), report instanceof Unknown ? report.reason : "");
  return report;
}

export const gpt: Sample = {
  text: "gpt.py",
  model: "GPT(GPTConfig(block_size=64, vocab_size=512, n_layer=8, n_head=8, n_embd=64))",
  input: ["int64", [8, 64]],
};
export const llama: Sample = {
  text: "llama.py",
  model: "Transformer(ModelArgs(dim=64, n_layers=8, n_heads=8, n_kv_heads=8, vocab_size=256))",
  input: ["int64", [8, 32]],
};
/** Experts as one parameter each, every token routed by its place. */
export const mixture: Sample = {
  text: `import torch
import torch.nn as nn


class Experts(nn.Module):
    def __init__(self, count, dim, hidden):
        super().__init__()
        self.up = nn.Parameter(torch.empty(count, dim, hidden))
        self.down = nn.Parameter(torch.empty(count, hidden, dim))

    def forward(self, x):
        return torch.bmm(torch.bmm(x, self.up).relu(), self.down)


class Block(nn.Module):
    def __init__(self, count=8, dim=32):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.gate = nn.Linear(dim, count, bias=False)
        self.experts = Experts(count, dim, 4 * dim)
        self.count = count

    def forward(self, x):
        B, T, C = x.shape
        h = self.norm(x).view(B * T, C)
        scores = self.gate(h).softmax(-1)
        h = h.view(self.count, -1, C)
        return x + self.experts(h).view(B, T, C) * scores.sum(-1).view(B, T, 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(64, 32)
        self.layers = nn.ModuleList(Block() for _ in range(4))

    def forward(self, ids):
        x = self.embed(ids)
        for layer in self.layers:
            x = layer(x)
        return x
`,
  model: "Net()",
  input: ["int64", [8, 16]],
};

/** A training step as the scenario has it, weighed on one device. */
export function wholeStep({ text, model, input }: Sample, more: Partial<Scenario> = {}) {
  const scenario = scenarioOf({}, more);
  const device = deviceOf(scenario.device);
  assert(device);
  const py = borrowTorch(sources, environment, [], new Budget(defaultLimits), library);
  const setup = /^\w+\.py$/.test(text) ? readFileSync(`test/models/${text}`, "utf8") : text;
  const module = runSetup(py, "case:sample", setup, ({ text }) => assert.fail(text));
  const stage = stageOf(scenario, true, device.capability);
  const built = buildStaged(py, () => evaluate(py, module, "case:sample", model), "train", stage);
  assert(!isFailure(built), isFailure(built) ? built.reason : "");
  const pass = scenarioPass(py, built, [inputTensor(py, input[0], input[1])], new Map(), scenario, stage);
  assert.equal(pass.failure, undefined);
  const { trace, inputs, kvCaches } = pass;
  const memory = memoryOf({ tree: built.tree, trace, inputs, kvCaches, scenario, device });
  const time = timeOf(trace, { device, scenario });
  const spreadOver = (parallel: Parallel) =>
    spread(built.tree, trace, { memory, time }, { ...scenario, parallel }, device);
  return { memory, time, spreadOver, trace };
}

/** What a function gives, found when it is first asked for: what fails there fails one test and not a whole file. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Samples as single devices, each found when it is first asked for. */
export function singlesOf<Name extends string>(
  samples: Readonly<Record<Name, Sample>>,
): Readonly<Record<Name, ReturnType<typeof singleDevice>>> {
  const singles = {} as Record<Name, ReturnType<typeof singleDevice>>;
  for (const name of Object.keys(samples) as Name[]) {
    const get = once(() => singleDevice(samples[name]));
    Object.defineProperty(singles, name, { enumerable: true, get });
  }
  return singles;
}
