import { Budget, defaultLimits } from "../../src/base/budget.ts";
import { modelOfConfig } from "../../src/configs/index.ts";
import { library } from "../../src/configs/library.ts";
import { type ConvertedWeight, quantizationOf, quantize, tensorBytes } from "../../src/configs/quantized.ts";
import { buildModel } from "../../src/evidence/run.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { borrowTorch } from "../../src/torch/pool.ts";
import { evaluate, isFailure, runSetup } from "../../src/torch/session.ts";
import { type Outcome, pages } from "../support/page.ts";
import { pythonWasm } from "../support/wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));
const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };

/** A small decoder, so that its shapes can be read. */
const decoder = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 512,
  intermediate_size: 1376,
  num_attention_heads: 8,
  num_hidden_layers: 2,
  num_key_value_heads: 2,
  vocab_size: 1000,
};

/** Each example is a `quantization_config`; the page's settings are keys of the model's config. */
pages("test/quantization", ({ files, main, settings }): Outcome => {
  const config = { ...decoder, ...settings, quantization_config: JSON.parse(files[main]!) };
  return { values: new Map(), findings: [], snapshots: { report: reportOf(config) } };
});

function reportOf(config: Readonly<Record<string, unknown>>): string {
  const asked = quantizationOf(config);
  const model = modelOfConfig(config);
  if (!asked || model.kind === "refusal") return "nothing";
  const py = borrowTorch(sources, environment, [], new Budget(defaultLimits), library);
  const module = runSetup(py, "/config.json", model.setup);
  const built = buildModel(py, () => evaluate(py, module, "/config.json", model.model), "eval", "bfloat16");
  if (isFailure(built)) return built.reason;
  const { short, what, converted, keptWhole, parts, faults } = quantize(built.tree, asked, config);
  const folded = new Map<string, ConvertedWeight[]>();
  for (const one of converted) {
    const path = `${one.layer}.${one.name}`.replaceAll(/(?<=\.)\d+(?=\.)/g, "*");
    folded.set(path, [...(folded.get(path) ?? []), one]);
  }
  return [
    `${short}: ${what}; ${[...parts].map(([name, bytes]) => `${name} ${bytes}`).join(", ")}`,
    ...[...folded].map(([path, all]) => `${all.length} × ${path}  ${tensorsText(all[0]!)}`),
    `kept whole: ${[...keptWhole].map(([path, count]) => `${count} × ${path}`).join(", ")}`,
    ...faults.map((fault) => `fault: ${fault}`),
  ].join("\n");
}

function tensorsText({ weight, stored }: ConvertedWeight): string {
  const tensors = stored.tensors.map((one) => `${one.name} ${one.dtype}[${one.shape.join(", ")}]`);
  const bytes = stored.tensors.reduce((sum, one) => sum + (one.fileOnly ? 0 : tensorBytes(one)), 0);
  return `${weight.matrices > 1 ? `${weight.matrices} × ` : ""}(${tensors.join(", ")}) = ${weight.matrices * bytes}`;
}
