import assert from "node:assert/strict";
import { priced } from "../../src/advice/pricing.ts";
import adaptformer from "../../src/advice/techniques/adaptformer.ts";
import { subjectOf } from "../support/subject.ts";
import { visionTransformer } from "./trainingModels.ts";

/** Trained parameters of ViT-B with a head of so many classes. */
function trained(classes: number, width: number, norm = false): number {
  const text = visionTransformer.replace(
    "dim=192, depth=12, heads=3, classes=1000",
    `dim=768, depth=12, heads=12, classes=${classes}`,
  );
  const subject = subjectOf(text, { phase: "train" });
  const { sites } = adaptformer.find(subject);
  const result = priced(subject, [adaptformer.change(subject, sites, { width, norm })]);
  assert("after" in result);
  return result.after.trainableParams as number;
}

const millions = (count: number) => (count / 1e6).toFixed(2);

describe("adaptformer: trained parameters of ViT-B/16, as published", () => {
  for (const [width, published] of [
    [1, "0.10"],
    [4, "0.15"],
    [64, "1.26"],
  ] as const)
    it(`${width} features: ${published} M on the mean of five data sets`, () => {
      // The head of C classes holds 769·C parameters; for the two video sets the last norm's 1536 are trained as well.
      const mean = [100, 10, 101, 174, 51].reduce((sum, one) => sum + one, 0) / 5;
      assert.equal(millions(trained(100, width) + 769 * (mean - 100) + (2 / 5) * 1536), published);
    });

  it("Something-Something v2, the last norm trained: 0.16, 0.22, 0.44, 0.73, 1.32, 2.51, 4.87, 9.59 M", () => {
    const counts = [1, 4, 16, 32, 64, 128, 256, 512].map((width) => millions(trained(174, width, true)));
    assert.deepEqual(counts, ["0.16", "0.22", "0.44", "0.73", "1.32", "2.51", "4.87", "9.59"]);
  });

  it("NUS-WIDE, 81 classes: 0.09, 0.15, 1.25 M", () => {
    assert.deepEqual(
      [1, 4, 64].map((width) => millions(trained(81, width))),
      ["0.09", "0.15", "1.25"],
    );
  });

  it("has no place where nothing is trained", () => {
    assert.deepEqual(adaptformer.find(subjectOf(visionTransformer)).sites, []);
  });
});
