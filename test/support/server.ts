/** The language server over its protocol, with a disk in memory. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { createConnection, createProtocolConnection } from "vscode-languageserver/node";
import { messages } from "../../src/hosts/messages.ts";
import { languageOf } from "../../src/hosts/scripts.ts";
import { serve } from "../../src/hosts/server/session.ts";
import { startThread } from "../../src/hosts/server/thread.ts";
import { usualEnvironment } from "../../src/hosts/usualEnvironment.ts";
import { pythonWasm } from "./wasm.ts";

/** A client of a server of its own, in a workspace `/ws` with these files and the settings below `assay.`. */
export function workspace(files: Record<string, string>, settings: object | null = null) {
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
  client.onRequest("workspace/configuration", () => [settings]);
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
        textDocument: { uri: uri(name), languageId: languageOf(name), version: 1, text },
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
    tell: (message: string, params: object) => client.sendNotification(message, params),
    ask: <Result>(message: string, params: object) => client.sendRequest<Result>(message, params),
    report: (name: string) => client.sendRequest<Report | null>(messages.report, { uri: uri(name) }),
  };
}

interface Report {
  readonly scenario: { readonly batch: number; readonly device: string };
  readonly evidence: { readonly kind: string; readonly text: string };
}

/** What `find` gives once it is as wished. */
export async function eventually<T>(find: () => Promise<T> | T, wished: (value: T) => boolean): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = await find();
    if (wished(value)) return value;
    assert(Date.now() < end, `it stayed ${JSON.stringify(value)?.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
