import assert from "node:assert/strict";
import { priced } from "../../src/advice/pricing.ts";
import nextlat from "../../src/advice/techniques/nextlat.ts";
import { latentParameters } from "../../src/advice/training/latents.ts";
import { subjectOf } from "../support/subject.ts";
import { languageModel } from "./trainingModels.ts";

describe("nextlat", () => {
  it("adds 2.62 M parameters at 512 features and 1024 inner ones, and nothing to inference", () => {
    const subject = subjectOf(languageModel, { phase: "train", batch: 2, sequence: 64 });
    const { sites, why } = nextlat.find(subject);
    assert.equal(sites.length, 1, why);
    const result = priced(subject, [nextlat.change(subject, sites, { rollout: 1, width: 1024, kl: false })]);
    assert("after" in result);
    const { before, after } = result;
    const added = (after.trainableParams as number) - (before.trainableParams as number);
    assert.equal((added / 1e6).toFixed(2), "2.62");
    // Forward and backward of the MLP: 6 FLOPs a parameter and token that has a next one.
    const flops = (after.stepFlops as number) - (before.stepFlops as number);
    assert(Math.abs(flops / (6 * 2_621_440 * 2 * 63) - 1) < 0.01, `${flops}`);
    assert.equal(after.flops, before.flops);
    assert((after.peakBytes as number) > (before.peakBytes as number));
  });

  it("1.32 B become 1.40 B at 2048 features and 6144 inner ones", () => {
    assert.equal(((1.32e9 + latentParameters(2048, 6144)) / 1e9).toFixed(2), "1.40");
  });

  it("has no place in inference", () => {
    assert.deepEqual(nextlat.find(subjectOf(languageModel, { batch: 2, sequence: 64 })).sites, []);
  });
});
