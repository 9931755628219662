/** The pages that explain findings: documents that the server writes, shown as Markdown is. */
import * as vscode from "vscode";
import { pageScheme, pageUri } from "../messages.ts";
import type { Link } from "./link.ts";

/** Serves the pages, and the command that shows one of them; a link on a finding opens it too. */
export function servePages(link: Link): vscode.Disposable[] {
  return [
    vscode.workspace.registerTextDocumentContentProvider(pageScheme, {
      provideTextDocumentContent: ({ path }) => link.explanation(path.replace(/^\//, "").replace(/\.md$/, "")),
    }),
    vscode.commands.registerCommand("assay.explain", async (asked: unknown) => {
      const id = typeof asked === "string" ? asked : await pickFinding();
      if (id) await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.parse(pageUri(id)));
    }),
  ];
}

/** A finding of the open file that the person picks. */
async function pickFinding(): Promise<string | undefined> {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const found = uri ? vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "assay") : [];
  const ids = found.flatMap(({ code }) => (typeof code === "object" ? [String(code.value)] : []));
  return vscode.window.showQuickPick([...new Set(ids)].sort(), { placeHolder: "What to explain" });
}
