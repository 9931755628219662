import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Budget } from "../../src/base/budget.ts";
import { modelOfConfig, readConfig } from "../../src/configs/index.ts";
import { library } from "../../src/configs/library.ts";
import type { FileReport, Finding } from "../../src/cost/report.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { usualEnvironment } from "../../src/hosts/usualEnvironment.ts";
import { configProblemsOf } from "../../src/report/config.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { borrowTorch } from "../../src/torch/pool.ts";
import { pythonWasm } from "../support/wasm.ts";
import { analysed } from "../surfaces/workspace.ts";

const llama = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  hidden_size: 256,
  intermediate_size: 512,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 512,
};

describe("a config's values that cannot work", () => {
  const cases: [string, object, string, string][] = [
    [
      "heads that do not divide the width",
      { num_attention_heads: 30, num_key_value_heads: 30 },
      "hidden_size",
      "hidden_size 256 is not a multiple of num_attention_heads 30",
    ],
    [
      "key heads that do not divide heads",
      { num_key_value_heads: 3 },
      "num_key_value_heads",
      "num_attention_heads 4 is not a multiple of num_key_value_heads 3",
    ],
    ["a head that cannot be turned in pairs", { head_dim: 33 }, "head_dim", "head_dim 33 is odd"],
    [
      "fewer kinds of layers than layers",
      { model_type: "qwen3", architectures: ["Qwen3ForCausalLM"], layer_types: ["full_attention"] },
      "layer_types",
      "layer_types names 1 layers, but num_hidden_layers is 2",
    ],
    [
      "more experts for a token than there are",
      {
        model_type: "mixtral",
        architectures: ["MixtralForCausalLM"],
        num_local_experts: 4,
        num_experts_per_tok: 5,
      },
      "num_experts_per_tok",
      "num_experts_per_tok 5 is more than num_local_experts 4",
    ],
    ["a padding token beyond the vocabulary", { pad_token_id: 512 }, "pad_token_id", "512 is not below vocab_size 512"],
    ["text for a number", { num_hidden_layers: "2" }, "num_hidden_layers", 'the text "2"'],
    ["a list for an object", { rope_scaling: [1] }, "rope_scaling", "the list [1]: it must be an object"],
    ["a width that is no number", { hidden_size: 256.2 }, "hidden_size", "must be a whole number"],
    ["no layer at all", { num_hidden_layers: 0 }, "num_hidden_layers", "is 0, but it must be at least 1"],
    [
      "tied embeddings of two widths",
      { tie_word_embeddings: true, embedding_size: 128 },
      "tie_word_embeddings",
      "embedding_size 128 is not hidden_size 256",
    ],
    ["an activation that is misspelled", { hidden_act: "sliu" }, "hidden_act", '"sliu" does not exist: silu does'],
    ["a type that PyTorch does not have", { torch_dtype: "bf16" }, "torch_dtype", "bfloat16 does"],
    [
      "more layers than are weighed",
      { num_hidden_layers: 1e9 },
      "num_hidden_layers",
      "Num_hidden_layers is 1000000000, and models of more than 1000 layers",
    ],
  ];
  for (const [name, change, key, words] of cases) {
    it(`${name}: one error, at its key, with the numbers`, () => {
      const { report, text } = weighed({ ...llama, ...change });
      const errors = report.problems.filter(({ severity }) => severity === "error");
      assert.deepEqual(
        errors.map(({ at }) => keyOf(text, at.line)),
        [key],
        JSON.stringify(report.problems),
      );
      assert(errors[0]?.what.toLowerCase().includes(words.toLowerCase()), errors[0]?.what);
    });
  }

  it("what can work at a price is no error", () => {
    const { report } = weighed({
      ...llama,
      num_hidden_layers: undefined,
      vocab_size: 50257,
      num_hiden_layers: 3,
      max_position_embeddings: 65536,
      rope_scaling: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 8192 },
    });
    assert.deepEqual(
      report.problems.map(({ rule, severity }) => `${rule} ${severity}`),
      ["beyond-trained-length warning", "misspelled-key warning", "unaligned-size information"],
    );
    assert(
      words(report, "beyond").includes("65536 is more than rope_scaling reaches: factor 4 × 8192 trained = 32768"),
    );
    assert(words(report, "misspelled").includes("num_hidden_layers is"));
    assert(words(report, "unaligned").includes("50304"));
  });

  it("each fix leaves JSON in which the fault is gone and the rest stands as it was", () => {
    let fixes = 0;
    for (const [name, change] of cases) {
      const { report, text } = weighed({ ...llama, ...change });
      const before = report.problems.filter(({ severity }) => severity === "error");
      for (const fix of before.flatMap((finding) => finding.fixes)) {
        const after = applied(text, fix);
        assert.doesNotThrow(() => JSON.parse(after), `${name}: ${fix.title}`);
        const again = weighed(JSON.parse(after), after).report.problems;
        assert(!again.some(({ what }) => what === before[0]?.what), `${name}: ${fix.title}`);
        assert(again.filter(({ severity }) => severity === "error").length === 0, `${name}: ${fix.title}`);
        fixes++;
      }
    }
    assert(fixes >= 12, `only ${fixes} fixes`);
  });

  it("comments and indentation outlive a fix", () => {
    const text = `{\n    // ours\n    "model_type": "llama", "architectures": ["LlamaForCausalLM"],\n    "num_attention_heads": 4,\n    "hidden_size": 256,\n    "num_key_value_heads": 3, // few\n}\n`;
    const { report } = weighed({}, text);
    const [fix] = report.problems.find(({ rule }) => rule === "impossible-value")?.fixes ?? [];
    assert(fix);
    assert.equal(applied(text, fix), text.replace('"num_key_value_heads": 3', '"num_key_value_heads": 2'));
  });
});

