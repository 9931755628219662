/** Models that an `assay.json` names, weighed as it says. */
import assert from "node:assert/strict";
import { analyze } from "../../src/analyze.ts";
import { type AskedScenario, defaultScenario } from "../../src/base/scenario.ts";
import type { ScenarioChange } from "../../src/base/settings.ts";
import { readProject } from "../../src/configs/project/read.ts";
import type { FileReport } from "../../src/cost/report.ts";
import { parser } from "../syntax/parser.ts";

const net = `import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(4, width)
        self.b = nn.Linear(width, 2)

    def forward(self, x, scale=None):
        return self.b(self.a(x))
`;

/** The report of `ws/net.py` where `ws/assay.json` says this. */
function reportOf(models: unknown, text = net, change: ScenarioChange = {}, rest: object = {}): FileReport {
  const { project, problems } = readProject("ws/assay.json", JSON.stringify({ models, ...rest }, null, 2));
  assert.deepEqual(problems, []);
  const sources = {
    module: (path: string) => (path === "ws/net.py" ? parser.parse(path, text) : undefined),
    folder: () => false,
    text: (path: string) => (path === "ws/net.py" ? text : undefined),
    parse: (path: string, source: string) => parser.parse(path, source),
  };
  const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
  const scenario = { ...defaultScenario, ...project.scenario, ...change } as AskedScenario;
  return analyze({ path: "ws/net.py", text, kind: "python", scenario, change }, { sources, environment, project });
}

const params = (width: number) => 4 * width + width + width * 2 + 2;

describe("models of assay.json", () => {
  it("are built and called as it says", () => {
    const [model] = reportOf([{ file: "net.py", model: "Net(32)", inputs: ["float32[B, 4]"] }]).models;
    assert.equal(model?.evidence.kind, "project");
    assert.equal(model?.evidence.text, "Net(32)(float32[B, 4])");
    assert.equal(model?.evidence.at?.path, "ws/assay.json");
    assert.equal(model?.evidence.at?.line, 2);
    assert.equal(model?.root.params, params(32));
    assert.equal(model?.complete.flops, true);
  });

  it("go before the file's main block, and after its comment", () => {
    const entry = [{ file: "./net.py", model: "Net(32)", inputs: ["float32[B, 4]"] }];
    const main = `${net}\nif __name__ == "__main__":\n    Net(64)(torch.randn(3, 4))\n`;
    assert.equal(reportOf(entry, main).models[0]?.root.params, params(32));
    const comment = `${net}\n# assay: Net(16)(float32[B, 4])\n`;
    assert.deepEqual(
      reportOf(entry, comment).models.map(({ root }) => root.params),
      [params(16)],
    );
  });

  it("several of one class are told apart by their names", () => {
    const { models } = reportOf([
      { file: "net.py", model: "Net(16)", name: "small" },
      { file: "net.py", model: "Net(64)", name: "large" },
    ]);
    assert.deepEqual(
      models.map(({ name, root }) => [name, root.params]),
      [
        ["small", params(16)],
        ["large", params(64)],
      ],
    );
  });

  it("take inputs by name, and what the first layers take where none are said", () => {
    const named = reportOf([{ file: "net.py", model: "Net()", inputs: { x: "float32[7, 4]" } }]).models[0];
    assert.equal(named?.evidence.text, "Net()(x=float32[7, 4])");
    assert.equal(named?.root.flops, 2 * 7 * (4 * 8 + 8 * 2));
    const inferred = reportOf([{ file: "net.py", model: "Net(16)" }]).models[0];
    assert.equal(inferred?.root.params, params(16));
    assert.equal(inferred?.root.flops instanceof Object, false);
  });

  it("have a scenario of their own, which gives way to what the person chose just now", () => {
    const entry = [{ file: "net.py", model: "Net()", inputs: ["float32[B, 4]"], scenario: { batch: 5 } }];
    const rest = { scenario: { batch: 3 } };
    const batch = (report: FileReport) => report.models[0]?.root.inputs[0]?.concrete;
    assert.equal(batch(reportOf(entry, net, {}, rest)), "[5, 4]");
    assert.equal(reportOf(entry, net, {}, rest).models[0]?.scenario.batch, 5);
    assert.equal(batch(reportOf(entry, net, { batch: 2 }, rest)), "[2, 4]");
  });

  it("of another file are none of this one's", () => {
    assert.equal(reportOf([{ file: "other.py", model: "Net(32)" }]).models[0]?.evidence.kind, "defaults");
  });

  it("that cannot be built say so on their line of assay.json", () => {
    const { models, problems } = reportOf([
      { file: "net.py", model: "Missing()" },
      { file: "net.py", model: "1 + 2" },
    ]);
    assert.equal(models[0]?.evidence.kind, "defaults");
    assert.deepEqual(
      problems.map(({ rule, at, what }) => [rule, at.path, at.line, what]),
      [
        ["assay-project", "ws/assay.json", 2, "Missing is not defined in net.py."],
        [
          "assay-project",
          "ws/assay.json",
          6,
          "expects a call such as Model(arguments)(float32[B, 3, 224, 224]), not 1 + 2.",
        ],
      ],
    );
  });
});
