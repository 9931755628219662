import assert from "node:assert/strict";
import { buildsByDefault } from "../../src/torch/remember/builds.ts";
import { analyzed, samples } from "../support/analysis.ts";
import { weighed } from "../support/weigh.ts";

describe("answers rest on nothing that was remembered", () => {
  const inBoth = <T>(answer: () => T): readonly [T, T] => {
    const before = buildsByDefault.on;
    try {
      buildsByDefault.on = false;
      const without = answer();
      buildsByDefault.on = true;
      return [without, answer()];
    } finally {
      buildsByDefault.on = before;
    }
  };
  for (const [path, text] of samples)
    it(`${path}: the report is the same`, () => {
      const [without, remembered] = inBoth(() => JSON.stringify(analyzed(path, text)));
      assert.equal(remembered, without);
    });

  it("a transformer of 48 layers is weighed the same", () => {
    const setup = `
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self, width, index, rate):
        super().__init__()
        self.index = index
        self.norm = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.drop = nn.Dropout(rate) if rate > 0 else nn.Identity()
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
    def forward(self, x):
        h = self.norm(x)
        x = x + self.drop(self.attention(h, h, h, need_weights=False)[0])
        return x + self.mlp(x)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(*[Block(64, i, i / 100) for i in range(48)])
    def forward(self, x):
        return self.blocks(x)
`;
    const one = { setup, model: "Model()", args: ["float32[2,16,64]"] };
    const [without, remembered] = inBoth(() => JSON.stringify(weighed(one)));
    assert.equal(remembered, without);
    assert.match(without, /"params":2/);
  });
});
