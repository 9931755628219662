/** What one rank of a whole model sends, held against published volumes, and what does not divide. */
import assert from "node:assert/strict";
import type { Parallel } from "../../src/base/scenario.ts";
import { gpt, mixture, ranked, singlesOf } from "../support/parallel.ts";
import { ringElements, ulyssesElements } from "../support/published.ts";

const samples = { gpt, mixture };
const singles = singlesOf(samples);

describe("one rank's communication", () => {
  const bytesOf = (name: keyof typeof samples, parallel: Parallel) =>
    Object.fromEntries(ranked(singles[name], parallel).communications.map((one) => [one.name, one.sentBytes]));
  const sum = (parallel: Parallel) =>
    ranked(singles.gpt, parallel).communications.reduce((total, { sentBytes }) => total + sentBytes, 0);
  const weights = (name: keyof typeof samples) => singles[name].memory.weightBytes as number;
  const near = (got: number | undefined, expected: number) =>
    assert(Math.abs((got ?? 0) / expected - 1) < 1e-9, `${got}, not ${expected}`);

  it("data parallelism sends 2·(n-1)/n of the gradients, ZeRO-2 as much, full sharding half as much again", () => {
    const all = weights("gpt");
    near(sum({ data: 8 }), (2 * 7 * all) / 8);
    near(sum({ data: 8, zero: 1, engine: "deepspeed" }), (2 * 7 * all) / 8);
    near(sum({ data: 8, zero: 2, engine: "deepspeed" }), (2 * 7 * all) / 8);
    near(sum({ data: 8, zero: 3 }), (3 * 7 * all) / 8);
  });

  it("ring attention and Ulysses send what their papers say", () => {
    const [batch, tokens] = gpt.input[1] as [number, number];
    const layers = 8;
    const forward = layers * 4 * batch * ringElements(tokens, 64, 4);
    near(bytesOf("gpt", { context: 4 })["keys and values"], forward);
    const all = bytesOf("gpt", { context: 4, contextMethod: "ulysses" })["heads for tokens"];
    // Forward and backward.
    near(all, 2 * layers * 4 * batch * ulyssesElements(tokens, 64, 64, 4));
  });

  it("tensor parallelism sends 4 all-reduces of the residual a block, and sequence parallelism no more", () => {
    const [batch, tokens] = gpt.input[1] as [number, number];
    const residual = batch * tokens * 64 * 4;
    const expected = (8 * 4 + 2) * residual * 2 * (3 / 4);
    near(sum({ tensor: 4 }), expected);
    near(sum({ tensor: 4, sequenceParallel: true }), expected);
  });

  it("a pipeline's rank hands on one residual a micro-batch, forward and backward", () => {
    const [batch, tokens] = gpt.input[1] as [number, number];
    near(bytesOf("gpt", { pipeline: 4, microbatches: 8 })["activations between stages"], 2 * batch * tokens * 64 * 4);
  });

  it("experts' tokens go out and back, forward and backward", () => {
    const [batch, tokens] = mixture.input[1] as [number, number];
    const sent = bytesOf("mixture", { expert: 4 });
    // Even routing to one expert each: four layers, a quarter of the tokens on a rank, three quarters of these elsewhere.
    const each = (2 * 4 * batch * tokens * 32 * 4 * 3) / 4 / 4;
    near(sent["tokens to experts"], each);
    near(sent["experts' outputs"], each);
  });

  it("what backward can hide is not added to the step; what nothing hides is", () => {
    const hidden = ranked(singles.gpt, { data: 8 });
    assert(hidden.exposedSeconds! < hidden.communicationSeconds!);
    const shown = ranked(singles.gpt, { tensor: 8 });
    assert.equal(shown.exposedSeconds, shown.communicationSeconds);
    // A single device's forward and backward over the ranks, and the optimizer's step on every one.
    near(hidden.seconds, 0.3 / 8 + 0.01 + hidden.exposedSeconds!);
  });

  it("the bubble lengthens the step", () => {
    const { seconds, bubbleFraction, exposedSeconds } = ranked(singles.gpt, { pipeline: 2, microbatches: 8 });
    assert.equal(bubbleFraction, 1 / 8);
    assert(seconds! > (0.3 / 2) * (1 + 1 / 8) && seconds! < 0.3 + exposedSeconds!);
  });
});

describe("what does not divide", () => {
  const cases: [Parallel, RegExp][] = [
    [{ tensor: 3 }, /^8 attention heads cannot be spread over a tensor degree of 3\.$/],
    [{ pipeline: 3 }, /^8 repeated layers cannot be spread over pipeline stages of 3\.$/],
    [{ pipeline: 16 }, /^8 repeated layers are fewer than the 16 parts/],
    [{ data: 5 }, /^8 samples of the batch cannot be spread over a data degree of 5\.$/],
    [{ context: 7 }, /^64 tokens of the sequence cannot be spread over a context degree of 7\.$/],
    [{ expert: 2 }, /^There are no experts to spread over an expert degree of 2\.$/],
    [{ data: 4, shard: 3 }, /^A shard of 3 ranks does not divide the 4 data and context ranks\.$/],
    [{ data: 2, pipeline: 2, microbatches: 3 }, /^4 samples of a rank cannot be spread over micro-batches of 3\.$/],
  ];
  for (const [parallel, words] of cases) {
    it(`${JSON.stringify(parallel)} is said with both numbers`, () => {
      const { problems } = ranked(singles.gpt, parallel);
      assert(
        problems.some((problem) => words.test(problem)),
        problems.join(" "),
      );
    });
  }

  it("an expert degree that does not divide the experts", () => {
    const { problems } = ranked(singles.mixture, { data: 3, expert: 3 });
    assert(problems.includes("8 experts cannot be spread over an expert degree of 3."), problems.join(" "));
  });
});
