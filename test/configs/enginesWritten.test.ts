import assert from "node:assert/strict";
import { defaultScenario, type Parallel, type Scenario } from "../../src/base/scenario.ts";
import { type Engine, readEngine } from "../../src/configs/engines/engine.ts";
import { engineConfig } from "../../src/configs/engines/write.ts";

describe("a scenario written for an engine and read again", () => {
  const base: Scenario = {
    ...defaultScenario,
    phase: "train",
    dtype: "fp32",
    batch: 64,
    sequence: 4096,
    gradientAccumulation: 2,
  };
  const cases: [Engine, Scenario][] = [
    [
      "deepspeed",
      {
        ...base,
        dtype: "bf16",
        parallel: { engine: "deepspeed", masterWeights: true, data: 8, zero: 2, offload: "optimizer" },
      },
    ],
    ["deepspeed", { ...base, parallel: { engine: "deepspeed", data: 16, tensor: 2, zero: 0 } }],
    [
      "accelerate",
      { ...base, autocast: "bf16", checkpointing: true, parallel: { data: 8, tensor: 2, context: 2, zero: 3 } },
    ],
    ["accelerate", { ...base, autocast: "fp16", parallel: { data: 8, zero: 2, perMachine: 4 } }],
    [
      "torchtitan",
      {
        ...base,
        autocast: "bf16",
        checkpointing: true,
        compile: true,
        optimizer: "adamw-foreach",
        parallel: {
          data: 8,
          shard: 4,
          tensor: 4,
          sequenceParallel: true,
          context: 2,
          pipeline: 2,
          microbatches: 8,
          schedule: "gpipe",
          zero: 3,
        },
      },
    ],
  ];
  for (const [engine, scenario] of cases) {
    it(`${engine}: ${JSON.stringify(scenario.parallel)}`, () => {
      const { text, name, left } = engineConfig(engine, scenario);
      const { tensor = 1, pipeline = 1, context = 1, data = 1 } = scenario.parallel ?? {};
      const read = readEngine(text, name, { devices: data * tensor * pipeline * context });
      assert(!("fault" in read));
      assert.equal(read.engine, engine);
      assert.deepEqual(read.ignored, []);
      // Degrees of 1 are said in the file and not in the scenario; accelerate leaves batch and sequence to the script.
      const told = { ...read.change, parallel: meant(read.change.parallel) };
      for (const [key, value] of Object.entries(told)) {
        if (key === "checkpointing" || key === "compile") assert.equal(value ?? false, scenario[key] ?? false, key);
        else
          assert.deepEqual(value, key === "parallel" ? meant(scenario.parallel) : scenario[key as keyof Scenario], key);
      }
      assert.deepEqual(
        left.filter((one) => !/samples a rank/.test(one)),
        [],
      );
    });
  }

  it("says what a file cannot carry", () => {
    const parallel: Parallel = { pipeline: 4, expert: 2, data: 8, zero: 1 };
    assert.equal(engineConfig("deepspeed", { ...base, parallel, checkpointing: true }).left.length, 3);
    assert(engineConfig("accelerate", { ...base, parallel }).left.some((one) => /pipeline degree of 4/.test(one)));
    assert(engineConfig("torchtitan", { ...base, parallel }).left.some((one) => /torchtitan shards/.test(one)));
  });
});

/** Without degrees of 1 and the shard that is all ranks. */
function meant(parallel: Parallel = {}): Parallel {
  const entries = Object.entries(parallel).filter(
    ([key, value]) => value !== 1 && !(key === "shard" && parallel.data === value),
  );
  return Object.fromEntries(entries);
}
