import assert from "node:assert/strict";
import { call } from "../../src/python/calls.ts";
import type { Value } from "../../src/python/values.ts";
import type { Storage } from "../../src/tensor/tensor.ts";
import { startTorch } from "../../src/torch/install.ts";
import { runSetup } from "../../src/torch/session.ts";
import { tracerOf } from "../../src/torch/tensorObject.ts";
import { parser } from "../syntax/parser.ts";

/** A state that is written step by step, as sequential scans do: each write is a node that reads the one before. */
const text = `
import torch
def run(weight, steps):
    out = torch.zeros(steps, 4)
    state = torch.zeros(4)
    for i in range(steps):
        state = state * 0.5 + weight
        out[i] = state
    return out.sum()
weight = torch.nn.Parameter(torch.zeros(4))
`;

describe("releases", () => {
  it("of a tensor that is written in parts come once for each storage, and everything is let go in the end", () => {
    const sources = {
      module: () => undefined,
      folder: () => false,
      text: () => undefined,
      parse: parser.parse.bind(parser),
    };
    const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
    const py = startTorch(sources, environment);
    const { attrs } = runSetup(py, "releases.py", text);
    const tracer = tracerOf(py);
    tracer.begin();
    call(py, attrs.get("run") as Value, [attrs.get("weight") as Value, 200]);
    const released = new Set<Storage>();
    for (const event of tracer.events) {
      if (event.kind !== "release") continue;
      assert.ok(!released.has(event.storage), "a storage was released twice");
      released.add(event.storage);
    }
    for (const storage of released) assert.equal(storage.holders, 0);
    // A node that is let go twice would let go what it saved twice.
    for (const event of tracer.events) {
      if (event.kind === "operation") for (const storage of event.saved) assert.ok(storage.holders >= 0);
    }
    // Two new tensors a step, `state` before and after the sum; what autograd needs of them dies with the result.
    assert.ok(released.size >= 200, `${released.size} storages were released`);
  });
});
