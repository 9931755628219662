/** The report's pages, in the side bar and in an editor tab: what they show, and what a click there does. */
import * as vscode from "vscode";
import type { ReportView } from "../../surfaces/report.ts";
import type { StatusNotice } from "../messages.ts";
import { type FromPage, fromPageSchema, type ToPage } from "../pageMessages.ts";
import { pathOf, uriOf } from "../paths.ts";
import { applyQuickFix, applyTechnique } from "./applying.ts";
import type { Link } from "./link.ts";
import { type ModelFile, modelFiles } from "./modelFiles.ts";
import { pageHtml } from "./pageHtml.ts";
import { savePicture } from "./savePicture.ts";
import type { Watching } from "./watching.ts";

/** Milliseconds that an analysis may take before the page says that it is going on. */
const worthSaying = 400;
const panelType = "assay.reportPanel";

export class ReportPages {
  private readonly pages = new Set<vscode.Webview>();
  private readonly panels = new Set<vscode.WebviewPanel>();
  private shown: (ToPage & { kind: "report" | "empty" }) | undefined;
  private progress: ToPage & { kind: "progress" } = { kind: "progress", state: "idle", file: "" };
  private cursor: (ToPage & { kind: "cursor" }) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;
  private found: ModelFile[] | undefined;
  private searching = false;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly watching: Watching,
    private readonly link: Link,
  ) {}

  register(): vscode.Disposable[] {
    return [
      vscode.window.registerWebviewViewProvider("assay.report", {
        resolveWebviewView: (view) => {
          this.fill(view.webview, false);
          view.onDidDispose(() => this.pages.delete(view.webview));
        },
      }),
      vscode.window.registerWebviewPanelSerializer(panelType, {
        deserializeWebviewPanel: async (panel) => this.adopt(panel),
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        const [first] = selections;
        if (first) this.follow(textEditor.document.uri, first.active.line);
      }),
      vscode.workspace.onDidCreateFiles(() => this.forgetFiles()),
      vscode.workspace.onDidDeleteFiles(() => this.forgetFiles()),
    ];
  }

  /** Shows a report, or that there is none here. */
  show(report: ReportView | undefined, status: StatusNotice | undefined): void {
    const subject = this.watching.subject;
    if (report && status && subject) {
      const pinned = this.watching.pinned !== undefined;
      const found = status.librariesFound || report.evidence.kind === "config";
      const notes = found ? [] : ["No Python libraries found: answers come from Assay's own torch."];
      this.turn++;
      if (this.progress.state === "cancelled") this.say("idle", subject.uri);
      const { devices } = status;
      this.shown = { kind: "report", uri: subject.uri, report, pinned, devices, notes, turn: this.turn };
      for (const panel of this.panels) panel.title = `Assay: ${report.model}`;
    } else {
      const busy = subject !== undefined && status?.analysing.includes(subject.uri) === true;
      const text = busy
        ? `Weighing ${nameOf(subject.uri)} …`
        : subject
          ? `${nameOf(subject.uri)} holds no model that Assay can weigh. Open one that does, or try the sample.`
          : "Open a PyTorch file or a config.json to see what its model costs.";
      this.shown = { kind: "empty", text, ...(this.found && { files: this.found }) };
      void this.search();
    }
    this.post(this.shown);
  }

  /** Says that an analysis goes on once it takes long, and that it has ended. */
  busy(file: string, isBusy: boolean): void {
    clearTimeout(this.timer);
    if (!isBusy) {
      if (this.progress.state === "busy") this.say("idle", file);
    } else if (this.progress.state !== "busy") {
      this.timer = setTimeout(() => this.say("busy", file), worthSaying);
    }
  }

  async reveal(): Promise<void> {
    await vscode.commands.executeCommand("assay.report.focus");
  }

  /** Opens the report beside the code, or shows the tab that there is. */
  openInEditor(): void {
    const [open] = this.panels;
    if (open) return open.reveal();
    const title = this.shown?.kind === "report" ? `Assay: ${this.shown.report.model}` : "Assay";
    this.adopt(vscode.window.createWebviewPanel(panelType, title, vscode.ViewColumn.Beside));
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panels.add(panel);
    const icon = (theme: string) => vscode.Uri.joinPath(this.extension, "media", `icon-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    this.fill(panel.webview, true);
    panel.onDidDispose(() => {
      this.panels.delete(panel);
      this.pages.delete(panel.webview);
    });
  }

  private fill(page: vscode.Webview, tab: boolean): void {
    const dist = vscode.Uri.joinPath(this.extension, "dist");
    const media = vscode.Uri.joinPath(this.extension, "media");
    page.options = { enableScripts: true, localResourceRoots: [dist, media] };
    page.onDidReceiveMessage((message: unknown) => {
      const asked = fromPageSchema.safeParse(message);
      if (asked.success) void this.act(page, asked.data).catch((error: unknown) => this.link.log(String(error)));
      else this.link.log(`A message of the report's page was refused: ${asked.error.message}`);
    });
    page.html = pageHtml({
      script: String(page.asWebviewUri(vscode.Uri.joinPath(dist, "report.js"))),
      style: String(page.asWebviewUri(vscode.Uri.joinPath(media, "report.css"))),
      source: page.cspSource,
      nonce: Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
        "",
      ),
      tab,
    });
    this.pages.add(page);
  }

  private post(message: ToPage, page?: vscode.Webview): void {
    for (const one of page ? [page] : this.pages) void one.postMessage(message);
  }

  private say(state: (ToPage & { kind: "progress" })["state"], file: string): void {
    this.progress = { kind: "progress", state, file };
    this.post(this.progress);
  }

  private follow(uri: vscode.Uri, line: number): void {
    const path = pathOf(uri.toString());
    if (this.cursor?.path === path && this.cursor.line === line) return;
    this.cursor = { kind: "cursor", path, line };
    this.post(this.cursor);
  }

  private forgetFiles(): void {
    this.found = undefined;
    if (this.shown?.kind === "empty") void this.search();
  }

  private async search(): Promise<void> {
    if (this.searching || this.found || this.pages.size === 0) return;
    this.searching = true;
    this.found = await modelFiles().finally(() => {
      this.searching = false;
    });
    if (this.shown?.kind !== "empty") return;
    this.shown = { ...this.shown, files: this.found };
    this.post(this.shown);
  }

  private async act(page: vscode.Webview, message: FromPage): Promise<void> {
    const { kind } = message;
    switch (kind) {
      case "ready":
        if (!this.shown) this.show(undefined, undefined);
        else this.post(this.shown, page);
        if (this.shown?.kind === "empty") void this.search();
        this.post(this.progress, page);
        if (this.cursor) this.post(this.cursor, page);
        return;
      case "reveal": {
        const { path, line, column } = message.place;
        const at = new vscode.Position(line, column);
        await showDocument(uriOf(path), { selection: new vscode.Range(at, at) });
        return;
      }
      case "open":
        await showDocument(message.uri, {});
        return;
      case "scenario":
        await vscode.commands.executeCommand("assay.changeScenario", message.change);
        return;
      case "copy":
        await vscode.env.clipboard.writeText(message.text);
        return;
      case "save":
        await savePicture(this.shown?.kind === "report" ? this.shown.report.model : "model", message);
        return;
      case "explain":
        await vscode.commands.executeCommand("assay.explain", message.id);
        return;
      case "cancel":
      case "again": {
        const subject = this.watching.subject;
        if (!subject) return;
        clearTimeout(this.timer);
        this.link.ask(kind, subject.uri);
        this.say(kind === "cancel" ? "cancelled" : "busy", nameOf(subject.uri));
        return;
      }
      case "giveUp":
        if (this.watching.subject) this.link.ask("cancel", this.watching.subject.uri);
        return;
      case "growth":
      case "advice":
      case "whatIf":
        await this.answer(page, message);
        return;
      case "fix":
        if (!(await applyQuickFix(message.place, message.title))) tell("This fix is not offered here any more.");
        return;
      case "technique": {
        const fix = await this.link.techniqueFix(message.uri, message.model, message.id);
        if (!fix) tell("The file is being weighed; try again in a moment.");
        else if ("reason" in fix) tell(`Assay does not write this for you: ${fix.reason}.`);
        else if (!(await applyTechnique(message.uri, fix))) tell("The edit could not be applied.");
        return;
      }
      case "sample":
        await vscode.commands.executeCommand("assay.openSample");
        return;
      default:
        await vscode.commands.executeCommand(`assay.${kind}Model`);
    }
  }

  /** Answers of an older report are not shown: the page asks again for the new one. */
  private async answer(
    page: vscode.Webview,
    message: FromPage & { kind: "growth" | "advice" | "whatIf" },
  ): Promise<void> {
    const { turn } = this;
    const { uri, model } = message;
    switch (message.kind) {
      case "growth":
        this.post({ kind: "growth", model, turn, growth: await this.link.growth(uri, model) }, page);
        return;
      case "advice":
        this.post({ kind: "advice", model, turn, ...(await this.link.advice(uri, model)) }, page);
        return;
      case "whatIf":
        this.post({ kind: "whatIf", model, turn, ...(await this.link.whatIf(uri, model, message.apply)) }, page);
    }
  }
}

function tell(text: string): void {
  void vscode.window.showInformationMessage(`Assay: ${text}`);
}

function nameOf(uri: string): string {
  return decodeURIComponent(uri.split("/").at(-1) ?? uri);
}

/** In the editor group where the code is, not over a report's tab. */
async function showDocument(uri: string, options: vscode.TextDocumentShowOptions): Promise<void> {
  const [beside] = vscode.window.visibleTextEditors;
  const viewColumn = vscode.window.activeTextEditor?.viewColumn ?? beside?.viewColumn ?? vscode.ViewColumn.One;
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { viewColumn, ...options });
}
