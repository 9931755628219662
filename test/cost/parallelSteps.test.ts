/** Real training steps, weighed by the memory walk and the roofline, spread over ranks. */
import assert from "node:assert/strict";
import type { Parallel } from "../../src/base/scenario.ts";
import { showBytes } from "../../src/base/units.ts";
import { Unknown } from "../../src/base/unknown.ts";
import type { ModelReport } from "../../src/cost/report.ts";
import { paint } from "../../src/hosts/cli/printing.ts";
import { ranksText } from "../../src/hosts/cli/printRanks.ts";
import { rankTables } from "../../src/surfaces/ranks.ts";
import { gpt, llama, mixture, once, scenarioOf, wholeStep } from "../support/parallel.ts";

const steps = {
  gpt: once(() => wholeStep(gpt)),
  llama: once(() => wholeStep(llama, { dtype: "bf16" })),
  mixture: once(() => wholeStep(mixture)),
};

const number = (value: number | Unknown | undefined): number => {
  assert(typeof value === "number", value instanceof Unknown ? value.reason : "no figure");
  return value;
};

describe("a training step on several devices", () => {
  for (const [name, step] of Object.entries(steps)) {
    it(`${name}: one device's report is given back as it is`, () => {
      const { memory, time, spreadOver } = step();
      for (const parallel of [{}, { data: 1, tensor: 1, pipeline: 1, context: 1, expert: 1, zero: 3 } as const]) {
        const one = spreadOver(parallel);
        assert.equal(one.ranks, undefined);
        assert.equal(one.memory, memory);
        assert.equal(one.time, time);
      }
    });

    const kinds: Parallel[] = [
      { data: 4 },
      { data: 4, zero: 1, engine: "deepspeed" },
      { data: 4, zero: 2, engine: "deepspeed" },
      { data: 4, zero: 3 },
      { tensor: 4 },
      { tensor: 4, sequenceParallel: true },
      { pipeline: 4, microbatches: 4 },
      { context: 4 },
      { data: 2, tensor: 2, pipeline: 2, microbatches: 4, zero: 1 },
      ...(name === "mixture" ? [{ expert: 4 }] : []),
    ];
    for (const parallel of kinds) {
      it(`${name}: ${JSON.stringify(parallel)}`, () => {
        const { memory, time, spreadOver } = step();
        const one = spreadOver(parallel);
        assert(one.ranks && !(one.ranks instanceof Unknown));
        assert.deepEqual(one.ranks.problems, []);
        // The terms lie below the peak of the rank, and it below the whole's but for buffers of gradients on their way.
        const peak = number(one.memory.peakBytes);
        const { bucketBytes, unshardedBytes } = one.ranks.memory;
        assert(peak <= number(memory.peakBytes) + bucketBytes + unshardedBytes, `peak ${peak}`);
        const states = number(one.memory.weightBytes) + number(one.memory.optimizerBytes);
        assert(peak >= states, `${peak} below the states' ${states}`);
        assert(number(one.memory.deviceBytes) >= number(one.memory.reservedBytes));
        assert(number(one.memory.reservedBytes) >= peak);
        // Less to compute on each, and communication beside it.
        const { compute, memory: traffic, launch, communication } = one.time.bound;
        assert(Math.abs(compute + traffic + launch + communication - number(one.time.seconds)) < 1e-12);
        assert(compute < time.bound.compute || time.bound.compute === 0);
        assert(communication > 0 && communication >= number(one.ranks.exposedSeconds) * (1 - 1e-9));
      });
    }
  }

  it("gradients that ZeRO-2 shards are gone from the peak", () => {
    const { memory, spreadOver } = steps.gpt();
    const [whole, sharded] = [0, 2].map((zero) => {
      const { memory } = spreadOver({ data: 8, zero: zero as 0 | 2, engine: "deepspeed" });
      return number(memory.gradientBytes);
    });
    assert.equal(whole, number(memory.gradientBytes));
    // Its shard, and the bucket in which all of so small a model's gradients fit.
    assert.equal(sharded, number(memory.gradientBytes) / 8 + number(memory.gradientBytes));
  });
});

describe("inference on several devices", () => {
  const prefill = once(() => wholeStep(llama, { phase: "prefill" }));

  it("tensor parallelism adds up two tensors a block, and sends no gradients", () => {
    const { ranks } = prefill().spreadOver({ tensor: 4 });
    assert(ranks && !(ranks instanceof Unknown));
    assert.deepEqual(
      ranks.communications.map(({ name, calls }) => [name, calls]),
      [["sums of split products", 2 * 8 + 1]],
    );
    assert.equal(ranks.memory.gradientBytes + ranks.memory.optimizerBytes + ranks.memory.bucketBytes, 0);
  });

  it("replicas send nothing", () => {
    const { ranks, memory } = prefill().spreadOver({ data: 4 });
    assert(ranks && !(ranks instanceof Unknown));
    assert.deepEqual(ranks.communications, []);
    assert.equal(memory.weightBytes, prefill().memory.weightBytes);
  });
});

describe("a model without blocks of products", () => {
  const conv = once(() =>
    wholeStep({
      text: "import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))\n",
      model: "net",
      input: ["float32", [8, 3, 32, 32]],
    }),
  );

  it("says that there is nothing to split, and nothing to cut into stages", () => {
    const { ranks, memory } = conv().spreadOver({ tensor: 2, pipeline: 2, context: 2 });
    assert(ranks && !(ranks instanceof Unknown));
    assert.equal(memory.weightBytes, conv().memory.weightBytes);
    const [tensor, context, layers] = ranks.problems;
    assert.match(tensor!, /^No weight of repeated layers can be split over a tensor degree of 2/);
    assert.match(context!, /^There is no sequence to spread over a context degree of 2/);
    assert.match(layers!, /^0 repeated layers are fewer than the 2 parts of a pipeline degree of 2/);
  });

  it("is trained on several devices by data parallelism", () => {
    const { ranks, memory } = conv().spreadOver({ data: 8 });
    assert(ranks && !(ranks instanceof Unknown));
    assert.deepEqual(ranks.problems, []);
    assert.equal(number(memory.activationBytes), number(conv().memory.activationBytes) / 8);
  });
});

describe("one rank's figures as text", () => {
  it("name the term, the bytes and the links", () => {
    const { memory, ranks } = steps.llama().spreadOver({ data: 4, zero: 3 });
    assert(ranks && !(ranks instanceof Unknown));
    const tables = rankTables({ ranks, scenario: scenarioOf({ data: 4 }) }, { units: "GB" });
    assert(tables);
    assert.equal(tables.title, "one rank of 4: data 4 · ZeRO-3");
    assert.deepEqual(
      tables.memory.map(({ label }) => label),
      ["weights", "gathered", "gradients", "buckets", "optimizer", "activations", "peak"],
    );
    assert.equal(tables.memory.at(-1)?.value, showBytes(number(memory.peakBytes), "GB"));
    assert.deepEqual(
      tables.communication.map(({ label, note }) => `${label}: ${note.split(":")[0]}`),
      [
        "gradients: 8 × reduce-scatter over 4 ranks, NVLink 4",
        "weights gathered: 16 × all-gather over 4 ranks, NVLink 4",
        `step: ${tables.communication.at(-1)!.note}`,
      ],
    );
    const text = ranksText(
      { ranks, scenario: scenarioOf({}) } as ModelReport,
      { units: "GB", shorten: (path) => path },
      paint(false),
    );
    assert.deepEqual(
      text.split("\n").filter((line) => line.length > 80),
      [],
    );
  });
});
