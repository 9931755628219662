/** What `assay` does with the nearest `assay.json`. */
import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const net = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(4, width)

    def forward(self, x):
        return self.a(x)
`;

describe("assay with an assay.json", () => {
  const folder = folderWith({
    "assay.json": `{
  "devices": { "my-card": { "like": "nvidia-l4-24gb", "name": "My card" } },
  "scenario": { "device": "my-card", "batch": 3 }, // the card under the desk
  "models": [{ "file": "models/net.py", "model": "Net(16)", "inputs": ["float32[B, 4]"] }]
}`,
    "models/net.py": net,
    "wrong/assay.json": `{ "scenario": { "batch": 0, "device": "my-card" }, "models": [{ "file": "no.py", "model": "N()" }] }`,
    "wrong/net.py": net,
    "missing/assay.json": `{\n  "models": [{ "file": "net.py", "model": "Nut(16)" }] }`,
    "missing/net.py": net,
  });
  const json = async (words: readonly string[]) =>
    JSON.parse((await assay([...words, "--format", "json"])).out).models[0];

  it("weighs models as it says, for its device and scenario", async () => {
    const model = await json([path.join(folder, "models/net.py")]);
    assert.equal(model.evidence.kind, "project");
    assert.equal(model.totals.params, 4 * 16 + 16);
    assert.equal(model.scenario.device, "my-card");
    assert.deepEqual(model.layers.inputs, ["float32[3, 4]"]);
    const { out, error, code } = await assay([path.join(folder, "models/net.py")]);
    assert.match(out, /My card/);
    assert.equal(error, "");
    assert.equal(code, 0);
  });

  it("goes by the words of the command line before it", async () => {
    const model = await json([path.join(folder, "models/net.py"), "--batch", "9", "--device", "nvidia-t4-16gb"]);
    assert.deepEqual(model.layers.inputs, ["float32[9, 4]"]);
    assert.equal(model.scenario.device, "nvidia-t4-16gb");
  });

  it("says on standard error what is wrong with it, one sentence each, and answers all the same", async () => {
    const { code, out, error } = await assay([path.join(folder, "wrong/net.py"), "--device", "nvidia-t4-16gb"]);
    assert.equal(code, 0);
    assert.match(out, /Net/);
    const lines = error.trim().split("\n");
    assert.equal(lines.length, 3);
    assert.match(lines[0]!, /wrong[/\\]assay\.json:1:26: scenario\.batch: .*; batch is left out\.$/);
    assert.match(lines[1]!, /There is no device my-card\./);
    assert.match(lines[2]!, /There is no file no\.py\.$/);
  });

  it("says which entry names a class that is not there", async () => {
    const { error } = await assay([path.join(folder, "missing/net.py")]);
    assert.match(error, /missing[/\\]assay\.json:2:14: Nut is not defined in net\.py\.\n$/);
  });

  it("a device that nobody knows is a fault, with what it may mean", async () => {
    const { code, error } = await assay([path.join(folder, "models/net.py"), "--device", "nvidia-h200"]);
    assert.equal(code, 1);
    assert.match(error, /There is no device nvidia-h200\. Did you mean nvidia-h200-sxm-141gb\?/);
  });
});
