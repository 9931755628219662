/** A config's model as PyTorch code: a document that the server writes, shown read-only and weighed as any Python file is. */
import * as vscode from "vscode";
import { codeScheme } from "../messages.ts";
import type { Link } from "./link.ts";

/** Serves the documents, and the command that opens one; `changed` is called with each config that has a new report. */
export function serveCode(link: Link): { parts: vscode.Disposable[]; changed: (uri: string) => void } {
  const shown = new Map<string, vscode.Uri>();
  const written = new vscode.EventEmitter<vscode.Uri>();
  const parts = [
    written,
    vscode.workspace.registerTextDocumentContentProvider(codeScheme, {
      onDidChange: written.event,
      async provideTextDocumentContent({ query }) {
        const told = await link.code(query);
        if (!told) return "# The config is being weighed: open this again in a moment.\n";
        return "text" in told ? told.text : `# ${told.reason}.\n`;
      },
    }),
    vscode.commands.registerCommand("assay.openCode", async (asked: unknown) => {
      const active = vscode.window.activeTextEditor?.document.uri;
      const config = typeof asked === "string" ? asked : active?.toString();
      const told = config === undefined ? undefined : await link.code(config);
      if (config === undefined || !told || !("text" in told)) {
        const reason = told && "reason" in told ? `${told.reason}.` : "open a model's config.json first.";
        return void vscode.window.showInformationMessage(`Assay: ${reason}`);
      }
      const uri = vscode.Uri.from({ scheme: codeScheme, path: `/${told.className}.py`, query: config });
      shown.set(config, uri);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
        preview: false,
        viewColumn: vscode.ViewColumn.Beside,
      });
    }),
  ];
  const changed = (uri: string) => {
    const document = shown.get(uri);
    if (document) written.fire(document);
  };
  return { parts, changed };
}
