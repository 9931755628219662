/** The language server and `assay.json`, over the protocol, with a disk in memory. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { createConnection, createProtocolConnection } from "vscode-languageserver/node";
import { messages } from "../../src/hosts/messages.ts";
import { serve } from "../../src/hosts/server/session.ts";
import { startThread } from "../../src/hosts/server/thread.ts";
import { usualEnvironment } from "../../src/hosts/usualEnvironment.ts";
import { pythonWasm } from "../support/wasm.ts";

const net = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(4, width)

    def forward(self, x):
        return self.a(x)
`;

/** A client of a server of its own, in a workspace `/ws` with these files. */
function workspace(files: Record<string, string>) {
  const disk = new Map(Object.entries(files).map(([name, text]) => [`/ws/${name}`, text]));
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const connection = createConnection(toServer, toClient);
  connection.onExit(() => {});
  serve(connection, {
    threads: {
      cancelled: new Int32Array(new SharedArrayBuffer(4)),
      start: (answer) => {
        const read = (path: string) => disk.get(path);
        const obey = startThread({ wasm: pythonWasm() }, { read, folder: () => false, filesIn: () => [] }, answer);
        return { post: obey, end: () => {} };
      },
    },
    findEnvironment: () => ({ found: false, environment: usualEnvironment, folders: [] }),
    readText: (path) => disk.get(path),
  });
  const client = createProtocolConnection(toClient, toServer);
  const diagnostics = new Map<string, string[]>();
  let status: { scenario: { batch: number }; devices: { id: string }[] } | undefined;
  client.onRequest("client/registerCapability", () => null);
  client.onRequest("workspace/configuration", () => [null]);
  client.onRequest("workspace/inlayHint/refresh", () => null);
  client.onRequest("workspace/codeLens/refresh", () => null);
  client.onNotification(messages.status, (notice) => {
    status = notice;
  });
  client.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics: found }) =>
    diagnostics.set(
      uri,
      found.map(
        ({ range, message }: { range: { start: { line: number } }; message: string }) =>
          `${range.start.line + 1}: ${message}`,
      ),
    ),
  );
  client.listen();
  after(() => client.dispose());
  const uri = (name: string) => `file:///ws/${name}`;
  return {
    uri,
    diagnostics: (name: string) => diagnostics.get(uri(name)),
    status: () => status,
    async start() {
      const folders = [{ uri: "file:///ws", name: "ws" }];
      await client.sendRequest("initialize", {
        processId: null,
        rootUri: null,
        capabilities: {},
        workspaceFolders: folders,
      });
      await client.sendNotification("initialized", {});
    },
    open: (name: string, text = disk.get(`/ws/${name}`)!) =>
      client.sendNotification("textDocument/didOpen", {
        textDocument: { uri: uri(name), languageId: name.endsWith(".py") ? "python" : "json", version: 1, text },
      }),
    edit: (name: string, text: string) =>
      client.sendNotification("textDocument/didChange", {
        textDocument: { uri: uri(name), version: 2 },
        contentChanges: [{ text }],
      }),
    close: (name: string) => client.sendNotification("textDocument/didClose", { textDocument: { uri: uri(name) } }),
    write: (name: string, text: string | undefined) => {
      if (text === undefined) disk.delete(`/ws/${name}`);
      else disk.set(`/ws/${name}`, text);
      return client.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: uri(name), type: 2 }] });
    },
    report: (name: string) => client.sendRequest<Report | null>(messages.report, { uri: uri(name) }),
  };
}

interface Report {
  readonly scenario: { readonly batch: number; readonly device: string };
  readonly evidence: { readonly kind: string; readonly text: string };
}

/** What `find` gives once it is as wished. */
async function eventually<T>(find: () => Promise<T> | T, wished: (value: T) => boolean): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = await find();
    if (wished(value)) return value;
    assert(Date.now() < end, `it stayed ${JSON.stringify(value)?.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

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
});
