import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const loop = (inner: string) => `import torch
from nets.small import Small


def train(loader, criterion):
    model = Small()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward(${inner})
        optimizer.step()
`;
const net = "import torch.nn as nn\n\n\nclass Small(nn.Module):\n    def forward(self, x):\n        return x\n";

describe("assay on a file without a model", () => {
  const folder = folderWith({
    "clean.py": loop(""),
    "fault.py": loop("retain_graph=True"),
    "handed.py": "from transformers import Trainer\n\ntrainer = Trainer(model=None)\ntrainer.train()\n",
    "losses.py": "import torch\n\n\ndef dice(a, b):\n    return 2 * (a * b).sum() / (a.sum() + b.sum())\n",
    "half.py": `${loop("")}        (\n`,
  });
  const run = (name: string, ...words: string[]) => assay([path.join(folder, name), ...words]);

  it("says what a training script is, and where its model lies", async () => {
    const { code, out, error } = await run("clean.py");
    assert.deepEqual([code, error], [0, ""]);
    assert.match(
      out,
      /clean\.py {2}training script, no model of its own\nloop {6}line 8: 1 call of backward, 1 call of an optimizer's step\nfindings {2}none; \d+ rules read such code\n/,
    );
  });

  it("tells the findings below", async () => {
    const { code, out } = await run("fault.py");
    assert.equal(code, 0);
    assert.match(out, /^findings {2}1 below; .*\n\nwarning .*fault\.py:11:\d+ needless-retain-graph\n/m);
  });

  it("names a loop that a library runs, and code without a loop", async () => {
    assert.match((await run("handed.py")).out, /^loop {6}line 3: Trainer runs the loop$/m);
    assert.match((await run("losses.py")).out, /losses\.py {2}PyTorch code, no model of its own/);
  });

  it("names the files that it takes models from", async () => {
    const other = folderWith({ "train.py": loop(""), "nets/small.py": net });
    assert.match((await assay([path.join(other, "train.py")])).out, /^model {5}assay .*nets\/small\.py$/m);
  });

  it("is the same as JSON and Markdown", async () => {
    const { script, models, findings } = JSON.parse((await run("clean.py", "--format", "json")).out);
    assert.deepEqual([script.kind, script.loops[0].at.line, models, findings], ["training script", 8, [], []]);
    assert.match((await run("clean.py", "--format", "markdown")).out, /^Nothing was found by \d+ rules/m);
  });

  it("says what does not parse first", async () => {
    const { code, error } = await run("half.py");
    assert.equal(code, 1);
    assert.match(error, /does not parse as Python/);
  });
});
