import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  type ConfigCost,
  isModelConfig,
  keyAt,
  keyCost,
  modelOfConfig,
  modelTypes,
  readConfig,
} from "../src/configs/index.ts";
import { weighed, wrongLayers } from "./support/weigh.ts";

interface Row {
  readonly model_type: string;
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly params: number;
  readonly buffers: number;
  readonly inputs: Readonly<Record<string, readonly number[]>> | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly flops?: number;
  readonly flops_by_module?: Readonly<Record<string, number>>;
  readonly outputs?: unknown;
}

const rows = gunzipSync(readFileSync("test/oracle/configs.jsonl.gz"))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Row);

/** Families that refuse to be trained on short texts, as the real ones do. */
const refuseTraining = new Set(["reformer"]);

describe("a config is weighed as transformers' own class is", () => {
  for (const row of rows) {
    it(`${row.model_type}: ${row.class}`, () => {
      const model = modelOf(row.config);
      const counted = row.flops !== undefined;
      const answer = weighed({ setup: model.setup, model: model.model, kwargs: counted ? inputsOf(row) : undefined });
      assert.equal(answer.error, undefined);
      if (!refuseTraining.has(row.model_type)) assert.deepEqual(answer.unknowns, []);
      assert.equal(answer.params, row.params);
      assert.equal(answer.bufferElements, row.buffers);
      if (!counted) return;
      assert.equal(answer.flops, row.flops);
      assert.deepEqual(wrongLayers(answer, row.flops_by_module ?? {}), []);
      assert.equal(answer.complete?.flops, true);
    });
  }
});

describe("every head of the first families is there", () => {
  const heads = {
    llama: [
      "LlamaModel",
      "LlamaForCausalLM",
      "LlamaForSequenceClassification",
      "LlamaForTokenClassification",
      "LlamaForQuestionAnswering",
    ],
    mistral: [
      "MistralModel",
      "MistralForCausalLM",
      "MistralForSequenceClassification",
      "MistralForTokenClassification",
      "MistralForQuestionAnswering",
    ],
    qwen2: [
      "Qwen2Model",
      "Qwen2ForCausalLM",
      "Qwen2ForSequenceClassification",
      "Qwen2ForTokenClassification",
      "Qwen2ForQuestionAnswering",
    ],
    qwen3: [
      "Qwen3Model",
      "Qwen3ForCausalLM",
      "Qwen3ForSequenceClassification",
      "Qwen3ForTokenClassification",
      "Qwen3ForQuestionAnswering",
    ],
    gpt2: [
      "GPT2Model",
      "GPT2LMHeadModel",
      "GPT2DoubleHeadsModel",
      "GPT2ForSequenceClassification",
      "GPT2ForTokenClassification",
      "GPT2ForQuestionAnswering",
    ],
    bert: [
      "BertModel",
      "BertForMaskedLM",
      "BertLMHeadModel",
      "BertForPreTraining",
      "BertForNextSentencePrediction",
      "BertForSequenceClassification",
      "BertForMultipleChoice",
      "BertForTokenClassification",
      "BertForQuestionAnswering",
    ],
    vit: ["ViTModel", "ViTForImageClassification", "ViTForMaskedImageModeling"],
  };
  const small: Record<string, Record<string, unknown>> = {
    gpt2: { n_layer: 2, n_embd: 64, n_head: 4, vocab_size: 100 },
    vit: { num_hidden_layers: 2, hidden_size: 64, num_attention_heads: 4, intermediate_size: 128 },
  };
  const usual = {
    num_hidden_layers: 2,
    hidden_size: 64,
    num_attention_heads: 4,
    intermediate_size: 128,
    vocab_size: 100,
    num_key_value_heads: 2,
  };
  for (const [type, classes] of Object.entries(heads)) {
    for (const name of classes) {
      it(`${name} runs in eval and in train mode`, () => {
        const model = modelOf({ model_type: type, architectures: [name], ...(small[type] ?? usual) });
        const text = name.endsWith("MultipleChoice") ? { input_ids: "int64[2, 3, 16]" } : { input_ids: "int64[2, 16]" };
        const kwargs = type === "vit" ? { pixel_values: "float32[2, 3, 224, 224]" } : text;
        const answer = weighed({
          setup: model.setup,
          model: model.model,
          kwargs: name.includes("SequenceClassification") && type !== "bert" ? { input_ids: "int64[1, 16]" } : kwargs,
        });
        assert.deepEqual([answer.error, answer.unknowns], [undefined, []]);
        assert.deepEqual(
          [answer.complete?.params, answer.complete?.flops, answer.complete?.savedBytes],
          [true, true, true],
        );
      });
    }
  }

  it("labels give a loss", () => {
    const model = modelOf({ model_type: "llama", architectures: ["LlamaForCausalLM"], ...usual });
    const kwargs = { input_ids: "int64[2, 16]", labels: "int64[2, 16]", use_cache: false };
    const { outputs } = weighed({ setup: model.setup, model: model.model, kwargs });
    assert.deepEqual(outputs, { loss: [], logits: [2, 16, 100] });
  });
});

