/** Whatever a config's text is, it is answered: no exception, no hang, and what can be read of it is read. */
import assert from "node:assert/strict";
import { analyze } from "../../src/analyze.ts";
import { defaultLimits } from "../../src/base/budget.ts";
import { defaultScenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import { keyAt, keyCost, readConfig } from "../../src/configs/index.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { usualEnvironment } from "../../src/hosts/usualEnvironment.ts";
import { configCost } from "../../src/report/configCost.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { random } from "../support/random.ts";
import { pythonWasm } from "../support/wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));
const around = { sources, environment: usualEnvironment, limits: { ...defaultLimits, steps: 400_000 } };
const look = (text: string) =>
  analyze({ path: "/config.json", text, kind: "config", scenario: defaultScenario }, around);

const small = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 100,
  rms_norm_eps: 1e-5,
  rope_parameters: { rope_type: "default", rope_theta: 10000 },
};

describe("bad configs", () => {
  const nested = (depth: number) => `${'{"text_config":'.repeat(depth)}{}${"}".repeat(depth)}`;
  const cases: [name: string, text: string, finding: RegExp, atMost?: number][] = [
    ["an unknown family", '{"model_type": "no_such", "hidden_size": 8}', /"no_such" is not among the families/],
    ["a family a letter off", '{"model_type": "lama"}', /"lama" is not among/],
    ["no family at all", '{"model_type": null}', /names neither model_type nor architectures/],
    [
      "a class that is not the family's",
      '{"model_type": "llama", "architectures": ["NoSuch"]}',
      /No definition of NoSuch/,
    ],
    ["text where a number belongs", written({ num_hidden_layers: "2" }), /must be a number/],
    ["a list where an object belongs", written({ rope_parameters: [] }), /must be an object/],
    ["a part that is a file's name", written({ text_config: "config.json" }), /text_config is the text "config.json"/],
    ["a comment", `{ // ours\n${written({}).slice(1)}`, /A comment: transformers reads plain JSON/],
    ["a comma too many", written({}).replace(/\}$/, ",}"), /A comma before a closing bracket/],
    ["a key twice", written({}).replace("{", '{"vocab_size": 5,'), /vocab_size stands here and on line/],
    ["no end", written({}).slice(0, -1), /This is not JSON/],
    ["a list", "[1, 2]", /A config is a JSON object, and this is an array/],
    ["a thousand million layers", written({ num_hidden_layers: 1e9 }), /more than 1000 layers are not weighed/],
    ["a number beyond counting", written({ hidden_size: 1e30 }), /more than can be counted exactly/],
    [
      "a part inside itself",
      `{"model_type": "llava", "text_config": ${nested(60)}}`,
      /text_config stands inside text_config: nothing reads it/,
    ],
    ["nesting without end", `{"model_type": "llama", "a": ${"[".repeat(100_000)}`, /nests 100001 deep/],
    ["many megabytes", `{"model_type": "llama", "a": "${"x".repeat(6e6)}"}`, /The file holds 6 MB/],
  ];
  for (const [name, text, finding] of cases) {
    it(`${name}: one clear finding`, () => {
      const { problems, models } = look(text);
      const told = problems.filter(({ severity }) => severity === "error" || severity === "warning");
      assert.deepEqual(
        told.map(({ what }) => finding.test(what)),
        [true],
        JSON.stringify(told.map(({ what }) => what)),
      );
      assert(models.every(({ root }) => root.params instanceof Unknown || root.params > 0));
    });
  }

  it("ten thousand keys are read, and the model is weighed", () => {
    const more = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`note_${i}`, i]));
    const { models, problems } = look(JSON.stringify({ ...small, ...more }));
    assert.equal(models[0]?.root.params, look(written({})).models[0]?.root.params);
    assert.deepEqual(problems, []);
  });

  it("what is half typed leaves the other keys their tables", () => {
    const text = written({}).replace('"vocab_size": 100,', '"vocab_size": ');
    const { value, keys } = readConfig(text);
    const line = text.split("\n").findIndex((one) => one.includes("num_key_value_heads"));
    const key = keyAt(keys, line, 4);
    assert.deepEqual(key?.path, ["num_key_value_heads"]);
    const asked = { path: "/config.json", text, kind: "config" as const, scenario: defaultScenario };
    const cost = keyCost({ ...value, vocab_size: 100 }, key.path, (one) => configCost(one, asked, around));
    assert.deepEqual(
      cost?.rows.map(({ value: heads }) => heads),
      [1, 2, 4],
    );
  });

  it("any value in any key, and any text, is answered", () => {
    const seed = 20_261_122;
    const { pick, integer } = random(seed);
    const odd = [null, true, "", "x", [], {}, -1, 0, 1.5, 1e9, 1e300, [null], { a: { b: [] } }, "é\\u0000", 4, 8];
    const names = Object.keys(small);
    for (let round = 0; round < 60; round++) {
      const config: Record<string, unknown> = { ...small };
      for (let change = 0; change < 1 + (round % 3); change++) config[pick(names)] = pick<unknown>(odd);
      const whole = JSON.stringify(config, null, 1);
      const cut = integer(0, whole.length);
      const text = round % 2 === 0 ? whole : whole.slice(0, cut) + whole.slice(cut + integer(0, 8));
      assert.doesNotThrow(() => look(text), `seed ${seed}, round ${round}: ${text}`);
    }
  }).timeout(120_000);
});

function written(change: object): string {
  return JSON.stringify({ ...small, ...change }, null, 2);
}
