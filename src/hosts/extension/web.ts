/** The extension in a browser: the server is a worker, which is handed the files that it cannot read itself. */
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/browser";
import type { WebStart } from "../server/web.ts";
import { type Assay, start } from "./start.ts";

export function activate(context: vscode.ExtensionContext): Promise<Assay> {
  const own = (...names: string[]) => vscode.Uri.joinPath(context.extensionUri, "dist", ...names);
  const read = (uri: vscode.Uri) => vscode.workspace.fs.readFile(uri);
  return start(context, {
    listFiles: true,
    async connect(options) {
      const script = own("web", "server.js");
      const [runtime, python, typescript, tsx, code] = await Promise.all([
        read(own("web-tree-sitter.wasm")),
        read(own("tree-sitter-python.wasm")),
        read(own("tree-sitter-typescript.wasm")),
        read(own("tree-sitter-tsx.wasm")),
        read(script),
      ]);
      const worker = new Worker(script.toString(true));
      const wasm = { runtime, python, typescript, tsx };
      const message: WebStart = { role: "server", wasm, script: new TextDecoder().decode(code) };
      worker.postMessage(message);
      return new LanguageClient("assay", "Assay", options, worker);
    },
  });
}
