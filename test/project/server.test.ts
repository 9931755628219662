/** The language server and `assay.json`, over the protocol. */
import assert from "node:assert/strict";
import { eventually, workspace } from "../support/server.ts";

const net = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(4, width)

    def forward(self, x):
        return self.a(x)
`;

const project = (rest: object) => JSON.stringify(rest, null, 2);

describe("the server and assay.json", () => {
  it("weighs by it, and anew whenever it changes on the disk or in the editor", async () => {
    const { start, open, edit, close, write, report, status } = workspace({
      "assay.json": project({ scenario: { batch: 3 }, models: [{ file: "net.py", model: "Net(16)" }] }),
      "net.py": net,
    });
    const evidence = async () => (await report("net.py"))?.evidence.text;
    await start();
    await open("net.py");
    await eventually(evidence, (text) => / Net\(16\)/.test(text ?? ""));
    assert.equal((await report("net.py"))?.scenario.batch, 3);
    assert.equal(status()?.scenario.batch, 3);

    await write("assay.json", project({ models: [{ file: "net.py", model: "Net(32)" }] }));
    await eventually(evidence, (text) => / Net\(32\)/.test(text ?? ""));
    assert.equal((await report("net.py"))?.scenario.batch, 1);

    await open("assay.json");
    await edit("assay.json", project({ models: [{ file: "net.py", model: "Net(64)" }] }));
    await eventually(evidence, (text) => / Net\(64\)/.test(text ?? ""));

    await close("assay.json");
    await eventually(evidence, (text) => / Net\(32\)/.test(text ?? ""));

    await write("assay.json", undefined);
    await eventually(
      async () => (await report("net.py"))?.evidence.kind,
      (kind) => kind === "defaults",
    );
  }).timeout(60_000);

  it("says on its lines what is wrong with it", async () => {
    const { start, open, write, diagnostics, status } = workspace({
      "assay.json": `{
  "scenario": { "device": "my-card" },
  "devices": { "my-card": { "like": "nvidia-l4-24gb" }, "odd": { "memoryBytes": -1 } },
  "models": [
    { "file": "net.py", "model": "Nut()" },
    { "file": "gone.py", "model": "Net()" }
  ]
}`,
      "net.py": net,
    });
    await start();
    await open("net.py");
    const found = await eventually(
      () => diagnostics("assay.json") ?? [],
      (all) => all.length === 4,
    );
    const lines = found.toSorted();
    assert.match(lines[0]!, /^3: devices\.odd\.memoryBytes: too small/);
    assert.match(lines[1]!, /^3: devices\.odd: memoryBytes, memoryBytesPerSecond, flopsPerSecond must be said/);
    assert.equal(lines[2], "5: Nut is not defined in net.py.");
    assert.equal(lines[3], "6: There is no file gone.py.");
    assert.equal(status()?.devices[0]?.id, "my-card");

    await write("assay.json", "{}");
    await eventually(
      () => diagnostics("assay.json"),
      (all) => all?.length === 0,
    );
  }).timeout(60_000);

  it("silences findings by it, for everybody", async () => {
    const unused = net.replace("    def forward", "        self.b = nn.Linear(4, 4)\n\n    def forward");
    const { start, open, write, diagnostics, report } = workspace({
      "assay.json": project({ rules: { "unused-layer": "off" } }),
      "net.py": unused,
    });
    await start();
    await open("net.py");
    await eventually(
      () => report("net.py"),
      (found) => found !== null,
    );
    assert.deepEqual(diagnostics("net.py"), []);

    await write("assay.json", "{}");
    const found = await eventually(
      () => diagnostics("net.py"),
      (all) => all?.length === 1,
    );
    assert.match(found?.[0] ?? "", /^8: b is built/);
  }).timeout(60_000);
});