describe("configs as they are published", () => {
  it("have no value that is told to be impossible or misspelled", async () => {
    const rows = gunzipSync(readFileSync("test/oracle/configs.jsonl.gz")).toString().trim().split("\n");
    const parser = await loadPythonParser(pythonWasm());
    const sources = fileSources(parser);
    const wrong = rows.flatMap((line) => {
      const row = JSON.parse(line) as { class: string; config: object };
      const text = JSON.stringify(row.config);
      const read = readConfig(text);
      const model = modelOfConfig(read.value);
      const py = borrowTorch(sources, usualEnvironment, [], new Budget(), library);
      return configProblemsOf(py, model, { path: "/config.json", text, read }, false)
        .filter(({ severity }) => severity === "error" || severity === "warning")
        .map(({ rule, what }) => `${row.class}: ${rule} ${what}`);
    });
    assert(rows.length > 100);
    assert.deepEqual(wrong, []);
  });
});

function weighed(config: object, text = JSON.stringify(config, null, 2)): { report: FileReport; text: string } {
  return analysed({ files: { "config.json": text }, main: "config.json", settings: {} });
}

function keyOf(text: string, line: number): string | undefined {
  return /"(\w+)"/.exec(text.split("\n")[line] ?? "")?.[1];
}

function words(report: FileReport, rule: string): string {
  return report.problems
    .filter((one) => one.rule.startsWith(rule))
    .map(({ what, why }) => `${what} ${why}`)
    .join("\n");
}

function applied(text: string, { edits }: Finding["fixes"][number]): string {
  const lines = text.split("\n");
  const offset = (line: number, column: number) =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + column;
  return [...edits]
    .sort((a, b) => offset(b.span.line, b.span.column) - offset(a.span.line, a.span.column))
    .reduce(
      (now, { span, text: put }) =>
        now.slice(0, offset(span.line, span.column)) + put + now.slice(offset(span.endLine, span.endColumn)),
      text,
    );
}
