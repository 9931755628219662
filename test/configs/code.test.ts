import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { analyze } from "../../src/analyze.ts";
import { deepLimits } from "../../src/base/budget.ts";
import { defaultScenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import { blocksOf } from "../../src/configs/code/blocks.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { usualEnvironment } from "../../src/hosts/usualEnvironment.ts";
import { configTotals } from "../../src/report/config.ts";
import { configCode } from "../../src/report/configCode.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { pythonWasm } from "../support/wasm.ts";

interface Row {
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const sources = fileSources(await loadPythonParser(pythonWasm()));
const around = { sources, environment: usualEnvironment, limits: deepLimits };
const scenario = { ...defaultScenario, sequence: 64 };
const rows = gunzipSync(readFileSync("test/oracle/configs.jsonl.gz"))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Row);

describe("a config's PyTorch code", () => {
  // One of each manner of building: plain decoders, windows, experts, states, encoders, parts with configs of their own.
  const classes = [
    "LlamaForCausalLM",
    "GPT2LMHeadModel",
    "MixtralForCausalLM",
    "DeepseekV3ForCausalLM",
    "JambaForCausalLM",
    "BertForMaskedLM",
    "T5ForConditionalGeneration",
    "ViTForImageClassification",
    "LlavaForConditionalGeneration",
    "WhisperForConditionalGeneration",
  ];
  for (const name of classes) {
    const row = rows.find((one) => one.class === name);
    if (!row) continue;
    it(`${name}: is weighed as the config is`, () => {
      const config = { ...row.config, torch_dtype: "bfloat16" };
      const totals = configTotals(config, { path: "/config.json", text: "", kind: "config", scenario }, around);
      const code = configCode(config, around);
      assert(!(totals instanceof Unknown) && !(code instanceof Unknown));
      const { models, problems } = analyze({ path: "/code.py", text: code.text, kind: "python", scenario }, around);
      assert.deepEqual(problems, []);
      const model = models.find(({ evidence }) => evidence.kind === "comment");
      assert(model);
      assert.deepEqual(
        [model.name, model.root.params, model.root.flops, model.memory.weightBytes, model.memory.kvCacheBytes],
        [name, totals.root.params, totals.root.flops, totals.memory.weightBytes, totals.memory.kvCacheBytes],
      );
      assert.equal(model.memory.peakBytes, totals.memory.peakBytes);
    });
  }

  it("shows the values of the file first, then the family's, and what they mean", () => {
    const code = configCode({ model_type: "llama", architectures: ["LlamaForCausalLM"], num_hidden_layers: 3 }, around);
    assert(!(code instanceof Unknown));
    assert.match(code.text, /VALUES = dict\(\n {4}num_hidden_layers=3, {2}# Layers\n {4}num_labels=2/);
    assert.match(code.text, /\n {4}vocab_size=32000, {2}# Tokens that the model tells apart/);
    assert.match(code.text, /# assay: LlamaForCausalLM\(config\)\(input_ids=int64\[B, T\]\)/);
    assert(!code.text.includes("class LlamaForSequenceClassification"), "a head that the model does not have");
  });

  it("is refused for families that are not ours", () => {
    const code = configCode({ model_type: "no_such" }, around);
    assert(code instanceof Unknown && code.reason.includes('"no_such" is not among'));
  });

  it("is cut from files by their top-level statements", () => {
    const blocks = blocksOf(
      '"""Doc."""\nimport torch\nfrom .a import (\n    b,\n    c as d,\n)\n\n#: What it is.\nX = {\n    1: 2,\n}\n\n\n@torch.no_grad()\ndef f():\n    """It says\nclass no"""\n    return d(X)\n',
    );
    assert.deepEqual(
      blocks.map(({ kind, names }) => [kind, ...names]),
      [["doc"], ["import", "torch"], ["import", "b", "d"], ["definition", "X"], ["definition", "f"]],
    );
    assert.deepEqual(blocks[2]?.imported, [
      { name: "b", as: "b" },
      { name: "c", as: "d" },
    ]);
    assert(blocks[3]?.text.startsWith("#: What it is."));
    assert(blocks[4]?.text.startsWith("@torch.no_grad()") && blocks[4].words.has("d") && !blocks[4].words.has("no"));
  });
});
