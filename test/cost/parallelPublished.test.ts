/** What papers and manuals print, reproduced. */
import assert from "node:assert/strict";
import { collectiveSeconds, sentBytes } from "../../src/cost/parallel/collectives.ts";
import { megatronAdam, mixedAdam, modelStates, type ZeroStage } from "../../src/cost/parallel/modelStates.ts";
import { batchesInFlight, bubbleFraction, type Pipeline, stagesOf } from "../../src/cost/parallel/pipeline.ts";

const total = (parameters: number, stage: ZeroStage, ranks: number, each = mixedAdam) => {
  const { weight, gradient, optimizer } = modelStates(parameters, each, stage, ranks);
  return weight + gradient + optimizer;
};

describe("model states as published", () => {
  // ZeRO, arXiv 1910.02054, table 1: gigabytes on each of 1, 4, 16, 64, 256 and 1024 devices.
  const table: [parameters: number, rows: Record<1 | 2 | 3, number[]>][] = [
    [
      7.5e9,
      {
        1: [120, 52.5, 35.6, 31.4, 30.4, 30.1],
        2: [120, 41.3, 21.6, 16.6, 15.4, 15.1],
        3: [120, 30, 7.5, 1.88, 0.47, 0.12],
      },
    ],
    [128e9, { 1: [2048, 896, 608, 536, 518, 513], 2: [2048, 704, 368, 284, 263, 257], 3: [2048, 512, 128, 32, 8, 2] }],
    [
      1e12,
      {
        1: [16000, 7000, 4750, 4187, 4046, 4011],
        2: [16000, 5500, 2875, 2218, 2054, 2013],
        3: [16000, 4000, 1000, 250, 62.5, 15.6],
      },
    ],
  ];
  for (const [parameters, rows] of table) {
    for (const [stage, expected] of Object.entries(rows)) {
      it(`${parameters / 1e9} billion parameters under ZeRO-${stage}`, () => {
        expected.forEach((gigabytes, i) => {
          const got = total(parameters, Number(stage) as ZeroStage, 4 ** i) / 1e9;
          assert(Math.abs(got / gigabytes - 1) < 0.025, `${4 ** i} devices: ${got}, printed ${gigabytes}`);
        });
      });
    }
  }

  it("figure 1 of ZeRO: 7.5 billion parameters on 64 devices take 120, 31.4, 16.6 and 1.9 GB", () => {
    const got = ([0, 1, 2, 3] as const).map((stage) => Math.round(total(7.5e9, stage, 64) / 1e8) / 10);
    assert.deepEqual(got, [120, 31.4, 16.6, 1.9]);
  });

  it("Megatron's distributed optimizer takes 6 + 12/d bytes a parameter with fp32 gradients, and 18 without it", () => {
    assert.equal(total(1, 0, 8, megatronAdam), 18);
    assert.equal(total(1, 1, 8, megatronAdam), 6 + 12 / 8);
    assert.equal(total(1, 1, 8, { weight: 4, gradient: 4, optimizer: 8 }), 8 + 8 / 8);
  });
});

describe("collectives as published", () => {
  it("a ring all-reduce moves what nccl-tests counts for the bus: 2·(n-1)/n", () => {
    // nccl-tests' own table: busbw / algbw of an all-reduce of 8 ranks is 1.75, of the other collectives 0.875.
    assert.equal(sentBytes("all-reduce", 1e9, 8), 1.75e9);
    for (const collective of ["all-gather", "reduce-scatter", "all-to-all"] as const)
      assert.equal(sentBytes(collective, 1e9, 8), 0.875e9);
  });

  it("takes its latency for nothing and its bandwidth for much", () => {
    const link = { latencySeconds: 5e-6, bytesPerSecond: 100e9, efficiency: 0.5 };
    assert.equal(collectiveSeconds("all-gather", 0, 8, link), 0);
    assert.equal(collectiveSeconds("send", 1e9, 2, link), 5e-6 + 0.02);
    // Few bytes over many ranks go by a tree of 2·log2(1024) steps, not a ring of 2046.
    assert(collectiveSeconds("all-reduce", 8, 1024, link) < 21 * 5e-6);
  });

  it("ZeRO's volumes: 2 of the model for data parallelism and ZeRO-2, 3 for ZeRO-3 (section 7)", () => {
    const many = 1e6;
    assert.equal(Math.round(sentBytes("all-reduce", 1, many) * 100) / 100, 2);
    assert.equal(
      Math.round((sentBytes("reduce-scatter", 1, many) + 2 * sentBytes("all-gather", 1, many)) * 100) / 100,
      3,
    );
  });
});

