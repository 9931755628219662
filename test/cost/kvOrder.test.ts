/** The order of axes of a cache that is a plain tuple, told by the sizes of the pass that made it. */
import assert from "node:assert/strict";
import { Unknown } from "../../src/base/unknown.ts";
import { cachedLayers } from "../../src/cost/memory/caches/cachedLayer.ts";
import { subjectOf } from "../support/subject.ts";

/** A model that keeps `kept`, made of keys and values `[B, T, heads, width]` with 2 heads of width 16. */
const model = (kept: string) => `import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(100, 32)
        self.key = nn.Linear(32, 32)
        self.value = nn.Linear(32, 32)

    def forward(self, input_ids, past_key_values=None, use_cache=True):
        x = self.embedding(input_ids)
        key = self.key(x).unflatten(-1, (2, 16))
        value = self.value(x).unflatten(-1, (2, 16))
        return {"logits": x[:, -1:], "past_key_values": (${kept},)}
`;

function layersOf(kept: string, batch: number, sequence: number) {
  const { caches } = subjectOf(model(kept), { phase: "prefill", batch, sequence });
  assert(caches, "something is kept");
  return cachedLayers(caches);
}

/** Of the one layer: tokens, heads, and the widths of its keys and values. */
function told(kept: string, batch: number, sequence: number): unknown {
  const layers = layersOf(kept, batch, sequence);
  assert(!(layers instanceof Unknown), `${kept} is known`);
  const [layer] = layers;
  assert(layer && "heads" in layer);
  return [layer.batch, layer.tokens, layer.heads, layer.keyWidth, layer.valueWidth];
}

describe("a cache that is a plain tuple", () => {
  const orders = {
    "[B, heads, T, width]": "(key.transpose(1, 2), value.transpose(1, 2))",
    "[B, T, heads, width]": "(key, value)",
    "[T, B, heads, width]": "(key.transpose(0, 1), value.transpose(0, 1))",
    "[B · heads, width, T] and [B · heads, T, width]":
      "(key.permute(0, 2, 3, 1).flatten(0, 1), value.transpose(1, 2).flatten(0, 1))",
  };
  for (const [order, kept] of Object.entries(orders))
    it(`is read in the order ${order}`, () => {
      for (const [batch, sequence] of [
        [1, 24],
        [3, 24],
        [2, 16],
      ] as const)
        assert.deepEqual(told(kept, batch, sequence), [batch, sequence, 2, 16, 16], `${batch} × ${sequence}`);
    });

  it("is told by the batch where as many tokens as heads are given", () => {
    for (const kept of Object.values(orders).slice(0, 3)) assert.deepEqual(told(kept, 1, 2), [1, 2, 2, 16, 16], kept);
  });

  it("counts values that are the keys once", () => {
    assert.deepEqual(told("(key.transpose(1, 2), key.transpose(1, 2))", 1, 24), [1, 24, 2, 16, 16]);
    assert.deepEqual(told("(key, key)", 1, 24), [1, 24, 2, 16, 0]);
  });

  it("is not known where keys and values would have other heads, or no axis has the tokens of the pass", () => {
    assert(
      layersOf("(key.permute(0, 2, 3, 1).flatten(0, 1), value.transpose(1, 2).flatten(0, 1))", 1, 2) instanceof Unknown,
    );
    for (const kept of ["(key[:, 1:], value[:, 1:])", "(key[None], value[None])"])
      assert(layersOf(kept, 3, 24) instanceof Unknown, kept);
  });
});
