import assert from "node:assert/strict";
import { costsOf } from "../../src/advice/pricing.ts";
import { rewritten } from "../../src/advice/program.ts";
import type { Subject } from "../../src/advice/subject.ts";
import mesa from "../../src/advice/techniques/mesa.ts";
import type { Knobs } from "../../src/advice/techniques/technique.ts";
import { blocksIn } from "../../src/advice/training/blocks.ts";
import { keptBytes } from "../../src/advice/training/keptOtherwise.ts";
import { subjectOf } from "../support/subject.ts";
import { languageModel, swin, visionTransformer } from "./trainingModels.ts";

const knobs = { groups: 3, form: "layers" };

describe("mesa", () => {
  it("keeps 16·td + 3·A bytes a block of the 64·td + 4·A in float32, 2·A under hooks; scores twice, as they are kept twice", () => {
    const { before, after, blocks, td, scores, outside } = kept(192, 3, 8, {});
    near(before - outside, blocks * (64 * td + 4 * scores), 0.002);
    near(after - outside, blocks * (16 * td + 3 * scores), 0.005);
    const hooks = kept(192, 3, 8, {}, { groups: 3, form: "hooks" });
    near(hooks.after - outside, blocks * (16 * td + 2 * scores), 0.005);
  });

  it("keeps 36·td + 6·A bytes a block in mixed precision, 16·td + 3·A packed, beside autocast's copies of the weights", () => {
    const { before, after, blocks, td, scores, outside } = kept(192, 3, 8, { autocast: "fp16" });
    const casts = 2 * 12 * 192 * 192;
    near(before - outside, blocks * (36 * td + 6 * scores + casts), 0.005);
    near(after - outside, blocks * (16 * td + 3 * scores + casts), 0.005);
  });

  it("keeps 17·td bytes of a block with fused attention: the result is packed for attention and for the layer behind it", () => {
    const subject = subjectOf(languageModel, { phase: "train", batch: 16, sequence: 256 });
    const program = rewritten(subject, [mesa.change(subject, mesa.find(subject).sites, { groups: 8, form: "hooks" })]);
    assert("step" in program && program.step);
    const td = 16 * 256 * 512;
    // Log-sum-exps of 8 heads, means and deviations of two norms stay as they are.
    const others = 4 * 16 * 256 * (8 + 2 * 2);
    near((blocksIn(program.step, subject.figures.tree)[3]?.keptBytes ?? 0) - others, 17 * td, 0.001);
  });

  // MB of the README. Beside what is kept (the images are): weights, gradients, Adam, an EMA of the weights, and 4.6 score matrices.
  // Baselines of its PyTorch kept softmax's input too, 4·A a block in float32.
  for (const [name, width, heads, was, is] of [
    ["DeiT-Ti", 192, 3, 4171, 1858],
    ["DeiT-S", 384, 6, 8459, 3840],
    ["DeiT-B", 768, 12, 17691, 8616],
  ] as const)
    it(`${name}: ${was} MB become ${is} at 128 images`, () => {
      const { before, after, blocks, params, scores } = kept(width, heads, 128, { autocast: "fp16" });
      const rest = params * (4 + 4 + 8 + 4) + 4.6 * 4 * scores;
      near((before + blocks * 4 * scores + rest) / 2 ** 20, was, 0.015);
      near((after + rest) / 2 ** 20, is, 0.015);
    });

  it("Swin-Ti: 11812 MB become 5371 at 128 images", () => {
    const { before, after, params } = keptOf(subjectOf(swin, { phase: "train", batch: 128, autocast: "fp16" }), knobs);
    // Windows of 49 tokens: so many scores has a block of each stage, and so many blocks it has.
    const scores = [0, 1, 2, 3].map((i) => 128 * (64 / 4 ** i) * 3 * 2 ** i * 49 * 49);
    const all = [2, 2, 6, 2].reduce((sum, depth, i) => sum + depth * (scores[i] as number), 0);
    const rest = params * (4 + 4 + 8 + 4) + 4.6 * 4 * (scores[0] as number);
    near((before + 4 * all + rest) / 2 ** 20, 11812, 0.1);
    near((after + rest) / 2 ** 20, 5371, 0.1);
  });

  it("has no place where nothing is kept", () => {
    const { sites, why } = mesa.find(subjectOf(visionTransformer, { batch: 2 }));
    assert.deepEqual(sites, []);
    assert.match(String(why), /training/);
  });
});

function kept(width: number, heads: number, batch: number, scenario: { autocast?: "fp16" }, chosen: Knobs = knobs) {
  const text = visionTransformer.replace("dim=192, depth=12, heads=3", `dim=${width}, depth=12, heads=${heads}`);
  return {
    ...keptOf(subjectOf(text, { phase: "train", batch, ...scenario }), chosen),
    blocks: 12,
    td: batch * 197 * width,
    scores: batch * heads * 197 * 197,
  };
}

function keptOf(subject: Subject, chosen: Knobs) {
  const program = rewritten(subject, [mesa.change(subject, mesa.find(subject).sites, chosen)]);
  assert("step" in program && program.step && subject.step);
  return {
    before: keptBytes(subject.step),
    after: keptBytes(program.step),
    outside:
      keptBytes(subject.step) -
      blocksIn(subject.step, subject.figures.tree).reduce((sum, one) => sum + one.keptBytes, 0),
    params: costsOf(subject).params as number,
  };
}

function near(value: number, expected: number, share: number): void {
  const off = value / expected - 1;
  assert(Math.abs(off) <= share, `${value.toFixed(0)} is ${(100 * off).toFixed(2)} % off ${expected.toFixed(0)}`);
}
