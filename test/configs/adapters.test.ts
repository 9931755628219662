/** Adapters' configs against real peft, and files beside their base. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { adaptedModel, type ConfigModel, modelOfConfig } from "../../src/configs/index.ts";
import { assay, folderWith } from "../cli/assay.ts";
import { weighed } from "../support/weigh.ts";

interface Row {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly adapter: Readonly<Record<string, unknown>>;
  readonly params: number;
  readonly trainable: number;
  readonly flops: number;
  readonly saved: number;
}

const rows = readFileSync("test/oracle/adapters.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Row);

describe("an adapter is weighed as peft builds it", () => {
  for (const row of rows) {
    it(row.id, () => {
      const { setup, model } = adaptedModel(modelOfConfig(row.config) as ConfigModel, row.adapter);
      const tokens = "int64[2,16]";
      const pairs = row.config["model_type"] === "t5";
      const kwargs = { input_ids: tokens, ...(pairs && { decoder_input_ids: tokens }) };
      const answer = weighed({ setup, model, kwargs, mode: "train" });
      assert.equal(answer.error, undefined);
      assert.deepEqual(
        [answer.params, answer.trainableParams, answer.flops, answer.savedBytes],
        [row.params, row.trainable, row.flops, row.saved],
      );
    });
  }
});

describe("assay adapter_config.json", () => {
  const base = { ...rows[0]?.config };
  const lora = { peft_type: "LORA", r: 8, target_modules: ["q_proj", "v_proj"], base_model_name_or_path: "acme/base" };
  const folder = folderWith({
    "models/acme/base/config.json": JSON.stringify(base),
    "adapter/adapter_config.json": JSON.stringify({ ...lora, base_model_name_or_path: "../models/acme/base" }),
    "lost/adapter_config.json": JSON.stringify(lora),
    "odd/config.json": JSON.stringify(base),
    "odd/adapter_config.json": JSON.stringify({ ...lora, target_modules: ["nothing"] }),
    "strange/config.json": JSON.stringify(base),
    "strange/adapter_config.json": JSON.stringify({ ...lora, peft_type: "VERA" }),
  });
  const told = async (name: string) => (await assay([path.join(folder, name, "adapter_config.json")])).out;

  it("weighs the base with it, and says what is trained of what", async () => {
    const out = await told("adapter");
    assert.match(out, /200\.4 K {2}5\.38 K trainable/);
    assert.match(out, /It trains 5\.38 K parameters, 3 % of LlamaForCausalLM\s+\(base\/config\.json\)/);
  });

  it("without its base says whose it is, and with a wrong one why it cannot stand on it", async () => {
    const lost = await assay([path.join(folder, "lost", "adapter_config.json")]);
    assert.match(lost.out + lost.error, /It adapts acme\/base, whose config\.json is not at hand/);
    assert.match(await told("odd"), /target_modules \['nothing'\] names no layer of the model/);
    assert.match(await told("strange"), /peft_type VERA is not modelled/);
  });
});
