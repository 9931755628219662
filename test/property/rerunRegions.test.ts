/** Programs with regions that run again and with functions of their own, run again: the same costs, or none at all. */
import assert from "node:assert/strict";
import { costsOf, priced } from "../../src/advice/pricing.ts";
import type { CostName } from "../../src/cost/figuresAfter.ts";
import { subjectOf } from "../support/subject.ts";
import { languageModel, visionTransformer } from "../techniques/trainingModels.ts";

/** Figures of bytes and products: the CPU's own time depends on what else it is asked for. */
const figures: readonly CostName[] = [
  "stepFlops",
  "activationBytes",
  "peakBytes",
  "trafficBytes",
  "seconds",
  "gradientBytes",
];

const ownGradient = `import torch
import torch.nn as nn
import torch.nn.functional as F


class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x[::2].contiguous(), weight)
        return x @ weight

    @staticmethod
    def backward(ctx, grad):
        half, weight = ctx.saved_tensors
        return grad @ weight.t(), half.t() @ grad[::2]


class Net(nn.Module):  # assay: Net()(float32[B, 256])
    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(torch.zeros(256, 512))
        self.second = nn.Parameter(torch.zeros(512, 256))

    def forward(self, x):
        x = F.gelu(Product.apply(x, self.first))
        x = Product.apply(x, self.second)
        return x.sum()
`;

const hooked = ownGradient.replace(
  "        x = F.gelu",
  "        with torch.autograd.graph.saved_tensors_hooks(lambda x: x.half(), lambda x: x.float()):\n            x = x @ self.first @ self.second\n        return x.sum()\n        x = F.gelu",
);

describe("a program whose graph it made itself, run again unchanged", () => {
  for (const [name, text, scenario] of [
    ["checkpointed blocks", visionTransformer, { checkpointing: true }],
    ["checkpointed blocks under autocast", visionTransformer, { checkpointing: true, autocast: "bf16" }],
    ["a checkpointed language model", languageModel, { checkpointing: true, sequence: 256 }],
    ["autocast", visionTransformer, { autocast: "bf16" }],
    ["a function with a gradient of its own", ownGradient, { batch: 4096 }],
  ] as const)
    it(`costs the same: ${name}`, () => {
      const subject = subjectOf(text, { phase: "train", batch: 4, ...scenario });
      const again = priced(subject, [{ rewrite: () => undefined }]);
      assert("after" in again, String(again));
      for (const figure of figures) {
        const [was, is] = [again.before[figure] as number, again.after[figure] as number];
        // A function of the model's own reads what the first run kept, which the second run's cache does not hold.
        assert(Math.abs(is / was - 1) < (figure === "seconds" ? 0.02 : 1e-3), `${figure}: ${was} and ${is}`);
      }
    });

  it("is refused where hooks pack what autograd keeps", () => {
    const subject = subjectOf(hooked, { phase: "train", batch: 64 });
    assert((costsOf(subject).activationBytes as number) > 0);
    const again = priced(subject, [{ rewrite: () => undefined }]);
    assert(!("after" in again) && /hooks/.test(again.reason));
  });
});
