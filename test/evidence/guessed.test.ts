/** What is told of a model that refuses inputs that nobody stated. */
import assert from "node:assert/strict";
import { reportOf } from "../rules/check.ts";

const model = (init: string, forward: string, parameters = "") => `import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self${parameters}):
        super().__init__()
        ${init.split("\n").join("\n        ")}

    def forward(self, x):
        ${forward.split("\n").join("\n        ")}
`;
const found = (text: string) =>
  reportOf({ files: { "net.py": text }, main: "net.py", settings: {} })
    .models.flatMap(({ findings }) => findings)
    .filter(({ rule }) => /^(shape-mismatch|wrong-argument)$/.test(rule))
    .map(({ severity, what }) => `${severity} ${what}`);

describe("a model that refuses guessed inputs", () => {
  it("is warned of where two layers of the code do not fit", () => {
    const text = model("self.a = nn.Linear(8, 20)\nself.b = nn.Linear(30, 5)", "return self.b(self.a(x))");
    assert.deepEqual(found(text), ["warning Last axis is 20, but in_features is 30."]);
  });

  it("is not blamed for another image size than it is made for", () => {
    const init = "self.conv = nn.Conv2d(3, 8, 3, padding=1)\nself.fc = nn.Linear(8 * 32 * 32, 10)";
    assert.deepEqual(found(model(init, "return self.fc(self.conv(x).flatten(1))")), []);
  });

  it("is not blamed for another order of axes", () => {
    const init = "self.conv = nn.Conv1d(80, 80, 3, padding=1)";
    assert.deepEqual(found(model(init, "return self.conv(x.transpose(1, 2))")), []);
  });

  it("is not blamed where no layer took what was guessed", () => {
    assert.deepEqual(found(model("pass", 'return torch.einsum("bct,bcs->bts", x, x)')), []);
    const scaled = "mean = torch.zeros(1, 3, 1, 1)\nreturn self.conv((x - mean).flatten(0, 1))";
    assert.deepEqual(found(model("self.conv = nn.Conv3d(27, 8, 1)", scaled)), []);
  });

  it("is not blamed for arguments of its constructor that were guessed", () => {
    const init = "self.a = nn.Linear(dim, dim)\nself.b = nn.Linear(4 * width, width)";
    assert.deepEqual(found(model(init, "return self.b(self.a(x))", ", dim, width")), []);
  });
});

describe("a dataclass with a field of which it is not known whether it is an argument", () => {
  it("leaves the rest of the file standing", () => {
    const text = `from dataclasses import dataclass, field
import nowhere


@dataclass
class Options:
    width: int = field(init=nowhere.flag, default=8)


options = Options()
${model("self.a = nn.Linear(8, 20)", "return self.a(x)")}`;
    const report = reportOf({ files: { "net.py": text }, main: "net.py", settings: {} });
    assert.equal(report.models[0]?.root.params, 180);
  });
});
