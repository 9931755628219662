import assert from "node:assert/strict";
import { adviceOf } from "../../src/advice/advise.ts";
import { costsOf } from "../../src/advice/pricing.ts";
import { techniques } from "../../src/advice/techniques.ts";
import { edited } from "../../src/advice/training/scaffold.ts";
import type { CostName } from "../../src/cost/figuresAfter.ts";
import { subjectOf } from "../support/subject.ts";
import { languageModel, visionTransformer } from "./trainingModels.ts";

describe("edits of training techniques deliver what was promised", () => {
  for (const [id, text] of [
    ["lora", visionTransformer],
    ["lora", languageModel],
    ["user-aware-prefix-tuning", languageModel],
    ["adaptformer", visionTransformer],
    ["mesa", visionTransformer],
    ["wta-crs", visionTransformer],
    ["local-learning", visionTransformer],
    ["activation-checkpointing", visionTransformer],
    ["mixed-precision", visionTransformer],
  ] as const)
    it(`${id} on a ${text === languageModel ? "language model" : "vision transformer"}`, () => {
      const scenario = { phase: "train", batch: 4, sequence: 128 } as const;
      const subject = subjectOf(text, scenario);
      const technique = techniques.get(id);
      assert(technique);
      const { sites } = technique.find(subject);
      assert(sites.length > 0);
      const advice = adviceOf(subject, technique, sites);
      assert("after" in advice && advice.fix, JSON.stringify(advice));
      const changed = edited(text, advice.fix);
      const after = subjectOf(changed, scenario);
      assert.deepEqual(technique.find(after).sites, [], "its own advice is gone");
      const again = costsOf(after);
      for (const name of [
        "trainableParams",
        "optimizerBytes",
        "gradientBytes",
        "activationBytes",
        "peakBytes",
        "stepFlops",
      ] as CostName[]) {
        const promised = (advice.before[name] ?? 0) - (advice.after[name] ?? 0);
        const delivered = (advice.before[name] ?? 0) - (again[name] ?? 0);
        const before = advice.before[name] ?? 0;
        const room = Math.abs(promised) < 0.05 * before ? 0.02 * before : 0.1 * Math.abs(promised);
        assert(
          Math.abs(delivered - promised) <= room,
          `${name} ${before}: ${promised} less promised, ${delivered} delivered`,
        );
      }
    });
});

describe("fused-cross-entropy", () => {
  it("leaves the logits out, three products in their place", () => {
    const subject = subjectOf(languageModel, { phase: "train", batch: 4, sequence: 512 });
    const technique = techniques.get("fused-cross-entropy");
    assert(technique);
    const { sites, why } = technique.find(subject);
    assert.equal(sites.length, 1, why);
    const advice = adviceOf(subject, technique, sites);
    assert("after" in advice, String(advice));
    const logits = 4 * 512 * 32_000 * 4;
    const saved = (advice.before.peakBytes ?? 0) - (advice.after.peakBytes ?? 0);
    assert(saved > logits, `${saved} of logits of ${logits}`);
    assert.equal(advice.after.stepFlops, advice.before.stepFlops);
    assert.equal(advice.after.flops, advice.before.flops);
  });
});
