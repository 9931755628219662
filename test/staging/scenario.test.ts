import assert from "node:assert/strict";
import { defaultScenario, type Scenario } from "../../src/base/scenario.ts";
import { modelOfConfig } from "../../src/configs/index.ts";
import { deviceOf } from "../../src/cost/deviceList.ts";
import { stagedConfig } from "../../src/staging/stage.ts";
import type { Answer, Case } from "../../src/weighCase.ts";
import { weighed } from "../support/weigh.ts";

/** Answers with `memory` and `time` open, as JSON has them. */
type Weighed = Omit<Answer, "memory" | "time"> & {
  readonly memory: Record<string, number>;
  readonly time: Record<string, number>;
};

const device = "nvidia-h200-sxm-141gb";

function weigh(one: Pick<Case, "setup" | "model"> & Partial<Case>, scenario: Partial<Scenario> | undefined): Weighed {
  const staged = scenario && {
    scenario: { ...defaultScenario, device, ...scenario },
    namedType: undefined,
    device: deviceOf(scenario.device ?? device),
    problems: [],
  };
  return weighed({ ...one, staged }) as unknown as Weighed;
}

function weighConfig(config: object, kwargs: Record<string, unknown>, scenario: Partial<Scenario>): Weighed {
  const model = modelOfConfig(stagedConfig(config, scenario));
  assert(model.kind === "model");
  return weigh({ setup: model.setup, model: model.model, kwargs }, scenario);
}

const llama = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  vocab_size: 1000,
  hidden_size: 256,
  intermediate_size: 512,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};
const ids = { input_ids: "int64[2,128]" };

const mlp = {
  setup: `
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(x)))

class Net(nn.Module):
    def __init__(self, width=64, depth=3):
        super().__init__()
        self.blocks = nn.ModuleList([Block(width) for _ in range(depth)])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
`,
  model: "Net()",
};
const weights = 3 * (2 * 4 * 64 * 64 + 4 * 64 + 64);

describe("a scenario", () => {
  it("that is not given adds nothing to an answer", () => {
    const answer = weigh({ ...mlp, args: ["float32[8,64]"] }, undefined);
    assert.equal(answer.memory, undefined);
    assert.equal(answer.time, undefined);
    assert.equal(answer.complete?.memory, false);
  });

  it("is weighed wholly known", () => {
    const { complete, memory, time } = weigh({ ...mlp, args: ["float32[8,64]"] }, {});
    assert.deepEqual(complete, { params: true, flops: true, savedBytes: true, memory: true, time: true });
    assert(memory.peakBytes! >= memory.weightBytes! + memory.activationBytes!);
    assert(time.seconds! > 0 && time.eagerSeconds! >= time.seconds!);
  });

  it("whose device nobody described leaves memory and time incomplete", () => {
    const { complete, time } = weigh({ ...mlp, args: ["float32[8,64]"] }, { device: "no-such-device" });
    assert.equal(complete?.memory, false);
    assert.equal(time, undefined);
  });
});

describe("dtype", () => {
  it("casts weights, as model.to(dtype) does", () => {
    assert.equal(weigh({ ...mlp, args: ["float32[8,64]"] }, { dtype: "fp32" }).memory.weightBytes, 4 * weights);
    assert.equal(weigh({ ...mlp, args: ["bfloat16[8,64]"] }, { dtype: "bf16" }).memory.weightBytes, 2 * weights);
  });

  it("leaves the type of inputs that are given as it is: PyTorch refuses what does not fit", () => {
    const { unknowns, complete } = weigh({ ...mlp, args: ["float32[8,64]"] }, { dtype: "bf16" });
    assert.match(unknowns?.[0]?.reason ?? "", /float32.*bfloat16/);
    assert.equal(complete?.memory, false);
  });

  it("that nobody says leaves weights as the code makes them", () => {
    const model = "Net().to(torch.float16)";
    assert.equal(weigh({ ...mlp, model, args: ["float16[8,64]"] }, { dtype: undefined as never }).params, weights);
    const staged = {
      scenario: { ...defaultScenario, device },
      namedType: undefined,
      device: deviceOf(device),
      problems: [],
    };
    const answer = weighed({ ...mlp, model, args: ["float16[8,64]"], staged }) as unknown as Weighed;
    assert.equal(answer.memory.weightBytes, 2 * weights);
  });
});

