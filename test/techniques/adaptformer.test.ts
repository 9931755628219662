import assert from "node:assert/strict";
import { costsOf, priced } from "../../src/advice/pricing.ts";
import { rewritten } from "../../src/advice/program.ts";
import adaptformer from "../../src/advice/techniques/adaptformer.ts";
import { blocksIn } from "../../src/advice/training/blocks.ts";
import type { Trace } from "../../src/trace/trace.ts";
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

  it("the whole model trains 86.04 M, its head alone 0.07 M; 0.06 M on NUS-WIDE", () => {
    const head = (classes: number) => millions(769 * classes);
    const mean = [100, 10, 101, 174, 51].reduce((sum, one) => sum + one, 0) / 5;
    const text = visionTransformer.replace(
      "dim=192, depth=12, heads=3, classes=1000",
      "dim=768, depth=12, heads=12, classes=100",
    );
    const whole = (costsOf(subjectOf(text, { phase: "train" })).trainableParams as number) + 769 * (mean - 100);
    assert(Math.abs(whole / 86.04e6 - 1) <= 0.003, `${whole}`);
    assert.deepEqual([head(mean), head(81)], ["0.07", "0.06"]);
  });

  it("six blocks of twelve: 0.73 M on Something-Something v2", () => {
    // Each of the other six holds a bottleneck less.
    const [all, none] = [trained(174, 64, true), 769 * 174 + 1536];
    assert.equal(millions(none + (all - none) / 2), "0.73");
  });

  it("frozen, a block keeps 9·d + 2·m + h·S numbers a token of 16·d + h·S, and the step has two thirds of its FLOPs", () => {
    const text = visionTransformer.replace("dim=192, depth=12, heads=3", "dim=768, depth=12, heads=12");
    const subject = subjectOf(text, { phase: "train", batch: 4 });
    const { sites } = adaptformer.find(subject);
    const program = rewritten(subject, [adaptformer.change(subject, sites, { width: 64, norm: false })]);
    assert("step" in program && program.step && subject.step);
    const each = (step: Trace) => (blocksIn(step, subject.figures.tree)[5]?.keptBytes ?? 0) / 4 / (4 * 197);
    // Scores are kept once; each norm keeps two numbers a token beside.
    const scores = 12 * 197;
    near(each(subject.step), 16 * 768 + scores + 4, 0.005);
    near(each(program.step), 9 * 768 + 2 * 64 + scores + 4, 0.12);
    const result = priced(subject, [adaptformer.change(subject, sites, { width: 64, norm: false })]);
    assert("after" in result);
    near((result.after.stepFlops as number) / (result.before.stepFlops as number), 2 / 3, 0.05);
  });

  it("has no place where nothing is trained", () => {
    assert.deepEqual(adaptformer.find(subjectOf(visionTransformer)).sites, []);
  });
});

function near(value: number, expected: number, share: number): void {
  assert(Math.abs(value / expected - 1) <= share, `${value} for ${expected}`);
}
