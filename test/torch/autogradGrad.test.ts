/** `torch.autograd.grad` runs the backward pass that it asks for, and no more. */
import assert from "node:assert/strict";
import type { Trace } from "../../src/trace/trace.ts";
import { subjectOf } from "../support/subject.ts";

const [batch, width, hidden] = [32, 64, 128];
const model = (body: string) => `
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(${width}, ${hidden})
        self.down = nn.Linear(${hidden}, 1)

    def forward(self, x):
${body
  .trim()
  .split("\n")
  .map((line) => `        ${line}`)
  .join("\n")}

# assay: Net()(float32[${batch}, ${width}])
`;
const macs = ({ events }: Trace, part?: string) =>
  events.reduce(
    (sum, event) =>
      event.kind === "operation" && typeof event.macs === "number" && (!part || event.pass === part)
        ? sum + event.macs
        : sum,
    0,
  );
const forward = batch * (width * hidden + hidden);

describe("torch.autograd.grad", () => {
  const forces = `
with torch.enable_grad():
    x.requires_grad_()
    energy = self.down(torch.tanh(self.up(x))).sum()
    (force,) = torch.autograd.grad(energy, x)
return force`;

  it("computes what leads to its inputs, and no gradients of weights", () => {
    const { inference, complete } = subjectOf(model(forces));
    assert.equal(macs(inference, "forward"), forward);
    assert.equal(macs(inference, "backward"), forward);
    assert.equal(complete.flops, true);
  });

  it("gives tensors of the inputs' form, and lets go of what the pass read", () => {
    const { inference } = subjectOf(model(forces));
    const released = new Set(inference.events.flatMap((event) => (event.kind === "release" ? [event.storage] : [])));
    const tanh = inference.events.find((event) => event.kind === "operation" && event.name === "aten.tanh");
    assert(tanh?.kind === "operation" && tanh.made.every((storage) => released.has(storage)));
    assert.equal(inference.calls[1]?.outputs[0]?.shape.at(-1), width);
  });

  it("of a tensor on the way stops there", () => {
    const body = `
with torch.enable_grad():
    x.requires_grad_()
    h = self.up(x)
    (gradient,) = torch.autograd.grad(self.down(torch.tanh(h)).sum(), h)
return gradient`;
    assert.equal(macs(subjectOf(model(body)).inference, "backward"), batch * hidden);
  });

  it("with retain_graph leaves the graph to a second pass", () => {
    const body = `
with torch.enable_grad():
    x.requires_grad_()
    energy = self.down(torch.tanh(self.up(x))).sum()
    a = torch.autograd.grad(energy, x, retain_graph=True)[0]
    b = torch.autograd.grad(energy, x)[0]
return a + b`;
    assert.equal(macs(subjectOf(model(body)).inference, "backward"), 2 * forward);
  });

  it("of a gradient is not followed, which the figures say", () => {
    const body = `
x = x.clone().requires_grad_()
energy = self.down(torch.tanh(self.up(x))).sum()
(force,) = torch.autograd.grad(energy, x, create_graph=True)
return energy + ((force.norm(dim=1) - 1) ** 2).mean()`;
    const { complete, unknowns } = subjectOf(model(body), { phase: "train" });
    assert.equal(complete.savedBytes, false);
    assert(unknowns.some(({ reason }) => reason.includes("create_graph")));
  });
});
