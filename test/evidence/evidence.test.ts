import assert from "node:assert/strict";
import { analyze } from "../../src/analyze.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { smallScenario } from "../support/analysis.ts";
import { pythonWasm } from "../support/wasm.ts";

const parser = await loadPythonParser(pythonWasm());
const disk = fileSources(parser);

/** The report of the first of some files, the others beside it. */
function reportOf(files: Readonly<Record<string, string>>) {
  const [path] = Object.keys(files) as [string];
  const trees = new Map(Object.entries(files).map(([name, text]) => [name, parser.parse(name, text)]));
  const sources = {
    ...disk,
    module: (name: string) => trees.get(name),
    folder: () => false,
    text: (name: string) => files[name],
    scripts: () => Object.keys(files),
  };
  const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
  return analyze(
    { path, text: files[path] as string, kind: "python", scenario: smallScenario },
    { sources, environment },
  );
}

const net = `import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(4, width)
        self.b = nn.Linear(width, 2)

    def forward(self, x):
        return self.b(self.a(x))
`;

describe("evidence for how a model is built and called", () => {
  it("a comment goes before everything else", () => {
    const [model] = reportOf({
      "ws/net.py": `${net}\n# assay: Net(16)(float32[B, 4])\nif __name__ == "__main__":\n    Net(32)(torch.randn(3, 4))\n`,
    }).models;
    assert.equal(model?.evidence.kind, "comment");
    assert.equal(model?.root.params, 4 * 16 + 16 + 16 * 2 + 2);
    assert.deepEqual(
      model?.root.inputs.map(({ symbolic }) => symbolic),
      ["[B, 4]"],
    );
  });

  it("then the file's own main block", () => {
    const [model] = reportOf({
      "ws/net.py": `${net}\nif __name__ == "__main__":\n    Net(32)(torch.randn(3, 4))\n`,
    }).models;
    assert.equal(model?.evidence.kind, "main");
    assert.equal(model?.evidence.at?.line, 13);
    assert.deepEqual(
      model?.root.inputs.map(({ concrete }) => concrete),
      ["[3, 4]"],
    );
    assert.equal(model?.root.flops, 2 * 3 * (4 * 32 + 32 * 2));
  });

  it("then a script of the workspace that uses it", () => {
    const train = `from net import Net\nimport torch\n\ndef main():\n    model = Net(width=64)\n    for step in range(3):\n        model(torch.randn(5, 4))\n\nmain()\n`;
    const [model] = reportOf({ "ws/net.py": net, "ws/train.py": train }).models;
    assert.equal(model?.evidence.kind, "call");
    assert.equal(model?.evidence.at?.path, "ws/train.py");
    assert.equal(model?.root.params, 4 * 64 + 64 + 64 * 2 + 2);
  });

  it("a script whose data is not known says how the model is built, the first layers what it takes", () => {
    const train = `from net import Net\nimport numpy as np\n\ndata = np.memmap("train.bin")\nmodel = Net(width=64)\nmodel(data[:8])\n`;
    const [model] = reportOf({ "ws/net.py": net, "ws/train.py": train }).models;
    assert.equal(model?.evidence.kind, "call");
    assert.equal(model?.root.params, 4 * 64 + 64 + 64 * 2 + 2);
    assert.deepEqual(
      model?.root.inputs.map(({ symbolic }) => symbolic),
      ["[B, T, 4]"],
    );
    assert.equal(model?.complete.flops, true);
  });

  it("a script that never ends leaves the rest as it is", () => {
    const train = "from net import Net\nwhile True:\n    x = Net\n";
    const [model] = reportOf({ "ws/net.py": net, "ws/train.py": train }).models;
    assert.equal(model?.evidence.kind, "defaults");
  });

  it("else defaults, and inputs that the first layers take, which is said", () => {
    const [model] = reportOf({ "ws/net.py": net }).models;
    assert.equal(model?.evidence.kind, "defaults");
    assert.deepEqual(
      model?.root.inputs.map(({ symbolic }) => symbolic),
      ["[B, T, 4]"],
    );
    assert.ok(model?.assumptions.some(({ text }) => text.includes("float32[B, T, 4]")));
  });

  it("shapes that annotations state go before the layers' own", () => {
    const annotated = net
      .replace("def forward(self, x):", 'def forward(self, x: Float[torch.Tensor, "batch 7 4"]):')
      .replace("import torch\n", "import torch\nfrom jaxtyping import Float\n");
    const [model] = reportOf({ "ws/net.py": annotated }).models;
    assert.deepEqual(
      model?.root.inputs.map(({ symbolic }) => symbolic),
      ["[B, 7, 4]"],
    );
  });

  it("what does not fit is an error where the user said the inputs, a warning where they were guessed", () => {
    const broken = net.replace("nn.Linear(width, 2)", "nn.Linear(width + 1, 2)");
    const severity = (text: string) => reportOf({ "ws/net.py": text }).models[0]?.findings.map((one) => one.severity);
    assert.deepEqual(severity(`${broken}\n# assay: Net()(float32[B, 4])\n`), ["error"]);
    assert.deepEqual(severity(broken), ["warning"]);
    const two = broken
      .replace("def forward(self, x):", "def forward(self, x, y):")
      .replace("self.a(x)", "self.a(x + y)");
    assert.deepEqual(severity(two), []);
  });

  it("a class that needs what nobody gives is not weighed, and the reason names it", () => {
    const { models, remarks } = reportOf({ "ws/net.py": net.replace("width=8", "gizmo") });
    assert.equal(models.length, 0);
    assert.ok(
      remarks.some((text) => text.includes("Net(gizmo) has no default")),
      remarks.join("\n"),
    );
  });

  it("a comment that cannot be followed is a problem at its place", () => {
    const { problems } = reportOf({ "ws/net.py": `${net}\n# assay: Nett()(float32[B, 4])\n` });
    assert.deepEqual(
      problems.map(({ rule, what }) => [rule, what]),
      [["assay-comment", "Nett is not defined in this file"]],
    );
  });
});
