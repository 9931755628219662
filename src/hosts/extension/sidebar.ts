/** The report in the side bar: the page that shows it, and what a click there does. */
import * as vscode from "vscode";
import type { ReportView } from "../../surfaces/report.ts";
import { type FromSidebar, fromSidebarSchema, type StatusNotice, type ToSidebar } from "../messages.ts";
import { uriOf } from "../paths.ts";
import type { Watching } from "./watching.ts";

/** A workspace with more Python files than this is not searched for models. */
const mostFiles = 200;

export class Sidebar {
  private page: vscode.WebviewView | undefined;
  private shown: ToSidebar | undefined;
  private suggestions: { uri: string; name: string }[] | undefined;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly watching: Watching,
  ) {}

  /** What VS Code calls when the view is first seen. */
  readonly view: vscode.WebviewViewProvider = {
    resolveWebviewView: (page) => {
      this.page = page;
      const dist = vscode.Uri.joinPath(this.extension, "dist");
      const media = vscode.Uri.joinPath(this.extension, "media");
      page.webview.options = { enableScripts: true, localResourceRoots: [dist, media] };
      page.webview.onDidReceiveMessage((message: unknown) => {
        const asked = fromSidebarSchema.safeParse(message);
        if (asked.success) void this.act(asked.data);
      });
      page.onDidDispose(() => {
        this.page = undefined;
      });
      const script = page.webview.asWebviewUri(vscode.Uri.joinPath(dist, "sidebar.js"));
      const style = page.webview.asWebviewUri(vscode.Uri.joinPath(media, "sidebar.css"));
      page.webview.html = html(String(script), String(style), page.webview.cspSource);
    },
  };

  /** Shows a report, or that there is none here. */
  show(report: ReportView | undefined, status: StatusNotice | undefined): void {
    if (report && status) {
      const pinned = this.watching.pinned !== undefined;
      const found = status.librariesFound || report.evidence.kind === "config";
      const notes = found ? [] : ["No Python libraries found: answers come from Assay's own torch."];
      this.shown = { kind: "report", report, pinned, devices: status.devices, notes };
      this.post();
      return;
    }
    const text = this.watching.subject
      ? "There is no model in this file."
      : "Open a PyTorch file or a config.json to see what its model costs.";
    this.shown = { kind: "empty", text, files: this.suggestions ?? [] };
    this.post();
    if (this.page && !this.suggestions) void this.suggest(report, status);
  }

  async reveal(): Promise<void> {
    await vscode.commands.executeCommand("assay.report.focus");
  }

  private async suggest(report: ReportView | undefined, status: StatusNotice | undefined): Promise<void> {
    this.suggestions = [];
    this.suggestions = await modelFiles();
    if (this.shown?.kind === "empty") this.show(report, status);
  }

  private post(): void {
    if (this.shown) void this.page?.webview.postMessage(this.shown);
  }

  private async act(message: FromSidebar): Promise<void> {
    switch (message.kind) {
      case "ready":
        if (this.shown?.kind === "empty" || !this.shown) this.show(undefined, undefined);
        else this.post();
        return;
      case "reveal": {
        const { path, line, column } = message.place;
        const at = new vscode.Position(line, column);
        await vscode.window.showTextDocument(vscode.Uri.parse(uriOf(path)), { selection: new vscode.Range(at, at) });
        return;
      }
      case "open":
        await vscode.window.showTextDocument(vscode.Uri.parse(message.uri));
        return;
      case "scenario":
        await vscode.commands.executeCommand("assay.changeScenario", message.change);
        return;
      default:
        await vscode.commands.executeCommand(`assay.${message.kind}Model`);
    }
  }
}

/** Files of the workspace that define a model, by a look at their text. */
async function modelFiles(): Promise<{ uri: string; name: string }[]> {
  const uris = await vscode.workspace.findFiles(
    "**/*.py",
    "**/{node_modules,.git,.venv,venv,site-packages}/**",
    mostFiles,
  );
  const found: { uri: string; name: string }[] = [];
  for (const uri of uris) {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    if (/^class\s+\w+\(.*\bModule\b.*\)\s*:/m.test(text)) {
      found.push({ uri: uri.toString(), name: vscode.workspace.asRelativePath(uri) });
    }
    if (found.length === 12) break;
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function html(script: string, style: string, source: string): string {
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}';`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${style}">
<title>Assay</title>
</head>
<body><main id="page" data-testid="page"></main><script nonce="${nonce}" src="${script}"></script></body>
</html>`;
}
