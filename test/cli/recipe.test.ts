/** A training recipe given as the file. */
import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const config = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 512,
  tie_word_embeddings: true,
};

describe("assay with a training recipe", () => {
  const folder = folderWith({
    "models/acme/tiny/config.json": JSON.stringify(config),
    "axolotl.yml":
      "base_model: acme/tiny\nsequence_len: 256\nmicro_batch_size: 4\nadapter: lora\nlora_r: 4\nbf16: true\nmystery: 1\n",
    "away.yml": "base_model: acme/away\nsequence_len: 256\nmicro_batch_size: 4\n",
    "other.yml": "name: ci\non: push\n",
  });

  it("weighs the model that it trains, in its scenario, and tells what was not read", async () => {
    const { out, error, code } = await assay([path.join(folder, "axolotl.yml"), "--format", "json"]);
    assert.equal(code, 0);
    const [model] = JSON.parse(out).models;
    assert.equal(model.name, "LlamaForCausalLM");
    assert.deepEqual(
      [model.scenario.phase, model.scenario.sequence, model.scenario.batch, model.scenario.dtype],
      ["train", 256, 4, "bf16"],
    );
    assert.match(error, /axolotl\.yml: mystery: not read\./);
  });

  it("what the words say goes before the recipe", async () => {
    const { out } = await assay([path.join(folder, "axolotl.yml"), "--sequence", "64", "--format", "json"]);
    assert.equal(JSON.parse(out).models[0].scenario.sequence, 64);
  });

  it("says where a config is missing, and what is no recipe", async () => {
    const away = await assay([path.join(folder, "away.yml")]);
    assert.deepEqual([away.code, away.out], [1, ""]);
    assert.match(away.error, /trains acme\/away, whose config\.json is not here/);
    const other = await assay([path.join(folder, "other.yml")]);
    assert.match(other.error, /This is no configuration of/);
  });
});
