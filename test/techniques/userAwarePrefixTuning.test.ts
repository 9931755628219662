import assert from "node:assert/strict";
import { costsOf } from "../../src/advice/pricing.ts";
import { rewritten } from "../../src/advice/program.ts";
import uapt, { kvBytesPerToken, prefixParameters } from "../../src/advice/techniques/userAwarePrefixTuning.ts";
import { frozen } from "../../src/advice/training/adapters.ts";
import { blocksIn } from "../../src/advice/training/blocks.ts";
import { edited } from "../../src/advice/training/scaffold.ts";
import { subjectOf } from "../support/subject.ts";
import { languageModel } from "./trainingModels.ts";

describe("user-aware prefix tuning", () => {
  it("a block keeps 16·td numbers when trained and 10·td when frozen", () => {
    const subject = subjectOf(languageModel, { phase: "train", batch: 4, sequence: 256 });
    const td = 4 * 256 * 512;
    // The log-sum-exp of 8 heads, and two numbers for each row of both norms.
    const others = 4 * 256 * (8 + 2 * 2);
    const middle = (step: Parameters<typeof blocksIn>[0]) =>
      (blocksIn(step, subject.figures.tree)[3]?.keptBytes ?? 0) / 4 - others;
    assert(subject.step);
    near(middle(subject.step), 16 * td, 0.003);
    // The prefix needs a gradient, and so does all behind it.
    const stays = (path: string) => path.startsWith("tok.");
    const program = rewritten(subject, [{ weight: frozen(stays) }]);
    assert("step" in program && program.step);
    near(middle(program.step), 10 * td, 0.003);
  });

  it("GPT-2 small caches 36,864 bytes for each prefix token in fp16", () => {
    const config = JSON.stringify({ architectures: ["GPT2LMHeadModel"], model_type: "gpt2" });
    assert.equal(kvBytesPerToken(subjectOf(config, { dtype: "fp16", batch: 2, sequence: 64 })), 36_864);
  });

  it("the edited model trains the prefix's network alone", () => {
    const scenario = { phase: "train", batch: 2, sequence: 64 } as const;
    const subject = subjectOf(languageModel, scenario);
    const { sites } = uapt.find(subject);
    const fix = uapt.edit?.(subject, sites, { length: 10 });
    assert(fix && !("reason" in fix), JSON.stringify(fix));
    const text = edited(languageModel, fix);
    assert.equal(costsOf(subjectOf(text, scenario)).trainableParams, prefixParameters(512, 10));
    // Its own advice is gone.
    assert.deepEqual(uapt.find(subjectOf(text, scenario)).sites, []);
  });
});

function near(value: number, expected: number, share: number): void {
  assert(Math.abs(value / expected - 1) <= share, `${value} for ${expected}`);
}
