/** What the server says of techniques, over the protocol. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { messages } from "../../src/hosts/messages.ts";
import { type AdviceView, adviceView, type WhatIfView } from "../../src/surfaces/advice.ts";
import { applied } from "../rules/check.ts";
import { eventually, workspace } from "../support/server.ts";
import { subjectOf } from "../support/subject.ts";

const gpt = readFileSync("test/models/gpt.py", "utf8");
const lineOf = (words: string) => gpt.split("\n").findIndex((line) => line.includes(words));

describe("the server's answers about techniques", () => {
  const { start, open, ask, uri, edit } = workspace({ "gpt.py": gpt, "empty.py": "x = 1\n" });
  const advice = (params: object = {}) => ask<AdviceView | null>(messages.advice, { uri: uri("gpt.py"), ...params });
  const whatIf = (apply: object[], params: object = {}) =>
    ask<WhatIfView | null>(messages.whatIf, { uri: uri("gpt.py"), apply, ...params });

  before(async () => {
    await start();
    await open("gpt.py");
    await open("empty.py");
    await eventually(advice, (found) => found !== null);
  });

  it("are the same as the pipeline's", async () => {
    const { choices, considered } = adviceView(subjectOf(gpt));
    const told = await advice();
    assert.deepEqual(
      told?.choices.map(({ id, saving }) => [id, saving]),
      choices.map(({ id, saving }) => [id, saving]),
    );
    assert.equal(told?.considered.length, considered.length);
  });

  it("are about the model that a line stands in", async () => {
    const inner = await advice({ line: lineOf("def forward(self, x)") });
    assert.equal(inner?.model, "GPT");
    assert.equal(await advice({ model: "Nothing" }), null);
    assert.equal(await ask(messages.advice, { uri: uri("empty.py") }), null);
  });

  it("cost several together, with knobs, and refuse what cannot be", async () => {
    const told = await whatIf([
      { id: "weight-only-int4", knobs: { group: 64 } },
      { id: "flash-attention", knobs: {} },
      { id: "no-such" },
    ]);
    assert.deepEqual(
      told?.refused.map(({ id }) => id),
      ["no-such"],
    );
    assert.deepEqual(new Set(told?.applied.map(({ id }) => id)), new Set(["weight-only-int4", "flash-attention"]));
    assert(told!.after.weightBytes! < told!.before.weightBytes! / 2);
    assert(told!.rows.some(({ name, change }) => name === "weights" && change.startsWith("−")));
  });

  it("give the edit that applies one, or why there is none", async () => {
    const fix = await ask<{ title: string; edits: [] }>(messages.techniqueFix, {
      uri: uri("gpt.py"),
      id: "flash-attention",
    });
    assert.match(applied(gpt, fix), /scaled_dot_product_attention/);
    const none = await ask<{ reason: string }>(messages.techniqueFix, {
      uri: uri("gpt.py"),
      id: "kv-cache-quantization",
    });
    assert.match(none.reason, /./);
  });

  it("follow the text", async () => {
    await edit("gpt.py", gpt.replace(/n_layer: int = \d+/, "n_layer: int = 2"));
    await eventually(
      () => whatIf([{ id: "weight-only-int4" }]),
      (told) => told !== null && told.before.params! < 60e6,
    );
  });
});
