/** The extension on a desktop or a remote machine: the server is a process of its own. */
import * as vscode from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";
import { type Assay, start } from "./start.ts";

export function activate(context: vscode.ExtensionContext): Promise<Assay> {
  const module = vscode.Uri.joinPath(context.extensionUri, "dist", "server.js").fsPath;
  return start(context, {
    listFiles: false,
    async connect(options) {
      const run = { module, transport: TransportKind.ipc };
      return new LanguageClient("assay", "Assay", { run, debug: run }, options);
    },
  });
}
