import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Budget, defaultLimits } from "../../src/base/budget.ts";
import { library } from "../../src/configs/library.ts";
import { buildModel, runPass } from "../../src/evidence/run.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { borrowTorch } from "../../src/torch/pool.ts";
import { evaluate, inputTensor, isFailure, parseTensor, runSetup } from "../../src/torch/session.ts";
import { rerun } from "../../src/trace/rerun.ts";
import type { Trace } from "../../src/trace/trace.ts";
import { pythonWasm } from "../support/wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));

/** Sample models, how each is built, and its input. */
const cases = [
  ["gpt.py", "GPT(GPTConfig(n_layer=2))", ["int64[2, 16]"]],
  ["llama.py", "Transformer(ModelArgs(n_layers=2))", ["int64[1, 16]"]],
  ["resnet.py", "resnet18()", ["float32[1, 3, 64, 64]"]],
  ["vit.py", "VisionTransformer(depth=2)", ["float32[1, 3, 224, 224]"]],
  ["unet.py", "UNet()", ["float32[1, 3, 64, 64]", "int64[1]"]],
  ["lstm_lm.py", "LSTMLanguageModel(1000)", ["int64[12, 5]"]],
] as const;

function traced(file: string, model: string, inputs: readonly string[], gradients: boolean): Trace {
  const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
  const py = borrowTorch(sources, environment, [], new Budget(defaultLimits), library);
  const module = runSetup(py, file, readFileSync(`test/models/${file}`, "utf8"));
  const built = buildModel(py, () => evaluate(py, module, file, model), gradients ? "train" : "eval");
  assert(!isFailure(built), isFailure(built) ? built.reason : "");
  const given = inputs.map((input) => {
    const tensor = parseTensor(input);
    assert(tensor);
    return inputTensor(py, tensor.dtype, tensor.shape);
  });
  const pass = runPass(py, built.model, given, new Map(), gradients);
  assert(!pass.failure, pass.failure?.reason);
  return pass.trace;
}

/** The events with storages named by the order in which they appear. */
function story({ events }: Trace): string[] {
  const names = new Map<object, string>();
  const name = (storage: object) => names.get(storage) ?? (names.set(storage, `s${names.size}`), `s${names.size - 1}`);
  return events.map((event) => {
    if (event.kind === "release") return `release ${name(event.storage)}`;
    if (event.kind === "unknown") return "unknown";
    const list = (all: readonly { storage: object; shape: unknown }[]) =>
      all.map(({ storage, shape }) => `${name(storage)}${JSON.stringify(shape)}`).join(" ");
    const saved = event.saved.map(name).sort().join(" ");
    return `${event.name} (${list(event.inputs)}) -> ${list(event.outputs)}, keeps ${saved}, in ${event.module}`;
  });
}

describe("a program that is run again unchanged", () => {
  for (const [file, model, inputs] of cases) {
    for (const gradients of [false, true])
      it(`${file} makes, keeps and frees the same ${gradients ? "in training" : "in inference"}`, () => {
        const trace = traced(file, model, inputs, gradients);
        assert(trace.events.length > 3);
        const again = rerun(trace, () => undefined).tracer;
        assert.deepEqual(story(again), story(trace));
        assert.deepEqual(
          [...again.saved].map(({ bytes }) => bytes),
          [...trace.saved].map(({ bytes }) => bytes),
        );
      });
  }

  it("leaves out what a rewriting leaves out", () => {
    const trace = traced("vit.py", "VisionTransformer()", ["float32[1, 3, 224, 224]"], true);
    const gelu = (one: Trace) =>
      one.events.filter((event) => event.kind === "operation" && event.name === "aten.gelu").length;
    assert(gelu(trace) > 0);
    const without = rerun(trace, ({ step, args }) =>
      step.name === "aten.gelu" ? [args[0] as never] : undefined,
    ).tracer;
    assert.equal(gelu(without), 0);
    const kept = (one: Trace) => [...one.saved].reduce((total, { bytes }) => total + Number(bytes), 0);
    assert(kept(without) < kept(trace));
  });
});
