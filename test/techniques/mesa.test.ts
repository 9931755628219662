import assert from "node:assert/strict";
import { costsOf } from "../../src/advice/pricing.ts";
import { rewritten } from "../../src/advice/program.ts";
import mesa from "../../src/advice/techniques/mesa.ts";
import { keptBytes } from "../../src/advice/training/keptOtherwise.ts";
import { subjectOf } from "../support/subject.ts";
import { visionTransformer } from "./trainingModels.ts";

const knobs = { groups: 3, attention: true };

describe("mesa", () => {
  it("keeps 16·td + 3·A bytes a block of the 64·td + 4·A in float32", () => {
    const { before, after, blocks, td, scores } = kept(192, 3, 8, {});
    // Outside the blocks: the image, the last norm and what the head is given.
    near(before, blocks * (64 * td + 4 * scores), 0.03);
    near(after, blocks * (16 * td + 3 * scores), 0.03);
  });

  // MB of the README. Beside what is kept: weights, gradients, Adam, an EMA of the weights, the images, and 4.6 score matrices.
  // Baselines of its PyTorch kept softmax's input too, 4·A a block in float32.
  for (const [name, width, heads, was, is] of [
    ["DeiT-Ti", 192, 3, 4171, 1858],
    ["DeiT-S", 384, 6, 8459, 3840],
    ["DeiT-B", 768, 12, 17691, 8616],
  ] as const)
    it(`${name}: ${was} MB become ${is} at 128 images`, () => {
      const { before, after, blocks, params, scores } = kept(width, heads, 128, { autocast: "fp16" });
      const rest = params * (4 + 4 + 8 + 4) + 128 * 3 * 224 * 224 * 4 + 4.6 * 4 * scores;
      near((before + blocks * 4 * scores + rest) / 2 ** 20, was, 0.015);
      near((after + rest) / 2 ** 20, is, 0.015);
    });

  it("has no place where nothing is kept", () => {
    const { sites, why } = mesa.find(subjectOf(visionTransformer, { batch: 2 }));
    assert.deepEqual(sites, []);
    assert.match(String(why), /training/);
  });
});

function kept(width: number, heads: number, batch: number, scenario: { autocast?: "fp16" }) {
  const text = visionTransformer.replace("dim=192, depth=12, heads=3", `dim=${width}, depth=12, heads=${heads}`);
  const subject = subjectOf(text, { phase: "train", batch, ...scenario });
  const program = rewritten(subject, [mesa.change(subject, mesa.find(subject).sites, knobs)]);
  assert("step" in program && program.step && subject.step);
  return {
    before: keptBytes(subject.step),
    after: keptBytes(program.step),
    blocks: 12,
    params: costsOf(subject).params as number,
    td: batch * 197 * width,
    scores: batch * heads * 197 * 197,
  };
}

function near(value: number, expected: number, share: number): void {
  const off = value / expected - 1;
  assert(Math.abs(off) <= share, `${value.toFixed(0)} is ${(100 * off).toFixed(2)} % off ${expected.toFixed(0)}`);
}
