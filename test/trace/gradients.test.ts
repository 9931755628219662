/** Which leaves get a gradient, whose it is, and what becomes of it. */
import assert from "node:assert/strict";
import type { Operation } from "../../src/trace/trace.ts";
import { type Step, step } from "../support/step.ts";

const setup = `
import torch.nn as nn

def two():
    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))

def frozen(model, *layers):
    for i in layers:
        model[i].requires_grad_(False)
    return model

class Twice(nn.Module):
    def __init__(self, forget):
        super().__init__()
        self.inner, self.forget = two(), forget

    def forward(self, x):
        self.inner(x).mean().backward()
        if self.forget:
            self.zero_grad()
        return self.inner(x)

class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.outer = two(), nn.Linear(4, 4)

    def forward(self, x):
        return self.outer(self.inner(x).detach())
`;

const ran = (model: string) => step([], setup, model, ["torch.zeros(32, 8)"]);

function backward({ tracer }: Step, name: string): Operation[] {
  return tracer.events.flatMap((event) =>
    event.kind === "operation" && event.pass === "backward" && event.name === name ? [event] : [],
  );
}

describe("gradients of leaves", () => {
  it("are held to the end, and every saved tensor is freed", () => {
    const { tracer } = ran("two()");
    assert.deepEqual(
      [...tracer.gradients.values()].map(({ shape, storage }) => [shape, storage.role]).sort(),
      [
        [[16, 8], "gradient"],
        [[16], "gradient"],
        [[4, 16], "gradient"],
        [[4], "gradient"],
      ].sort(),
    );
    const freed = new Set(tracer.events.flatMap((event) => (event.kind === "release" ? [event.storage] : [])));
    for (const { storage } of tracer.gradients.values()) assert.ok(!freed.has(storage));
    // The input, which the caller holds.
    const left = [...tracer.saved].filter((storage) => !freed.has(storage));
    assert.deepEqual(
      left.map(({ base }) => base?.shape),
      [[32, 8]],
    );
  });

  it("are not made for what is frozen, nor what is needed for them alone", () => {
    assert.equal(backward(ran("two()"), "aten.mm").length, 3);
    assert.equal(backward(ran("frozen(two(), 0)"), "aten.mm").length, 1);
    assert.equal(backward(ran("frozen(two(), 2)"), "aten.mm").length, 2);
    assert.equal(ran("Detached()").tracer.gradients.size, 2);
  });

  it("of a second pass are added to those of the first", () => {
    const twice = ran("Twice(False)");
    assert.equal(twice.tracer.gradients.size, 4);
    assert.equal(backward(twice, "aten.add_").length, 4);
    const again = ran("Twice(True)");
    assert.equal(again.tracer.gradients.size, 4);
    assert.equal(backward(again, "aten.add_").length, 0);
  });

  it("are told with the module and the place of the forward operation", () => {
    const made = ran("two()");
    const forward = made.tracer.events.filter((event) => event.kind === "operation" && event.pass === "forward");
    const modules = new Set(forward.flatMap((event) => (event.kind === "operation" ? [event.module] : [])));
    for (const { module } of backward(made, "aten.mm")) assert.ok(module > 0 && modules.has(module));
  });
});