describe("autocast", () => {
  it("runs products in the reduced type over float32 weights, whose copies it keeps for backward", () => {
    const { memory, savedBytes } = weigh(
      { ...mlp, args: ["float32[8,64]"] },
      { phase: "train", autocast: "bf16", dtype: "fp32" },
    );
    assert.equal(memory.weightBytes, 4 * weights);
    // The weights of products in bf16, a bias is not kept: its copy dies with the region.
    assert(memory.castBytes! >= 2 * 3 * 2 * 4 * 64 * 64);
    const plain = weigh({ ...mlp, args: ["float32[8,64]"] }, { phase: "train", dtype: "fp32" });
    assert.notEqual(savedBytes, plain.savedBytes);
    assert.equal(plain.memory.castBytes, 0);
  });
});

describe("attention", () => {
  const scores = 2 * 4 * 128 * 128;
  const train = { phase: "train", dtype: "bf16" } as const;

  it("eager keeps the scores of every layer, in float32 and behind the softmax in the model's type", () => {
    const [fused, eager] = (["sdpa", "eager"] as const).map((attention) =>
      weighConfig(llama, ids, { ...train, attention }),
    );
    assert(eager!.savedBytes! - fused!.savedBytes! >= 3 * scores * (4 + 2));
  });

  it("eager is SDPA's composition of products for code that has no choice", () => {
    const attend = {
      setup:
        "import torch\nfrom torch import nn\nfrom torch.nn.functional import scaled_dot_product_attention as attend\nclass A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.w = nn.Parameter(torch.ones(1))\n    def forward(self, x):\n        return attend(x * self.w, x * self.w, x * self.w)",
      model: "A()",
      args: ["bfloat16[2,4,128,64]"],
    };
    const saved = (attention: Scenario["attention"]) => weigh(attend, { ...train, attention }).savedBytes!;
    assert(saved("eager") - saved("sdpa") >= scores * 4);
    assert.equal(saved("math"), saved("eager"));
    assert.notEqual(saved("efficient"), saved("flash"));
  });

  it("takes the kernel that the device has: a T4 has neither cuDNN's nor flash", () => {
    const at = (where: string) => weighConfig(llama, ids, { phase: "train", dtype: "fp16", device: where }).savedBytes;
    assert.notEqual(at("nvidia-t4-16gb"), at(device));
  });
});

describe("checkpointing", () => {
  it("keeps a block's input alone, and computes the block again", () => {
    const net = { ...mlp, args: ["float32[8,64]"] };
    const kept = weigh(net, { phase: "train", checkpointing: true });
    // Each block's input; the first is the model's.
    assert.equal(kept.savedBytes, 3 * 8 * 64 * 4);
    const plain = weigh(net, { phase: "train" });
    assert(kept.memory.activationBytes! < plain.memory.activationBytes!);
    assert(kept.time.seconds! > plain.time.seconds!);
  });

  it("runs the blocks of a config's family again, without their cache", () => {
    const kwargs = { ...ids, labels: "int64[2,128]" };
    const kept = weighConfig(llama, kwargs, { phase: "train", dtype: "bf16", checkpointing: true });
    const plain = weighConfig(llama, kwargs, { phase: "train", dtype: "bf16" });
    assert(kept.savedBytes! < plain.savedBytes!);
    assert.deepEqual(kept.unknowns, []);
  });

  it("that finds no repeated blocks says so", () => {
    const one = { setup: "from torch import nn", model: "nn.Linear(8, 8)", args: ["float32[2,8]"] };
    const { complete, unknowns } = weigh(one, { phase: "train", checkpointing: true });
    assert.equal(complete?.memory, false);
    assert.match(unknowns?.[0]?.reason ?? "", /no repeated blocks/);
  });
});