describe("pipelines as published", () => {
  const pipeline = (more: Partial<Pipeline>): Pipeline => ({
    schedule: "1f1b",
    stages: 8,
    microbatches: 32,
    chunks: 1,
    ...more,
  });

  it("the bubble of GPipe and 1F1B is (p-1)/m, interleaved 1/v of it (arXiv 2104.04473)", () => {
    assert.equal(bubbleFraction(pipeline({})), 7 / 32);
    assert.equal(bubbleFraction(pipeline({ schedule: "gpipe" })), 7 / 32);
    assert.equal(bubbleFraction(pipeline({ schedule: "interleaved", chunks: 4 })), 7 / 128);
  });

  it("ZB-H1's bubble is a third of 1F1B's where forward and both halves of backward take as long (arXiv 2401.10241)", () => {
    assert.equal(bubbleFraction(pipeline({ schedule: "zero-bubble" })), 7 / 32 / 3);
  });

  it("a simulated 1F1B holds as many micro-batches and waits as long", () => {
    for (const [stages, microbatches] of [
      [2, 2],
      [4, 8],
      [8, 32],
      [4, 3],
    ] as const) {
      const { held, waits, works } = simulated(stages, microbatches);
      const own = pipeline({ stages, microbatches });
      assert.deepEqual(
        held,
        held.map((_, stage) => batchesInFlight(own, stage)),
      );
      assert.equal(waits / works, bubbleFraction(own));
    }
  });

  it("GPipe holds all micro-batches; interleaving holds more than 1F1B", () => {
    assert.equal(batchesInFlight(pipeline({ schedule: "gpipe" }), 7), 32);
    // (2·(p-1) + (v-1)·p + 1)/v of Megatron's first stage: p·(1 + (p-1)/(p·v)) as arXiv 2205.05198 has it, section 4.2.3.
    assert.equal(batchesInFlight(pipeline({ schedule: "interleaved", chunks: 4 }), 0), 8 * (1 + 7 / 32));
  });

  it("layers are dealt out evenly, in runs", () => {
    assert.deepEqual(stagesOf(5, { stages: 2, chunks: 1 }), [0, 0, 0, 1, 1]);
    assert.deepEqual(stagesOf(8, { stages: 2, chunks: 2 }), [0, 0, 1, 1, 0, 0, 1, 1]);
  });
});

/** Runs 1F1B by its rule, forward and backward one tick each: most micro-batches held by stage, and ticks waited and worked. */
function simulated(stages: number, microbatches: number): { held: number[]; waits: number; works: number } {
  const forward = Array.from({ length: stages }, () => Array<number>(microbatches).fill(Number.POSITIVE_INFINITY));
  const backward = Array.from({ length: stages }, () => Array<number>(microbatches).fill(Number.POSITIVE_INFINITY));
  const next = Array.from({ length: stages }, () => ({ forward: 0, backward: 0, most: 0 }));
  let tick = 0;
  for (; next.some((one) => one.backward < microbatches); tick++) {
    next.forEach((one, stage) => {
      const held = one.forward - one.backward;
      const canBackward =
        one.backward < one.forward &&
        (stage === stages - 1 ? forward[stage]![one.backward]! : backward[stage + 1]![one.backward]!) < tick;
      const canForward =
        one.forward < microbatches &&
        held < stages - stage &&
        (stage === 0 || forward[stage - 1]![one.forward]! < tick);
      if (canBackward) backward[stage]![one.backward++] = tick;
      else if (canForward) forward[stage]![one.forward++] = tick;
      one.most = Math.max(one.most, one.forward - one.backward);
    });
  }
  const works = 2 * microbatches;
  return { held: next.map(({ most }) => most), waits: tick - works, works };
}
