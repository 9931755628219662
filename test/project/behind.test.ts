/** What the server works out behind a report: budgets of `assay.json`, and the change since a commit. */
import assert from "node:assert/strict";
import { messages } from "../../src/hosts/messages.ts";
import { eventually, workspace } from "../support/server.ts";

const net = (width: number) => `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=${width}):
        super().__init__()
        self.a = nn.Linear(4, width)

    def forward(self, x):
        return self.a(x)

# assay: Net()(float32[B, 4])
`;
const budgets = (limits: object, more: object = {}) =>
  JSON.stringify({ budgets: [{ file: "net.py", model: "Net", limits, ...more }] });

interface Shown {
  readonly totals: readonly { label: string; change?: string }[];
  readonly change?: { since: string; text: string; layers: readonly { name: string; text: string }[] };
}

/** A server with a file in an editor. */
async function opened(files: Record<string, string>) {
  const client = workspace(files);
  await client.start();
  await client.open("net.py");
  const shown = () => client.ask<Shown | null>(messages.report, { uri: client.uri("net.py") });
  const lens = async () => {
    const lenses = await client.ask<{ command: { title: string } }[]>("textDocument/codeLens", {
      textDocument: { uri: client.uri("net.py") },
    });
    return lenses[0]?.command.title ?? "";
  };
  const base = (text: string | null | undefined, name = "net.py") =>
    client.tell(messages.base, {
      ...(text !== undefined && { name: "HEAD" }),
      files: text === undefined ? [] : [{ uri: client.uri(name), text }],
    });
  return { ...client, shown, lens, base };
}

describe("the server and budgets", () => {
  it("puts a broken one at the model's line, where it follows the model, until it is kept", async () => {
    const { diagnostics, edit, write } = await opened({ "net.py": net(8), "assay.json": budgets({ params: 39 }) });
    const found = () => (diagnostics("net.py") ?? []).filter((text) => /budget/.test(text));
    const [first] = await eventually(found, (all) => all.length === 1);
    assert.match(first!, /^3: Parameters of Net \(.*\): 40, 1 over the budget of 39\. Most is a 40\.$/);
    await edit("net.py", `# a line more\n${net(8)}`);
    await eventually(found, ([text]) => text?.startsWith("4: ") === true);
    await edit("net.py", net(7));
    await eventually(found, (all) => all.length === 0);
    await write("assay.json", budgets({ params: 10 }));
    await eventually(found, (all) => all.length === 1);
    await write("assay.json", "{}");
    await eventually(found, (all) => all.length === 0);
  }).timeout(60_000);

  it("says in assay.json which budget is about nothing", async () => {
    const { diagnostics } = await opened({
      "net.py": net(8),
      "assay.json": `{ "budgets": [
  { "file": "net.py", "model": "Nut", "limits": { "params": 1 } },
  { "file": "gone.py", "limits": { "params": 1 } },
  { "file": "net.py", "limits": { "speed": 1 } }
] }`,
    });
    const lines = await eventually(
      () => (diagnostics("assay.json") ?? []).toSorted(),
      (all) => all.length === 3,
    );
    assert.match(lines[0]!, /^2: net\.py has no model Nut\./);
    assert.match(lines[1]!, /^3: There is no file gone\.py\.$/);
    assert.match(lines[2]!, /^4: budgets\[2\]\.limits\.speed: not a key here/);
  }).timeout(60_000);
});

describe("the server and the last commit", () => {
  it("says nothing without one", async () => {
    const { lens, shown, base } = await opened({ "net.py": net(8) });
    assert.match(await eventually(lens, (text) => text !== ""), /· report$/);
    await base(undefined);
    assert.doesNotMatch(await lens(), /since/);
    assert.equal((await shown())?.change, undefined);
  }).timeout(60_000);

  it("tells the change in the lens and in the report, and follows edits and commits", async () => {
    const { lens, shown, base, edit } = await opened({ "net.py": net(8) });
    await base(net(6));
    assert.match(await eventually(lens, (text) => /since/.test(text)), / · \+10 since HEAD · report$/);
    const report = await shown();
    assert.equal(report?.totals.find(({ label }) => label === "Parameters")?.change, "+10 since HEAD");
    assert.deepEqual(report?.change?.layers[0]?.name, "a");
    assert.match(report?.change?.layers[0]?.text ?? "", /^\+10 params · \+16 FLOPs/);
    await edit("net.py", net(10));
    await eventually(lens, (text) => / \+20 since HEAD /.test(text));
    await edit("net.py", net(6));
    await eventually(lens, (text) => text !== "" && !/since/.test(text));
    await edit("net.py", net(10));
    await base(net(10));
    await eventually(lens, (text) => text !== "" && !/since/.test(text));
  }).timeout(60_000);

  it("weighs both for the scenario that is chosen, with files that are imported as they were", async () => {
    const layer = (width: number) =>
      `import torch.nn as nn\n\nclass Layer(nn.Linear):\n    def __init__(self):\n        super().__init__(4, ${width})\n`;
    const user = net(8)
      .replace("import torch.nn as nn", "import torch.nn as nn\nfrom layer import Layer")
      .replace("nn.Linear(4, width)", "Layer()");
    const { lens, base, tell } = await opened({ "net.py": user, "layer.py": layer(8) });
    await base(layer(6), "layer.py");
    await eventually(lens, (text) => / \+10 since HEAD /.test(text));
    await tell(messages.scenario, { change: { batch: 32 } });
    await eventually(lens, (text) => /B32 .* \+10 since HEAD /.test(text));
  }).timeout(60_000);
});

describe("the server's exports", () => {
  it("give the report as Markdown, JSON, CSV and for the clipboard", async () => {
    const { ask, uri, lens } = await opened({ "net.py": net(8) });
    await eventually(lens, (text) => text !== "");
    const text = async (format: string) =>
      (await ask<{ text: string }>(messages.export, { uri: uri("net.py"), format })).text;
    assert.match(await text("markdown"), /^# Net\n[\s\S]*\| layer \| params/);
    assert.equal(JSON.parse(await text("json")).models[0].totals.params, 40);
    const rows = (await text("csv")).split("\r\n").map((line) => line.split(","));
    assert.deepEqual(rows[0]!.slice(0, 4), ["layer", "class", "calls", "params"]);
    assert.deepEqual(rows[2]!.slice(0, 4), ["a", "Linear", "1", "40"]);
    assert.equal((await text("tsv")).split("\n")[2]!.split("\t")[3], "40");
    assert.equal(await ask(messages.export, { uri: uri("gone.py"), format: "csv" }), null);
  }).timeout(60_000);

  it("put a file beside another that no editor shows", async () => {
    const { ask, uri, lens } = await opened({ "net.py": net(8), "other.py": net(16) });
    await eventually(lens, (text) => text !== "");
    const sides = [{ uri: uri("net.py") }, { uri: uri("other.py"), model: "Net" }];
    const { markdown } = await ask<{ markdown: string }>(messages.compare, { sides });
    assert.match(markdown, /^# Net and Net$/m);
    assert.match(markdown, /^\| parameters \| 40 \| 80 \| \+40 \| \+100 % \|$/m);
  }).timeout(60_000);
});