describe("a config's text", () => {
  it("half typed gives the keys that are there", () => {
    const { value, keys, faults } = readConfig(
      '{\n  "model_type": "llama",\n  "hidden_size": 64,\n  "num_hidden_layers": \n',
    );
    assert.deepEqual(value, { model_type: "llama", hidden_size: 64 });
    assert.deepEqual(
      keys.map(({ path }) => path[0]),
      ["model_type", "hidden_size", "num_hidden_layers"],
    );
    assert(faults.length > 0);
  });

  it("knows where each key stands, the innermost first", () => {
    const { keys } = readConfig('{ "text_config": {\n    "hidden_size": 64 } }');
    assert.deepEqual(keyAt(keys, 1, 8)?.path, ["text_config", "hidden_size"]);
    assert.deepEqual(keyAt(keys, 0, 5)?.path, ["text_config"]);
  });

  it("is a model's where it names a family or a class", () => {
    assert(isModelConfig({ model_type: "llama" }));
    assert(!isModelConfig({ name: "package" }));
  });
});

describe("a family that is not known", () => {
  it("is named", () => {
    const model = modelOfConfig({ model_type: "no_such_family" });
    assert.equal(
      model.kind === "refusal" && model.reason,
      'model_type "no_such_family" is not among the families that Assay defines, and its source was not found',
    );
  });

  it("the known ones each have a class", () => {
    for (const type of modelTypes()) assert.equal(modelOfConfig({ model_type: type }).kind, "model", type);
  });
});

describe("what a key costs", () => {
  it("is found by weighing the config with other values", () => {
    const config = { model_type: "llama", num_attention_heads: 32, num_key_value_heads: 8 };
    const seen: unknown[] = [];
    const weigh = (one: Readonly<Record<string, unknown>>): ConfigCost => {
      seen.push(one["num_key_value_heads"]);
      const heads = one["num_key_value_heads"] as number;
      return {
        params: 10 * heads,
        attentionParams: heads,
        flops: 7,
        weightBytes: 20 * heads,
        kvBytesPerToken: 4 * heads,
      };
    };
    const cost = keyCost(config, ["num_key_value_heads"], weigh);
    assert.deepEqual(seen, [1, 4, 8, 16, 32]);
    assert.deepEqual(cost?.columns, ["kvBytesPerToken", "attentionParams", "params", "weightBytes"]);
    assert.deepEqual(
      cost?.rows.filter(({ current }) => current).map(({ value }) => value),
      [8],
    );
  });

  it("a key that costs nothing has no table", () => {
    assert.equal(
      keyCost({ bos_token_id: 1 }, ["bos_token_id"], () => assert.fail("weighed")),
      undefined,
    );
  });
});

function modelOf(config: Readonly<Record<string, unknown>>) {
  const model = modelOfConfig(config);
  return model.kind === "model" ? model : assert.fail(model.reason);
}

function inputsOf({ inputs, options }: Row): Record<string, unknown> {
  const texts = Object.entries(inputs ?? {}).map(([name, shape]) => [
    name,
    `${name.endsWith("_ids") ? "int64" : "float32"}[${shape.join(",")}]`,
  ]);
  return { ...Object.fromEntries(texts), ...options };
}
