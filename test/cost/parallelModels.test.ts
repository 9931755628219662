/** Whole models spread over ranks: laws, and published closed forms held against what the traces give. */
import assert from "node:assert/strict";
import type { Parallel } from "../../src/base/scenario.ts";
import type { RankMemory } from "../../src/cost/parallel/rankMemory.ts";
import { splitsOf } from "../../src/cost/parallel/splits.ts";
import { gpt, llama, mixture, ranked, singleDevice, singlesOf } from "../support/parallel.ts";
import { layerActivationBytes } from "../support/published.ts";

const samples = { gpt, llama, mixture };
const singles = singlesOf(samples);
const terms = ["weightBytes", "gradientBytes", "optimizerBytes", "activationBytes"] as const;

describe("one rank's memory", () => {
  for (const name of ["gpt", "llama", "mixture"] as const) {
    it(`${name}: degrees of 1 give the single device's figures exactly`, () => {
      const { memory, communications, bubbleFraction, problems } = ranked(singles[name], {
        data: 1,
        tensor: 1,
        pipeline: 1,
      });
      for (const key of [...terms, "peakBytes", "reservedBytes", "deviceBytes"] as const)
        assert.equal(memory[key], singles[name].memory[key], key);
      assert.deepEqual(memory.peakInterval, singles[name].memory.peakInterval);
      assert.deepEqual([memory.unshardedBytes, memory.bucketBytes, bubbleFraction], [0, 0, 0]);
      assert.deepEqual([communications, problems], [[], []]);
    });

    const axes: Record<string, (degree: number) => Parallel> = {
      data: (data) => ({ data }),
      "ZeRO-1": (data) => ({ data, zero: 1 }),
      "ZeRO-2": (data) => ({ data, zero: 2 }),
      "ZeRO-3": (data) => ({ data, zero: 3 }),
      "DeepSpeed's ZeRO-3": (data) => ({ data, zero: 3, engine: "deepspeed" }),
      tensor: (tensor) => ({ tensor }),
      "sequence-parallel tensor": (tensor) => ({ tensor, sequenceParallel: true }),
      pipeline: (pipeline) => ({ pipeline, microbatches: 8 }),
      context: (context) => ({ context }),
      ...(name === "mixture" ? { expert: (expert: number) => ({ data: 8, expert }) } : {}),
    };
    for (const [axis, of] of Object.entries(axes)) {
      it(`${name}: no term grows with the ${axis} degree`, () => {
        let before: RankMemory | undefined;
        for (const degree of [1, 2, 4, 8]) {
          if (axis === "pipeline" && degree > 4 && name === "mixture") continue;
          const { memory, ranks } = { ...ranked(singles[name], of(degree)), ranks: degree };
          for (const key of terms) {
            // The first stage holds what precedes the blocks for as many micro-batches as there are stages.
            if (axis === "pipeline" && key === "activationBytes" && degree > 2) continue;
            assert(
              !before || memory[key] <= before[key] * (1 + 1e-12),
              `${key} of ${ranks}: ${memory[key]} after ${before?.[key]}`,
            );
          }
          // Buffers come with the second rank; from then on nothing grows.
          if (degree > 2 && axis !== "pipeline")
            assert(memory.peakBytes <= before!.peakBytes * (1 + 1e-12), `peak of ${ranks}`);
          before = memory;
        }
      });
    }
  }

  it("a higher stage of ZeRO never keeps more of the model's states", () => {
    const kept = ([0, 1, 2, 3] as const).map((zero) => {
      const { weightBytes, gradientBytes, optimizerBytes } = ranked(singles.gpt, {
        data: 8,
        zero,
        engine: "deepspeed",
      }).memory;
      return weightBytes + gradientBytes + optimizerBytes;
    });
    const all = singles.gpt.memory.weightBytes as number;
    // Pure precision: 4 of the weights, then 2 + 2/8, 1 + 3/8, and 4/8.
    assert.deepEqual(
      kept.map((one) => Math.round((one / all) * 1e6) / 1e6),
      [4, 2.25, 1.375, 0.5],
    );
  });

  it("mixed precision keeps 2 + 2 + 12 bytes a parameter in bf16, sharded as ZeRO's paper has it", () => {
    const { layout, memory } = singles.gpt;
    const half = {
      ...singles.gpt,
      memory: { ...memory, gradientBytes: memory.gradientBytes, optimizerBytes: memory.optimizerBytes },
    };
    const parameters = layout.weights.reduce((sum, { elements }) => sum + elements, 0);
    const { optimizerBytes } = ranked(half, { data: 8, zero: 1, masterWeights: true }).memory;
    assert.equal(optimizerBytes, (12 * parameters) / 8);
  });

  it("full sharding holds the root and two neighbouring blocks whole, SHARD_GRAD_OP all weights", () => {
    const { layout } = singles.gpt;
    const bytes = (of: (block: number | undefined) => boolean) =>
      layout.weights.filter(({ block }) => of(block)).reduce((sum, one) => sum + one.bytes, 0);
    const root = bytes((block) => block === undefined);
    const block = bytes((at) => at === 3);
    assert.equal(ranked(singles.gpt, { data: 8, zero: 3 }).memory.unshardedBytes, root + 2 * block);
    assert.equal(
      ranked(singles.gpt, { data: 8, zero: 2 }).memory.unshardedBytes,
      bytes(() => true),
    );
    assert.equal(ranked(singles.gpt, { data: 8, zero: 3, shard: 2 }).memory.weightBytes, bytes(() => true) / 2);
  });

  it("experts are spread; what is no expert's is not", () => {
    const { layout } = singles.mixture;
    const experts = layout.weights.filter(({ experts }) => experts > 0).reduce((sum, { bytes }) => sum + bytes, 0);
    const all = singles.mixture.memory.weightBytes as number;
    assert.equal(layout.experts, 8);
    assert.equal(experts, 4 * 8 * 2 * 32 * 128 * 4);
    assert.equal(ranked(singles.mixture, { expert: 4 }).memory.weightBytes, all - experts + experts / 4);
  });
});

