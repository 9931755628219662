/** Budgets of `assay.json`: how they are read, and how models stand against them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Asked, type Workspace, weighBudgets } from "../../src/analyze.ts";
import { amountPattern, readAmount, type Unit } from "../../src/base/amounts.ts";
import { limitOrder, limitWords } from "../../src/configs/project/limits.ts";
import { readProject } from "../../src/configs/project/read.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { budgetFindings, type Verdict } from "../../src/report/budgets.ts";
import { parser } from "../syntax/parser.ts";

describe("amounts", () => {
  const amounts: [string, Unit, number][] = [
    ["24GB", "bytes", 24e9],
    ["<= 24 gib", "bytes", 24 * 1024 ** 3],
    ["100ms", "seconds", 0.1],
    ["8e9", "count", 8e9],
    ["7B", "count", 7e9],
    ["< 1.5 M", "count", 1.5e6],
    ["300 GFLOPs", "flops", 300e9],
    ["512B", "bytes", 512],
  ];
  for (const [text, unit, value] of amounts)
    it(`${text} is ${value} ${unit}`, () => {
      assert.equal(readAmount(text, unit), value);
      assert.match(text, new RegExp(amountPattern(unit)));
    });

  const wrong: [string, Unit][] = [
    ["24GB", "count"],
    ["100ms", "bytes"],
    ["3 apples", "bytes"],
    ["-1", "count"],
    ["", "seconds"],
    [">= 3", "count"],
  ];
  for (const [text, unit] of wrong)
    it(`${JSON.stringify(text)} is no amount of ${unit}`, () => {
      assert.equal(typeof readAmount(text, unit), "object");
      assert.doesNotMatch(text, new RegExp(amountPattern(unit)));
    });
});

describe("budgets in assay.json", () => {
  const read = (text: string) => readProject("/ws/assay.json", text);

  it("give limits in the figures' own units, with their places", () => {
    const limits = `{ "peak": "24GB", "params": 8e9 }`;
    const text = `{ "budgets": [{ "file": "a.py", "model": "A", "scenario": { "phase": "train" }, "limits": ${limits} }] }`;
    const { project, problems } = read(text);
    assert.deepEqual(problems, []);
    const [budget] = project.budgets;
    assert.deepEqual([budget!.file, budget!.model, budget!.scenario], ["a.py", "A", { phase: "train" }]);
    assert.deepEqual(
      budget!.limits.map(({ figure, most, span }) => [figure, most, span.column]),
      [
        ["peak", 24e9, text.indexOf(`"24GB"`)],
        ["params", 8e9, text.indexOf("8e9")],
      ],
    );
  });

  const faults: [string, RegExp][] = [
    [`{ "file": "a.py" }`, /budgets\[0\]: limits is missing/],
    [`{ "limits": {} }`, /budgets\[0\]: file is missing/],
    [`{ "file": "a.py", "limits": { "speed": 3 } }`, /budgets\[0\]\.limits\.speed: not a key here; known are params, /],
    [
      `{ "file": "a.py", "limits": { "peak": "100ms" } }`,
      /limits\.peak: not an amount such as "24GB"; peak is left out/,
    ],
    [`{ "file": "a.py", "limits": { "params": -1 } }`, /limits\.params: too small/],
    [`{ "file": "a.py", "limits": {}, "modell": "A" }`, /budgets\[0\]\.modell: not a key here; known are file, model/],
    [`{ "file": "a.py", "limits": {}, "scenario": { "batch": 0 } }`, /budgets\[0\]\.scenario\.batch: /],
    [`3`, /budgets\[0\]: expected an object/],
  ];
  for (const [text, what] of faults)
    it(`${text} is an error at its place`, () => {
      const { problems } = read(`{ "budgets": [${text}] }`);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!.text, what);
      assert.equal(problems[0]!.severity, "error");
      assert(problems[0]!.span.column > 0);
    });

  it("are completed by the editor: each figure with what it is and how it is written", () => {
    const { properties } = JSON.parse(readFileSync("media/assay.schema.json", "utf8"));
    const { limits } = properties.budgets.items.properties;
    assert.deepEqual(Object.keys(limits.properties), [...limitOrder]);
    for (const figure of limitOrder) assert.match(limits.properties[figure].description, /^At most this: .*\. [A-Z]/);
    const [, text] = limits.properties.peak.anyOf;
    assert.match("24GB", new RegExp(text.pattern));
    assert.doesNotMatch("24 ms", new RegExp(text.pattern));
  });
});

const net = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8192):
        super().__init__()
        self.a = nn.Linear(4096, width)
        self.b = nn.Linear(width, 4096)

    def forward(self, x):
        return self.b(self.a(x).relu())

# assay: Net()(float32[B, 4096])
`;
const half = net.replace(
  "        self.a = nn",
  "        import mystery\n        self.m = mystery.Thing()\n        self.a = nn",
);
const params = 2 * 4096 * 8192 + 8192 + 4096;

/** The verdicts on a file's models, weighed with no more than PyTorch. */
function checked(text: string, budget: object, more: Partial<Asked> = {}, rest: object = {}) {
  const file = JSON.stringify({ ...rest, budgets: [{ file: "net.py", ...budget }] });
  const { project } = readProject("/ws/assay.json", file);
  const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
  const workspace: Workspace = { sources: fileSources(parser), environment, project };
  return weighBudgets({ path: "/ws/net.py", text, kind: "python", ...more }, workspace);
}
const outcomes = (verdicts: readonly Verdict[]) => verdicts.map(({ limit, outcome }) => [limit.figure, outcome]);

