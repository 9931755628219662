/** Autocast runs products in the reduced type and what needs its range in float32, as PyTorch's lists say. */
import assert from "node:assert/strict";
import { repr } from "../../src/python/text.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { startTorch } from "../../src/torch/install.ts";
import { evaluate, runSetup } from "../../src/torch/session.ts";
import { pythonWasm } from "../support/wasm.ts";

const program = `
import torch
import torch.nn as nn
import torch.nn.functional as F

def dtypes():
    x = torch.randn(2, 8, requires_grad=True)
    layer = nn.Linear(8, 8)
    with torch.autocast("cuda", dtype=torch.bfloat16):
        y = layer(x)
        inner = (
            y.dtype, (y + x).dtype, F.softmax(y, -1).dtype, F.layer_norm(y, (8,)).dtype, y.sum().dtype, F.relu(y).dtype,
            (y @ y.t()).dtype, torch.exp(y).dtype, F.gelu(y).dtype, F.mse_loss(y, y).dtype, torch.is_autocast_enabled(),
        )
        with torch.autocast("cuda", enabled=False):
            outer = layer(x).dtype
    return [str(one).replace("torch.", "") for one in inner + (outer, layer(x).dtype, torch.is_autocast_enabled())]

@torch.cuda.amp.autocast()
def decorated(x):
    return torch.mm(x, x).dtype
`;

describe("autocast", () => {
  it("gives each operation its dtype", async () => {
    const parser = await loadPythonParser(pythonWasm());
    const py = startTorch(
      {
        module: () => undefined,
        folder: () => false,
        text: () => undefined,
        parse: (path, text) => parser.parse(path, text),
      },
      { roots: [], installed: new Set(["torch"]), versions: {} },
    );
    const module = runSetup(py, "autocast.py", program, (error) => {
      throw error;
    });
    const half = "bfloat16";
    const found = repr(py, evaluate(py, module, "autocast.py", "' '.join(dtypes())"));
    const inner = `${half} float32 float32 float32 float32 ${half} ${half} float32 ${half} float32 True`;
    assert.equal(found, `'${inner} float32 float32 False'`);
    assert.equal(repr(py, evaluate(py, module, "autocast.py", "decorated(torch.ones(2, 2))")), "torch.float16");
  });
});
