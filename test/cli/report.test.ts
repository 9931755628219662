import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const twoModels = `import torch.nn as nn


class Block(nn.Module):
    def __init__(self, dim=64):
        super().__init__()
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return x + self.down(self.up(x).relu())


class Net(nn.Module):
    def __init__(self, depth=6):
        super().__init__()
        self.blocks = nn.ModuleList(Block() for _ in range(depth))
        self.spare = nn.Linear(3, 5)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return self.conv(x)


# assay: Net()(float32[B, 64])
`;

describe("assay FILE", () => {
  const folder = folderWith({ "net.py": twoModels });
  const file = path.join(folder, "net.py");

  it("prints the layer tree with blocks folded, the totals and the findings in 80 columns", async () => {
    const { code, out, error } = await assay([file]);
    assert.deepEqual([code, error], [0, ""]);
    const lines = out.split("\n");
    assert.match(lines[0]!, /^Net {2}.*net\.py:14$/);
    assert.match(out, /^evidence {2}comment, .*net\.py:35: Net\(\)\(float32\[B, 64\]\)$/m);
    assert.match(out, /^scenario {2}prefill · B1 · fp32 · /m);
    // Six blocks of 64·256 + 256 + 256·64 + 64 parameters and 2·64·256 multiply-adds, and 3·5 + 5 unused ones.
    assert.match(out, /^Net +198\.5 K +393 K +/m);
    assert.match(out, /^ {4}0 … 5 {2}6 × Block +198\.5 K +393 K +.*\[B, 64\]$/m);
    assert.match(out, /^ {6}up {2}Linear +99\.8 K +197 K +/m);
    assert.match(out, /^parameters +198\.5 K {2}all trainable$/m);
    assert.match(out, /^FLOPs +393 KFLOPs {2}of one forward pass/m);
    assert.match(out, /^warning .*net\.py:18:9 unused-layer\n {2}spare is built but never called\./m);
    assert.match(out, /also here.*\n {2}Other +224 params · 21\.3 MFLOPs +.*net\.py:26/);
    assert.deepEqual(
      lines.filter((line) => line.length > 80 && !line.includes(folder)),
      [],
    );
    assert(!out.includes("\u001b"), "colour without a terminal");
  });

  it("tells the model that is asked for in full", async () => {
    const { out } = await assay([file, "--model", "Other", "--image-size", "32", "--batch", "2"]);
    assert.match(out, /^Other {2}/);
    assert.match(out, /B2 32² · fp32/);
    // 2 images of 8 channels and 30 × 30 places, each 3·3·3 multiply-adds.
    assert.match(out, /^FLOPs +778 KFLOPs/m);
  });

  it("shows as many levels as are asked for", async () => {
    const { out } = await assay([file, "--depth", "1"]);
    assert.match(out, /^ {2}blocks {2}ModuleList/m);
    assert(!out.includes("Block  ") && !out.includes("0 … 5"));
    assert.match(out, /^deeper layers: --depth N$/m);
  });

  it("colours on a terminal only, and not with --no-color", async () => {
    assert((await assay([file], true)).out.includes("\u001b[1m"));
    assert(!(await assay([file, "--no-color"], true)).out.includes("\u001b"));
  });

  it("gives the same as JSON, with numbers", async () => {
    const { out } = await assay([file, "--format", "json", "--dtype", "bf16"]);
    const { models } = JSON.parse(out);
    assert.deepEqual(
      models.map(({ name }: { name: string }) => name),
      ["Net", "Other"],
    );
    const [net] = models;
    assert.equal(net.totals.params, 6 * (64 * 256 + 256 + 256 * 64 + 64) + 20);
    assert.equal(net.totals.weightBytes, 2 * net.totals.params);
    assert.equal(net.totals.flops, 6 * 2 * 2 * 64 * 256);
    assert.deepEqual(net.complete, { params: true, flops: true, savedBytes: true, memory: true, time: false });
    assert.equal(net.layers.children[0].children.length, 6);
    assert.deepEqual(net.layers.outputs, ["bfloat16[1, 64]"]);
    assert.equal(net.findings[0].rule, "unused-layer");
    assert.equal(net.evidence.at.line, 35);
  });

  it("gives the same as Markdown", async () => {
    const { out } = await assay([file, "--format", "markdown"]);
    assert.match(out, /^# Net$/m);
    assert.match(out, /^\| parameters \| 198\.5 K \| all trainable \|$/m);
    assert.match(out, /^\| &emsp;&emsp;`0 … 5` 6 × Block \| 198\.5 K \| 393 K \|/m);
    assert.match(out, /^- \*\*warning\*\* `unused-layer` \(.*net\.py:18\): spare is built/m);
  });
});

describe("assay config.json", () => {
  const config = { model_type: "gpt2", n_layer: 2, n_head: 4, n_embd: 64, vocab_size: 100, n_positions: 32 };
  const folder = folderWith({ "config.json": JSON.stringify(config), "other.json": '{"name": "x"}' });

  it("weighs the model of a config", async () => {
    const { code, out } = await assay([path.join(folder, "config.json"), "--sequence", "16", "--format", "json"]);
    assert.equal(code, 0);
    const layer = 4 * 64 + (64 * 192 + 192) + (64 * 64 + 64) + (64 * 256 + 256) + (256 * 64 + 64);
    assert.equal(JSON.parse(out).models[0].totals.params, 100 * 64 + 32 * 64 + 2 * layer + 2 * 64);
  });

  it("says that other JSON is no config", async () => {
    const { code, error } = await assay([path.join(folder, "other.json")]);
    assert.equal(code, 1);
    assert.match(error, /other\.json:1:1: [A-Z].*\. Name a config\.json/);
  });
});

describe("assay and the libraries", () => {
  const library =
    "import torch.nn as nn\nclass Wide(nn.Linear):\n    def __init__(self):\n        super().__init__(10, 20)\n";
  const model =
    "import torch.nn as nn\nfrom wide import Wide\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = Wide()\n    def forward(self, x):\n        return self.fc(x)\n";
  const folder = folderWith({
    "given/wide/__init__.py": library,
    "project/.venv/lib/python3.12/site-packages/wide/__init__.py": library,
    "project/deep/down/model.py": model,
    "alone/model.py": model,
  });
  const params = async (...words: string[]) =>
    JSON.parse((await assay([...words, "--format", "json"])).out).models[0].totals.params;

  it("finds the environment above the file", async () => {
    assert.equal(await params(`${folder}/project/deep/down/model.py`), 220);
  });

  it("takes the folders that are given", async () => {
    assert.equal(await params(`${folder}/alone/model.py`, "--library", `${folder}/given`), 220);
  });

  it("marks what a missing library leaves unknown", async () => {
    const { out } = await assay([`${folder}/alone/model.py`]);
    assert.match(out, /^parameters +(≥|\?)/m);
    assert.match(out, /^not known\n(.*\n)*? {2}.*wide is not installed/m);
  });
});
