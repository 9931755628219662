import assert from "node:assert/strict";
import { ruleProblems } from "../../src/advice/ids.ts";
import { readProject } from "../../src/configs/project/read.ts";
import { deviceList, deviceOf, deviceProblems } from "../../src/cost/deviceList.ts";

const path = "/ws/assay.json";
/** What is wrong with a text, as `line:column text`, columns and lines from 1. */
function problemsOf(text: string): string[] {
  const read = readProject(path, text);
  return [...read.problems, ...deviceProblems(read)].map(
    ({ span: { line, column }, text: what }) => `${line + 1}:${column + 1} ${what}`,
  );
}

describe("assay.json", () => {
  it("gives what it says, comments and trailing commas allowed", () => {
    const { project, problems } = readProject(
      path,
      `{
  // The card under the desk.
  "devices": { "my-card": { "memoryBytes": 48e9, "memoryBytesPerSecond": 1e12, "flopsPerSecond": { "bf16": 1e14 } } },
  "scenario": { "device": "my-card", "batch": 4 },
  "models": [
    { "file": "model.py", "model": "GPT(GPTConfig())", "inputs": ["int64[B, T]"], "scenario": { "batch": 8 } },
  ],
  "prices": { "currency": "EUR", "electricityPerKwh": 0.3, "perHour": { "nvidia-l4-24gb": 0.8 } },
}`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(project.scenario, { device: "my-card", batch: 4 });
    assert.deepEqual(project.models, [
      {
        file: "model.py",
        model: "GPT(GPTConfig())",
        inputs: ["int64[B, T]"],
        scenario: { batch: 8 },
        span: { line: 5, column: 4, endLine: 5, endColumn: 110 },
      },
    ]);
    assert.deepEqual(project.prices, {
      currency: "EUR",
      electricityPerKwh: 0.3,
      perHour: { "nvidia-l4-24gb": 0.8 },
    });
    assert.equal(deviceOf("my-card", project)?.memoryBytes, 48e9);
  });

  it("gives severities of findings, and names those that do not exist", () => {
    const read = readProject(path, `{ "rules": { "unused-layer": "off", "unused-laier": "hint", "syntax": "loud" } }`);
    assert.deepEqual(read.project.rules, { "unused-layer": "off", "unused-laier": "hint" });
    assert.deepEqual(
      [...read.problems, ...ruleProblems(read)].map(({ text }) => text.split(";")[0]),
      [
        'rules.syntax: invalid option: expected one of "error"|"warning"|"information"|"hint"|"off"',
        "rules.unused-laier: no finding is called so",
      ],
    );
  });

  it("nothing in it is nothing", () => {
    const { project, problems } = readProject(path, "");
    assert.deepEqual(problems, []);
    assert.deepEqual(project, { path, devices: {}, scenario: {}, models: [], budgets: [], prices: {}, rules: {} });
  });

  it("a wrong value falls back alone, and is named where it stands", () => {
    const text = `{
  "scenario": { "batch": -1, "sequence": 77 },
  "devices": { "card": { "like": "nvidia-l4-24gb", "memoryBytes": "lots", "powerWatts": 100 } },
  "prices": { "electricityPerKwh": "cheap", "currency": "EUR" }
}`;
    const { project } = readProject(path, text);
    assert.deepEqual(project.scenario, { sequence: 77 });
    assert.deepEqual(project.devices["card"], { like: "nvidia-l4-24gb", powerWatts: 100 });
    assert.deepEqual(project.prices, { currency: "EUR" });
    assert.deepEqual(problemsOf(text), [
      "2:26 scenario.batch: too small: expected number to be >0; batch is left out.",
      "3:67 devices.card.memoryBytes: invalid input: expected number, received string; memoryBytes is left out.",
      "4:36 prices.electricityPerKwh: invalid input: expected number, received string; electricityPerKwh is left out.",
    ]);
  });

  it("a key that is not known is named with those that are", () => {
    assert.deepEqual(problemsOf(`{ "model": [] }`), [
      "1:3 model: not a key here; known are devices, scenario, models, budgets, prices and rules.",
    ]);
    assert.match(problemsOf(`{ "scenario": { "batchSize": 4 } }`)[0]!, /^1:17 scenario.batchSize: not a key here; /);
  });

  it("an entry without its file or its model is left out", () => {
    const text = `{ "models": [{ "file": "a.py" }, { "file": "b.py", "model": "B()" }, 7] }`;
    assert.deepEqual(
      readProject(path, text).project.models.map(({ file }) => file),
      ["b.py"],
    );
    assert.deepEqual(problemsOf(text), [
      "1:14 models[0]: model is missing; the entry is left out.",
      "1:70 models[2]: expected an object; it is left out.",
    ]);
  });

  it("half-typed text gives what can be read", () => {
    const { project, problems } = readProject(path, `{ "scenario": { "batch": 4, "sequence": `);
    assert.equal(project.scenario.batch, 4);
    assert(problems.length > 0);
  });

  it("text that is no object says so", () => {
    assert.deepEqual(problemsOf("[]"), ["1:1 This file holds one object: { … }."]);
  });
});

describe("a project's own devices", () => {
  it("are like one of the catalogue in what they do not say", () => {
    const { project } = readProject(path, `{ "devices": { "my-l4": { "like": "nvidia-l4-24gb", "powerWatts": 60 } } }`);
    const device = deviceOf("my-l4", project);
    assert.equal(device?.powerWatts, 60);
    assert.equal(device?.memoryBytesPerSecond, 300e9);
    assert.equal(device?.id, "my-l4");
    assert.equal(deviceList(project)[0]?.id, "my-l4");
  });

  it("with memory of their own do not show their model's", () => {
    const { project } = readProject(
      path,
      `{ "devices": { "big": { "like": "nvidia-l4-24gb", "memoryBytes": 99e9 } } }`,
    );
    assert.equal(deviceOf("big", project)?.visibleBytes, undefined);
    assert.equal(deviceOf("big", project)?.memoryBytes, 99e9);
  });

  it("with rates of their own have not their model's measured curves", () => {
    const like = `"like": "nvidia-h200-sxm-141gb"`;
    const same = readProject(path, `{ "devices": { "same": { ${like} } } }`).project;
    const other = readProject(path, `{ "devices": { "other": { ${like}, "memoryBytesPerSecond": 1e12 } } }`).project;
    assert.equal(deviceOf("same", same)?.curves, "nvidia-h200-sxm-141gb");
    assert.equal(deviceOf("other", other)?.curves, undefined);
  });

  it("must say what cannot be guessed", () => {
    const text = `{ "devices": { "bare": { "memoryBytes": 8e9 } }, "scenario": { "device": "bare" } }`;
    assert.equal(deviceOf("bare", readProject(path, text).project), undefined);
    assert.deepEqual(problemsOf(text), [
      `1:24 devices.bare: memoryBytesPerSecond, flopsPerSecond must be said, or "like" must name a device that it resembles; it is left out.`,
    ]);
  });

  it("that nobody knows are named, with what they resemble", () => {
    assert.deepEqual(problemsOf(`{ "scenario": { "device": "nvidia-l4" } }`), [
      "1:27 There is no device nvidia-l4. Did you mean nvidia-l4-24gb?",
    ]);
    assert.deepEqual(problemsOf(`{ "prices": { "perHour": { "a100": 1 } } }`), [
      "1:36 There is no device a100. Did you mean nvidia-a100-sxm-40gb or nvidia-a100-sxm-80gb?",
    ]);
    assert.deepEqual(problemsOf(`{ "devices": { "x": { "like": "zzz" } } }`), [
      "1:21 devices.x.like: there is no device zzz.",
    ]);
  });

  it("have ids in kebab-case", () => {
    assert.match(problemsOf(`{ "devices": { "My Card": {} } }`)[0]!, /lower-case words with hyphens/);
  });
});