describe("tensor parallelism", () => {
  it("adds up two tensors a block forward, and the gradients of two backward, as Megatron does", () => {
    for (const [name, blocks] of [
      ["gpt", 8],
      ["llama", 8],
    ] as const) {
      const { trace, layout } = singles[name];
      const { sums, copies, gathers } = splitsOf(trace, layout);
      // The look-up in a split table is one more sum, the output layer's input one more copy.
      assert.equal(sums.length, 2 * blocks + 1, name);
      assert.equal(copies.length, 2 * blocks + 1, name);
      assert.deepEqual(gathers, [], name);
    }
  });

  it("keeps whole what Megatron keeps whole: norms, row biases, positions", () => {
    const { trace, layout } = singles.gpt;
    const { split } = splitsOf(trace, layout);
    const whole = layout.weights
      .filter(({ storage }) => !split.has(storage))
      .map(({ name }) => name.replace(/\.\d+\./, ".N."));
    assert.deepEqual([...new Set(whole)].sort(), [
      "transformer.h.N.attn.c_proj.bias",
      "transformer.h.N.ln_1.bias",
      "transformer.h.N.ln_1.weight",
      "transformer.h.N.ln_2.bias",
      "transformer.h.N.ln_2.weight",
      "transformer.h.N.mlp.c_proj.bias",
      "transformer.ln_f.bias",
      "transformer.ln_f.weight",
      "transformer.wpe.weight",
    ]);
  });
});

describe("activations of a GPT as Korthikanti et al. count them", () => {
  // One more layer of a model whose dropouts save masks, as the paper's does; sizes in bf16.
  const kept = (layers: number, parallel: Parallel) => {
    const single = singleDevice({
      text: "gpt.py",
      model: `GPT(GPTConfig(block_size=256, vocab_size=512, n_layer=${layers}, n_head=8, n_embd=256, dropout=0.1)).bfloat16()`,
      input: ["int64", [8, 256]],
    });
    return ranked(single, parallel).memory.activationBytes;
  };
  const layer = (parallel: Parallel) => kept(3, parallel) - kept(2, parallel);
  const sizes = { sequence: 256, batch: 8, hidden: 256, heads: 8 };
  // Beside the paper's terms: statistics of two norms in fp32, the causal mask, and a sum's operand that is let go of late.
  const extra = 4 * 4 * 8 * 256 + 256 * 256 + 2 * 8 * 256 * 256;
  const near = (got: number, expected: number) =>
    assert(got >= expected && got <= expected + extra, `${got}, the paper's formula gives ${expected}`);

  it("s·b·h·(34 + 5·a·s/h) on one device", () => near(layer({}), layerActivationBytes(sizes)));
  it("s·b·h·(10 + 24/t + 5·a·s/(h·t)) under tensor parallelism", () => {
    for (const tensor of [2, 4, 8]) near(layer({ tensor }), layerActivationBytes(sizes, tensor));
  });
  it("all of it over t with sequence parallelism", () => {
    for (const tensor of [2, 8])
      near(layer({ tensor, sequenceParallel: true }), layerActivationBytes(sizes, tensor, true));
  });
});
