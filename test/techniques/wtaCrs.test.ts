import assert from "node:assert/strict";
import { adviceOf } from "../../src/advice/advise.ts";
import { rewritten } from "../../src/advice/program.ts";
import wtaCrs from "../../src/advice/techniques/wtaCrs.ts";
import { keptBytes } from "../../src/advice/training/keptOtherwise.ts";
import { subjectOf } from "../support/subject.ts";
import { visionTransformer } from "./trainingModels.ts";

const t5 = (d: number, layers: number) =>
  JSON.stringify({
    architectures: ["T5EncoderModel"],
    model_type: "t5",
    d_model: d,
    d_ff: 4 * d,
    d_kv: 64,
    num_heads: d / 64,
    num_layers: layers,
    vocab_size: 32128,
    feed_forward_proj: "relu",
  });

const rows = 100 * 128;

/** Numbers that the encoder keeps for each token and layer, whole and with these shares of rows. */
function kept(d: number, layers: number, ratios: readonly number[]): number[] {
  const subject = subjectOf(t5(d, layers), { phase: "train", batch: 100, sequence: 128, attention: "eager" });
  const { sites } = wtaCrs.find(subject);
  assert(subject.step && sites.length === 1);
  const each = (bytes: number) => bytes / 4 / rows / layers;
  return [
    each(keptBytes(subject.step)),
    ...ratios.map((ratio) => {
      const program = rewritten(subject, [wtaCrs.change(subject, sites, { ratio, attention: true, extras: true })]);
      assert("step" in program && program.step);
      return each(keptBytes(program.step));
    }),
  ];
}

describe("wta-crs", () => {
  // The closed form counts keys and values of the decoder's attention over the encoder too: 2·d more.
  it("T5-Base keeps 12.5·d + 2.25·h·S + 2.25·f numbers a token and layer, and what the closed form says at 0.3 and 0.1", () => {
    const [d, scores, f] = [768, 12 * 128, 3072];
    const [full = 0, some = 0, few = 0] = kept(d, 12, [0.3, 0.1]);
    const closed = (ratio: number) => d * (2.0625 + 7 * ratio) + scores * (1.031 + ratio) + f * (0.0625 + ratio);
    near(full + 2 * d, 12.5 * d + 2.25 * scores + 2.25 * f, 0.02);
    near(some + 2 * 0.3 * d, closed(0.3), 0.07);
    near(few + 2 * 0.1 * d, closed(0.1), 0.07);
  });

  // Peaks in GB of table 2, with 16 bytes for each of the whole model's parameters.
  for (const [name, d, layers, params, tolerance, ratioTolerance, published] of [
    ["T5-Base", 768, 12, 222.9e6, 0.15, 0.06, [17.66, 8.44, 7.3]],
    ["T5-Large", 1024, 24, 737.7e6, 0.05, 0.07, [45.85, 21.58, 18.46]],
  ] as const)
    it(`${name}: ${published.join(", ")} GB in full, at 0.3 and at 0.1`, () => {
      const shares = [1, 0.3, 0.1];
      const peaks = kept(d, layers, [0.3, 0.1]).map(
        (each, i) => (4 * rows * layers * (each + 2 * d * (shares[i] as number)) + 16 * params) / 1e9,
      );
      for (const [i, peak] of peaks.entries()) near(peak, published[i] as number, tolerance);
      for (const i of [1, 2])
        near((peaks[0] as number) / (peaks[i] as number), published[0] / (published[i] as number), ratioTolerance);
    });

  it("multiplies 2 + ratio thirds of what a step does in full, and is slower at an equal batch", () => {
    const subject = subjectOf(visionTransformer, { phase: "train", batch: 64 });
    const advice = adviceOf(subject, wtaCrs, wtaCrs.find(subject).sites);
    assert("after" in advice);
    const { before, after } = advice;
    // Products of attention and the patches' convolution are none of linear layers.
    near((after.stepFlops as number) / (before.stepFlops as number), 2.3 / 3, 0.06);
    assert((after.eagerSeconds as number) > (before.eagerSeconds as number));
  });

  it("is not advised where there are few rows", () => {
    const { sites, why } = wtaCrs.find(subjectOf(visionTransformer, { phase: "train", batch: 2 }));
    assert.deepEqual(sites, []);
    assert.match(String(why), /394 rows of 192|rows/);
  });
});

function near(value: number, expected: number, share: number): void {
  const off = value / expected - 1;
  assert(Math.abs(off) <= share, `${value} is ${(100 * off).toFixed(2)} % off ${expected}`);
}
