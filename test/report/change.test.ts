/** What is different between two weighings of a file. */
import assert from "node:assert/strict";
import { fileChange, type LayerChange, type ModelChange } from "../../src/report/change.ts";
import { analyzed } from "../support/analysis.ts";

const net = (body: string, forward: string, name = "Net") => `import torch.nn as nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        return x + self.down(self.up(x))

class ${name}(nn.Module):
    def __init__(self):
        super().__init__()
${body.replaceAll(/^/gm, "        ")}

    def forward(self, x):
${forward.replaceAll(/^/gm, "        ")}

# assay: ${name}()(float32[B, 8])
`;
const blocks = (count: number, width = 8) =>
  `self.h = nn.ModuleList([Block(${width}) for _ in range(${count})])\nself.head = nn.Linear(${width}, 3)`;
const loop = "for h in self.h:\n    x = h(x)\nreturn self.head(x)";
const blockParams = 8 * 32 + 32 + 32 * 8 + 8;

function change(before: string, after: string): ModelChange[] {
  return fileChange(analyzed("net.py", before).models, analyzed("net.py", after).models);
}
const lines = ({ layers }: ModelChange) =>
  layers.map(({ kind, paths, was, params }: LayerChange) => [kind, paths.join(" "), was, params]);
const total = ({ totals }: ModelChange, figure: string) => totals.find((one) => one.figure === figure);

describe("the change between two reports", () => {
  it("nothing changed is the same", () => {
    const [one] = change(net(blocks(3), loop), net(blocks(3), `# words\n${loop}`));
    assert.equal(one!.kind, "same");
    assert.deepEqual(one!.layers, []);
    assert.equal(total(one!, "params")!.change, 0);
  });

  it("a block more is one layer that was added", () => {
    const [one] = change(net(blocks(3), loop), net(blocks(4), loop));
    assert.equal(one!.kind, "changed");
    assert.deepEqual(lines(one!), [["added", "h.3", undefined, blockParams]]);
    assert.equal(total(one!, "params")!.change, blockParams);
    assert.equal(total(one!, "params")!.sure, true);
    assert.equal(total(one!, "flops")!.change, 2 * 2 * (8 * 32 + 32 * 8));
  });

  it("a wider layer in every block is told where it arises, equal ones once", () => {
    const wider = net(blocks(3), loop).replaceAll("4 * width", "5 * width");
    const [one] = change(net(blocks(3), loop), wider);
    assert.deepEqual(lines(one!), [
      ["changed", "h.0.up h.1.up h.2.up", undefined, 8 * 8 + 8],
      ["changed", "h.0.down h.1.down h.2.down", undefined, 8 * 8],
    ]);
  });

  it("a renamed layer is the same layer, and its change is its own", () => {
    const renamed = (text: string) => text.replaceAll("self.head", "self.readout");
    const [same] = change(net(blocks(2), loop), renamed(net(blocks(2), loop)));
    assert.equal(same!.kind, "same");
    const [one] = change(net(blocks(2), loop), renamed(net(blocks(2), loop)).replace("(8, 3)", "(8, 5)"));
    assert.deepEqual(lines(one!), [["changed", "readout", "head", 2 * 8 + 2]]);
  });

  it("what a model computes itself is told of the model", () => {
    const gated = loop.replace("return self.head(x)", "return self.head(x @ x.T @ x)");
    const [one] = change(net(blocks(1), loop), net(blocks(1), gated));
    assert.deepEqual(lines(one!), [["changed", "", undefined, 0]]);
    assert.equal(one!.layers[0]!.flops, 2 * 2 * (2 * 2 * 8));
  });

  it("a layer that keeps less for backward is told although it counts the same", () => {
    const sine = net(blocks(1), loop).replace("self.up(x))", "self.up(x).sin())");
    const [one] = change(sine, net(blocks(1), loop));
    // The sine's input; what comes out of it or of `up` is kept in either.
    const bytes = -4 * 2 * 32;
    assert.deepEqual(
      one!.layers.map(({ paths, params, flops, savedBytes }) => [paths, params, flops, savedBytes]),
      [[["h.0"], 0, 0, bytes]],
    );
    assert.equal(total(one!, "saved")!.change, bytes);
  });

  it("models are matched by name, and the one that is left by being left", () => {
    const [renamed] = change(net(blocks(1), loop), net(blocks(2), loop, "Bigger"));
    assert.deepEqual([renamed!.name, renamed!.was, renamed!.kind], ["Bigger", "Net", "changed"]);
    const second = `${net(blocks(1), loop)}\n\nclass Other(nn.Linear):\n    def __init__(self):\n        super().__init__(8, 8)\n\n# assay: Other()(float32[B, 8])\n`;
    const added = change(net(blocks(1), loop), second);
    assert.deepEqual(added.map(({ name, kind }) => [name, kind]).sort(), [
      ["Net", "same"],
      ["Other", "added"],
    ]);
    assert.equal(total(added.find(({ name }) => name === "Other")!, "params")!.change, 72);
    assert.equal(change(second, net(blocks(1), loop)).find(({ name }) => name === "Other")!.kind, "removed");
  });

  it("what is not known on either side has no change, and what became known is one", () => {
    const unknown = net("import mystery\nself.head = mystery.Layer()", "return self.head(x)");
    const [one] = change(unknown, net("self.head = nn.Linear(8, 3)", "return self.head(x)"));
    assert.equal(one!.kind, "changed");
    assert.equal(total(one!, "params")!.sure, false);
  });
});
