import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

describe("engines on the command line", () => {
  const folder = folderWith({
    "ds.json": `{"train_micro_batch_size_per_gpu": 4, "gradient_accumulation_steps": 2, "bf16": {"enabled": true}, "zero_optimization": {"stage": 2, "overlap_comm": true}}`,
    "net.py": `import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(8, 8)\n\n    def forward(self, x):\n        return self.fc(x)\n\n\n# assay: Net()(float32[B, 8])\n`,
    "config.json": `{"model_type": "llama"}`,
  });
  const ds = path.join(folder, "ds.json");

  it("writes a configuration for the scenario's words", async () => {
    const { code, out, error } = await assay(
      "engine write deepspeed --batch 32 --dtype bf16 --parallel data=8,zero=3,offload=optimizer".split(" "),
    );
    assert.equal(code, 0);
    const config = JSON.parse(out);
    assert.equal(config.train_micro_batch_size_per_gpu, 4);
    assert.equal(config.zero_optimization.stage, 3);
    assert.equal(config.zero_optimization.offload_optimizer.device, "cpu");
    assert.deepEqual(config.bf16, { enabled: true });
    assert.equal(error, "DeepSpeed keeps fp32 master weights beside bf16 ones.\n");
  });

  it("translates one engine's configuration into another's, and tells what was lost", async () => {
    const { code, out, error } = await assay(["engine", "write", "accelerate", "--engine", ds, "--ranks", "8"]);
    assert.equal(code, 0);
    assert.match(out, /^distributed_type: FSDP$/m);
    assert.match(out, /^num_processes: 8$/m);
    assert.match(out, /^gradient_accumulation_steps: 2$/m);
    assert.match(error, /ds\.json: zero_optimization\.overlap_comm: not read\.\n/);
    assert.match(error, /^The batch is the script's: 4 samples a rank\.$/m);
  });

  it("takes a model's scenario from an engine's file, below what the words say", async () => {
    const { code, out, error } = await assay([
      path.join(folder, "net.py"),
      "--engine",
      ds,
      "--ranks",
      "4",
      "--format",
      "json",
    ]);
    assert.equal(code, 0, error);
    const { scenario } = JSON.parse(out).models[0];
    assert.equal(scenario.batch, 16);
    assert.equal(scenario.phase, "train");
    assert.equal(scenario.parallel.data, 4);
    const own = await assay([
      path.join(folder, "net.py"),
      "--engine",
      ds,
      "--ranks",
      "4",
      "--batch",
      "64",
      "--format",
      "json",
    ]);
    assert.equal(JSON.parse(own.out).models[0].scenario.batch, 64);
  });

  const faults: [string[], number, RegExp][] = [
    [["engine", "write", "horovod"], 2, /engines are deepspeed, accelerate, torchtitan, not "horovod"/],
    [["net.py", "--parallel", "speed=9"], 2, /--parallel knows data, .*not "speed"/],
    [["net.py", "--parallel", "zero=9"], 2, /--parallel cannot have zero/],
    [["net.py", "--ranks", "none"], 2, /--ranks is a whole number/],
    [
      ["net.py", "--engine", path.join(folder, "config.json")],
      1,
      /no configuration of DeepSpeed, accelerate, torchtitan/,
    ],
    [["net.py", "--engine", path.join(folder, "nothing.yaml")], 1, /This file cannot be read/],
  ];
  for (const [words, code, text] of faults) {
    it(`${words.map((word) => path.basename(word)).join(" ")} is refused`, async () => {
      const answer = await assay(words);
      assert.equal(answer.code, code, answer.error);
      assert.match(answer.error, text);
    });
  }
});
