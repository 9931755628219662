/** Hooks on what autograd keeps, and functions with a backward of their own: what is kept, and what runs on the way back. */
import assert from "node:assert/strict";
import { known } from "../../src/base/unknown.ts";
import type { Tracer } from "../../src/trace/tracer.ts";
import { step } from "../support/step.ts";

const setup = `
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd.graph import saved_tensors_hooks, save_on_cpu


class Hooked(nn.Module):
    def __init__(self, pack, unpack):
        super().__init__()
        self.norm = nn.LayerNorm(64)
        self.fc = nn.Linear(64, 256)
        self.hooks = (pack, unpack)

    def forward(self, x):
        x = x.requires_grad_()
        with saved_tensors_hooks(*self.hooks):
            x = F.relu(self.fc(self.norm(x)))
        return F.gelu(x).sum()


def bytes_of(x):
    return x.to(torch.uint8)


def wide(codes):
    return codes.to(torch.float32)


class Kept(nn.Module):
    """Says what hooks were shown, as PyTorch 1.13 shows it."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(64)
        self.fc = nn.Linear(64, 256)

    def forward(self, x):
        shown = []

        def pack(x):
            shown.append((tuple(x.shape), x.requires_grad, isinstance(x, nn.Parameter), torch.is_grad_enabled()))
            return x

        with saved_tensors_hooks(pack, lambda x: x):
            y = F.softmax(self.fc(self.norm(x)), -1)
        rows = [((2, 8, 64), False, False, False), ((64,), True, True, False), ((64,), True, True, False)]
        rows += [((2, 8, 1), False, False, False)] * 2
        rows += [((16, 64), True, False, False), ((64, 256), True, False, False), ((2, 8, 256), True, False, False)]
        assert sorted(shown) == sorted(rows), shown
        return y.sum()


class Half(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        y = x @ weight
        top = y.argmax(-1)
        ctx.save_for_backward(x[:, ::2].contiguous(), weight)
        ctx.mark_non_differentiable(top)
        return y, top

    @staticmethod
    def backward(ctx, grad, unused):
        assert grad.shape == (8, 32)
        half, weight = ctx.saved_tensors
        return grad @ weight.t(), torch.cat([half, half], 1).t() @ grad


class Own(nn.Module):
    def __init__(self, hooks=None):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(64, 32))
        self.hooks = hooks

    def forward(self, x):
        x = x.requires_grad_()
        if self.hooks is None:
            y, top = Half.apply(x, self.weight)
        else:
            with saved_tensors_hooks(*self.hooks):
                y, top = Half.apply(x, self.weight)
        assert not top.requires_grad
        return y.sum()
`;

const rows = ["torch.zeros(2, 8, 64)"];

function keptBytes({ saved }: Tracer): number {
  return [...saved].reduce((sum, { bytes }) => sum + (known(bytes) ?? Number.NaN), 0);
}

function names({ events }: Tracer, pass: string): string[] {
  return events.flatMap((event) => (event.kind === "operation" && event.pass === pass ? [event.name] : []));
}

describe("saved_tensors_hooks", () => {
  it("keeps what the first function gives, and frees it behind the gradient", () => {
    const { tracer } = step([], setup, "Hooked(bytes_of, wide)", rows);
    // The norm's input and two statistics of its rows; the input and weight of the product; relu's result; gelu's input beside.
    const [norm, weight, fc] = [16 * 64 + 2 * 16 + 2 * 64, 64 * 256, 16 * 64];
    assert.equal(keptBytes(tracer), norm + weight + fc + 16 * 256 + 4 * 16 * 256);
    assert.equal(names(tracer, "forward").filter((name) => name === "aten._to_copy").length, 8);
    assert.equal(names(tracer, "backward").filter((name) => name === "aten._to_copy").length, 8);
    const held = [...tracer.saved].filter(({ holders, role }) => holders > 0 && role === "activation");
    assert.deepEqual(held, []);
  });

  it("changes nothing where a tensor is handed back", () => {
    const [plain, hooked] = ["Hooked(lambda x: x, lambda x: x)", "Hooked(lambda x: (x,), lambda x: x[0])"].map(
      (model) => step([], setup, model, rows).tracer,
    ) as [Tracer, Tracer];
    assert.equal(keptBytes(plain), keptBytes(hooked));
    assert.deepEqual(names(plain, "backward"), names(hooked, "backward"));
  });

  it("shows what PyTorch shows, without gradients", () => {
    step([], setup, "Kept()", rows);
  });

  it("moves what is kept to the host by save_on_cpu", () => {
    const text = setup.replace("with saved_tensors_hooks(*self.hooks)", "with save_on_cpu()");
    const { tracer } = step([], text, "Hooked(None, None)", rows);
    const device = [...tracer.saved].filter(({ device: on }) => on !== "cpu");
    assert.equal(device.length, 1);
  });
});

describe("autograd.Function", () => {
  it("keeps what it saves, and its gradients are the operations of its backward", () => {
    const { tracer, flops } = step([], setup, "Own()", ["torch.zeros(8, 64)"]);
    assert.equal(keptBytes(tracer), 4 * 8 * 32);
    assert.deepEqual(
      names(tracer, "backward").filter((name) => /mm|matmul|cat/.test(name)),
      ["aten.matmul", "aten.cat", "aten.matmul"],
    );
    assert.equal(flops("backward"), 2 * flops("forward"));
  });

  it("keeps it through hooks, where there are some", () => {
    const { tracer } = step([], setup, "Own((bytes_of, wide))", ["torch.zeros(8, 64)"]);
    assert.equal(keptBytes(tracer), 8 * 32 + 64 * 32);
    assert.equal(names(tracer, "backward").filter((name) => name === "aten._to_copy").length, 2);
  });
});