describe("models against budgets", () => {
  it("each limit is kept up to its last bit", () => {
    const kept = checked(net, { model: "Net", limits: { params, weights: 4 * params, kv: 0 } });
    assert.deepEqual(outcomes(kept.verdicts), [
      ["params", "kept"],
      ["weights", "kept"],
      ["kv", "kept"],
    ]);
    assert.deepEqual(budgetFindings(kept), []);
    const broken = checked(net, { limits: { params: params - 1, weights: 4 * params - 1 } });
    assert.deepEqual(outcomes(broken.verdicts), [
      ["params", "broken"],
      ["weights", "broken"],
    ]);
  });

  it("a broken one is an error at the model's line, with its parts and what would cut them", () => {
    const limits = { peak: "1GB" };
    const report = checked(net, { scenario: { phase: "train", batch: 1024 }, limits }, { advise: true });
    const [finding] = budgetFindings(report);
    assert.deepEqual([finding!.rule, finding!.severity, finding!.at.line], ["over-budget", "error", 2]);
    assert.match(
      finding!.what,
      /^Peak memory of Net \(train B1024 fp32 on RTX 4090\): 1\.\d+ GB, \d+ MB over the budget of 1GB\.$/,
    );
    assert.match(finding!.why, /Most is .*optimizer state 5\d\d MB \(\d+ MB less with [a-z0-9-]+\)/);
    assert.match(finding!.why, /What would help: [a-z0-9-]+ takes off \d/);
    const [{ savings }] = report.verdicts as [Verdict];
    assert(savings.length > 0 && savings.every(({ amount }) => amount > 0));
    assert.deepEqual(checked(net, { scenario: { phase: "train" }, limits }).verdicts[0]!.savings, []);
  });

  it("the scenario is the budget's over the project's, and never a person's", () => {
    const limits = { peak: "1GB" };
    const [first] = checked(net, { limits }, {}, { scenario: { batch: 7 } }).verdicts;
    assert.equal(first!.model.scenario.batch, 7);
    const [own] = checked(net, { scenario: { batch: 9 }, limits }, {}, { scenario: { batch: 7 } }).verdicts;
    assert.equal(own!.model.scenario.batch, 9);
    const [asked] = checked(net, { scenario: { batch: 9 }, limits }, { change: { batch: 3 } }).verdicts;
    assert.equal(asked!.model.scenario.batch, 3);
  });

  it("a known part above the limit breaks it; one below it decides nothing", () => {
    const [over] = checked(half, { limits: { params: 1000 } }).verdicts;
    assert.equal(over!.outcome, "broken");
    assert.match(budgetFindings(checked(half, { limits: { params: 1000 } }))[0]!.what, /: ≥ 67\.1 M, /);
    const under = checked(half, { limits: { params: "1B" } });
    assert.deepEqual(outcomes(under.verdicts), [["params", "undecided"]]);
    const [finding] = budgetFindings(under);
    assert.deepEqual([finding!.rule, finding!.severity], ["undecided-budget", "warning"]);
    assert.match(finding!.what, /cannot be decided: what is known is ≥ 67\.1 M\.$/);
    assert.match(finding!.why, /^Not known: .*mystery/);
  });

  it("a model that is not there is an error in assay.json", () => {
    const { verdicts, problems } = checked(net, { model: "Nut", limits: { params: 1 } });
    assert.deepEqual(verdicts, []);
    assert.deepEqual([problems[0]!.at.path, problems[0]!.severity], ["/ws/assay.json", "error"]);
    assert.match(problems[0]!.what, /^net\.py has no model Nut\.$/);
  });

  it("each figure that can be limited has its unit and can be read of a model that is trained", () => {
    const limits = Object.fromEntries(limitOrder.map((figure) => [figure, 0]));
    const { verdicts } = checked(net, { scenario: { phase: "train" }, limits });
    assert.deepEqual(
      verdicts.map(({ limit }) => limit.figure),
      [...limitOrder],
    );
    for (const { limit, total, outcome } of verdicts) {
      if (["buffers", "kv", "kvPerToken"].includes(limit.figure)) assert.equal(outcome, "kept");
      else assert.equal(outcome, "broken", limit.figure);
      if (total) assert.equal(total.unit, limitWords[limit.figure].unit);
    }
  });
});
