/** `assay check`: budgets, exit codes, and findings for code scanning. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const net = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(8, width)
        self.spare = nn.Linear(3, 3)

    def forward(self, x):
        return self.a(x)

# assay: Net()(float32[B, 8])
`;
const half = net.replace("        self.a", "        import mystery\n        self.m = mystery.Thing()\n        self.a");
const budget = (limits: object, more: object = {}) =>
  JSON.stringify({ budgets: [{ file: "net.py", model: "Net", limits, ...more }] });

/** Runs in a folder with these files. */
async function check(files: Record<string, string>, ...words: string[]) {
  const folder = folderWith(files);
  const before = process.cwd();
  process.chdir(folder);
  try {
    return { folder, ...(await assay(["check", ...words])) };
  } finally {
    process.chdir(before);
  }
}

describe("assay check", () => {
  it("is silent where all budgets are kept", async () => {
    const { code, out, error } = await check({ "net.py": net, "assay.json": budget({ params: 84, peak: "1GB" }) });
    assert.deepEqual([code, out, error], [0, "", ""]);
  });

  it("names a broken one at the model's line, and fails", async () => {
    const { code, out } = await check({ "net.py": net, "assay.json": budget({ params: 83, peak: "1GB" }) });
    assert.equal(code, 1);
    assert.match(
      out,
      /^net\.py:3:7: error over-budget: Parameters of Net \(.*\): 84, 1 over the budget of 83\. Most is a 72, spare 12\..*\n$/,
    );
  });

  it("lets through what cannot be decided, unless it is strict", async () => {
    const files = { "net.py": half, "assay.json": budget({ params: 100 }) };
    const { code, out } = await check(files);
    assert.equal(code, 0);
    assert.match(out, /^net\.py:3:7: warning undecided-budget: .* what is known is ≥ 84\. Not known: .*mystery/);
    assert.equal((await check(files, "--strict")).code, 1);
  });

  const broken: [string, Record<string, string>, RegExp][] = [
    [
      "a figure that is none",
      { "assay.json": budget({ speed: 3 }) },
      /^assay\.json:1:\d+: budgets\[0\]\.limits\.speed: not a key here/,
    ],
    [
      "a file that is not there",
      { "assay.json": budget({ params: 84 }).replace("net.py", "gone.py") },
      /There is no file gone\.py\./,
    ],
  ];
  for (const [what, files, words] of broken)
    it(`fails on a budget that names ${what}`, async () => {
      const { code, error } = await check({ "net.py": net, ...files });
      assert.equal(code, 1);
      assert.match(error, words);
    });

  it("fails on a budget of a model that is not there", async () => {
    const { code, out } = await check({ "net.py": net, "assay.json": budget({ params: 84 }, { model: "Nut" }) });
    assert.equal(code, 1);
    assert.match(out, /^assay\.json:1:\d+: error assay-project: net\.py has no model Nut\./);
  });

  it("judges findings where a severity is named", async () => {
    const files = { "net.py": net, "assay.json": "{}" };
    assert.equal((await check(files, "net.py")).code, 0);
    const judged = await check(files, "net.py", "--max-severity", "information");
    assert.equal(judged.code, 1);
    assert.match(judged.out, /^net\.py:\d+:\d+: warning unused-layer: /);
    assert.equal((await check(files, "net.py", "--max-severity", "warning")).code, 0);
    assert.match((await check(files, "net.py", "--max-severity", "loud")).error, /--max-severity is hint, /);
  });

  it("writes SARIF with all findings, paths relative to the folder", async () => {
    const files = { "sub/net.py": net, "assay.json": budget({ params: 83 }).replace("net.py", "sub/net.py") };
    const { code, folder, out } = await check(files, "--sarif", "out.sarif");
    assert.equal(code, 1);
    assert.match(out, /over-budget/);
    const { runs } = JSON.parse(readFileSync(path.join(folder, "out.sarif"), "utf8"));
    const results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[] =
      runs[0].results;
    assert.deepEqual([...new Set(results.map(({ ruleId }) => ruleId))].sort(), ["over-budget", "unused-layer"]);
    for (const { locations } of results)
      assert.equal(locations[0]!.physicalLocation.artifactLocation.uri, "sub/net.py");
    assert.equal(runs[0].tool.driver.semanticVersion, "1.2.3");
    const unwritable = await check(files, "--sarif", "no/such/folder.sarif");
    assert.equal(unwritable.code, 1);
    assert.match(unwritable.error, /no\/such\/folder\.sarif cannot be written: ENOENT\./);
  });

  it("is a table as Markdown, and all numbers as JSON", async () => {
    const files = { "net.py": net, "assay.json": budget({ params: 83, peak: "1GB" }) };
    const { out } = await check(files, "--format", "markdown");
    assert.match(out, /^\| `Net` \| prefill B1 fp32 on RTX 4090 \| parameters \| 84 \| 83 \| ✗ \*\*broken\*\* \|$/m);
    assert.match(out, /^\| `Net` .* \| 1GB \| ✓ kept, .* left \|$/m);
    const { failed, budgets } = JSON.parse((await check(files, "--format", "json")).out);
    assert.equal(failed, true);
    assert.deepEqual(
      budgets.map((one: { figure: string; outcome: string; limit: number }) => [one.figure, one.outcome, one.limit]),
      [
        ["params", "broken", 83],
        ["peak", "kept", 1e9],
      ],
    );
  });

  it("weighs a decode step that is compiled, whose list of operations is not the traced one", async () => {
    const config = {
      model_type: "llama",
      hidden_size: 64,
      intermediate_size: 128,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      vocab_size: 100,
    };
    const timeOf = async (compile: boolean) => {
      const entry = {
        file: "config.json",
        scenario: { phase: "decode", sequence: 64, compile },
        limits: { kernels: "10s" },
      };
      const files = { "config.json": JSON.stringify(config), "assay.json": JSON.stringify({ budgets: [entry] }) };
      const { budgets } = JSON.parse((await check(files, "--format", "json")).out);
      assert.equal(budgets[0].outcome, "kept");
      return budgets[0].value as number;
    };
    const [eager, compiled] = [await timeOf(false), await timeOf(true)];
    assert(compiled > 0 && compiled < eager, `${compiled} against ${eager} s`);
  });

  it("without a project or files says what to write", async () => {
    const { code, error } = await check({ "net.py": net });
    assert.equal(code, 1);
    assert.match(error, /there is no assay\.json here/);
  });
});