describe("a training step", () => {
  it("holds gradients and the optimizer's state beside the weights", () => {
    const { memory } = weigh({ ...mlp, args: ["float32[8,64]"] }, { phase: "train", optimizer: "adamw" });
    assert.equal(memory.gradientBytes, 4 * weights);
    // Two moments, and a step counter for each of the twelve tensors.
    assert(memory.optimizerBytes! >= 8 * weights && memory.optimizerBytes! < 8 * weights + 12 * 512);
    assert(memory.peakBytes! > 16 * weights);
  });

  it("trains on the loss that the model returns, else on the mean of its output", () => {
    const setup = `${mlp.setup}
class Trained(Net):
    def forward(self, x, y):
        out = super().forward(x)
        return out, nn.functional.mse_loss(out, y)
`;
    const own = weigh({ setup, model: "Trained()", args: ["float32[8,64]", "float32[8,64]"] }, { phase: "train" });
    assert.deepEqual(own.unknowns, []);
    assert.equal(own.complete?.memory, true);
    assert.equal(weigh({ ...mlp, args: ["float32[8,64]"] }, { phase: "train" }).complete?.memory, true);
  });

  it("needs something that it can be trained on", () => {
    const setup = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x.argmax(-1)";
    const { complete, unknowns } = weigh({ setup, model: "Net()", args: ["float32[8,64]"] }, { phase: "train" });
    assert.equal(complete?.memory, false);
    assert.match(unknowns?.[0]?.reason ?? "", /trained/);
  });

  it("takes the family's example inputs and labels where a case gives none", () => {
    const model = modelOfConfig(llama);
    assert(model.kind === "model");
    const answer = weigh(
      { setup: model.setup, model: model.model },
      { phase: "train", dtype: "bf16", batch: 2, sequence: 128 },
    );
    const given = weighConfig(llama, { ...ids, labels: "int64[2,128]" }, { phase: "train", dtype: "bf16" });
    assert.equal(answer.memory.peakBytes, given.memory.peakBytes);
  });
});

describe("active parameters", () => {
  it("are those that one token uses: two of eight experts, and everything else", () => {
    const config = {
      model_type: "mixtral",
      architectures: ["MixtralForCausalLM"],
      vocab_size: 1000,
      hidden_size: 256,
      intermediate_size: 512,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
    };
    const { params, activeParams } = weighConfig(config, ids, {});
    assert.equal(params! - activeParams!, 2 * 6 * 3 * 256 * 512);
  });

  it("are all of a model without experts", () => {
    const { params, activeParams } = weighConfig(llama, ids, {});
    assert.equal(activeParams, params);
  });
});

describe("decode", () => {
  it("runs one token behind a filled cache", () => {
    const answer = weighConfig(llama, ids, { phase: "decode", dtype: "bf16", sequence: 500 });
    // Three layers' keys and values, 501 tokens of two heads of 64 for each of two sequences.
    assert.equal(answer.memory.kvCacheBytes, 3 * 2 * 2 * 501 * 2 * 64 * 2);
    assert.equal(answer.complete?.memory, true);
    const longer = weighConfig(llama, ids, { phase: "decode", dtype: "bf16", sequence: 5000 });
    assert(longer.memory.peakBytes! - answer.memory.peakBytes! >= 3 * 2 * 2 * 4500 * 2 * 64 * 2);
    assert(longer.time.seconds! > answer.time.seconds!);
  });

  it("lets go of each layer's old keys and values behind the copy", () => {
    const at = (sequence: number) => weighConfig(llama, ids, { phase: "decode", dtype: "bf16", sequence }).memory;
    const [short, long] = [at(20_000), at(40_000)];
    // All layers' caches, and one layer's twice; the scores of one token are small beside them.
    assert(long.peakBytes! - short.peakBytes! < 1.5 * (long.kvCacheBytes! - short.kvCacheBytes!));
  });

  it("is not known of code that keeps no cache", () => {
    const setup =
      "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.e = nn.Embedding(10, 4)\n    def forward(self, ids, use_cache=False):\n        return self.e(ids)";
    const { complete, unknowns } = weigh({ setup, model: "Net()", args: ["int64[1,8]"] }, { phase: "decode" });
    assert.equal(complete?.memory, false);
    assert.match(unknowns?.[0]?.reason ?? "", /no KV cache/);
  });
});
