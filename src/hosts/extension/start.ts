/** The client in either host: it starts the server, follows the editor, and shows status and report. */
import * as vscode from "vscode";
import type { BaseLanguageClient, LanguageClientOptions } from "vscode-languageclient";
import type { ReportView } from "../../surfaces/report.ts";
import { statusText } from "../../surfaces/status.ts";
import {
  finishedNoticeSchema,
  messages,
  type StatusNotice,
  statusNoticeSchema,
  watchNoticeSchema,
} from "../messages.ts";
import { serveCode } from "./code.ts";
import { registerCommands } from "./commands.ts";
import { followCommit } from "./commit.ts";
import { registerExports } from "./exporting.ts";
import { followInterpreter } from "./interpreter.ts";
import { type Connect, Link } from "./link.ts";
import { servePages } from "./pages.ts";
import { ReportPages } from "./reportPages.ts";
import { Watching } from "./watching.ts";
import { serveWhatIf } from "./whatIf.ts";

/** What differs between the hosts. */
export interface Host {
  readonly connect: (options: LanguageClientOptions) => Promise<BaseLanguageClient>;
  /** Whether the server must be told which files there are. */
  readonly listFiles: boolean;
}

/** What the extension gives to those who ask for its exports; the tests look through it. */
export interface Assay {
  /** The status bar's text. */
  status(): string;
  /** What the sidebar shows or would show. */
  report(): ReportView | undefined;
}

export async function start(context: vscode.ExtensionContext, host: Host): Promise<Assay> {
  const watching = new Watching(context.workspaceState);
  const connect: Connect = host.connect;
  const link = new Link(connect, host.listFiles, watching);
  const bar = vscode.window.createStatusBarItem("assay.scenario", vscode.StatusBarAlignment.Right, 100);
  bar.name = "Assay: Scenario";
  bar.command = "assay.changeScenario";
  const whatIf = serveWhatIf(link);
  const code = serveCode(link);
  const pages = new ReportPages(context.extensionUri, watching, link);
  let status: StatusNotice | undefined;
  let report: ReportView | undefined;
  let asked = 0;

  /** Shows the watched model as it is now; an answer that a newer question has overtaken is dropped. */
  const show = async () => {
    const mine = ++asked;
    const subject = watching.subject;
    const fresh = subject && (await link.report(subject.uri, subject.model));
    if (mine !== asked) return;
    report = fresh ?? undefined;
    showStatus();
    pages.show(report, status);
  };
  const showStatus = () => {
    if (!status) return;
    const pinned = watching.pinned !== undefined;
    const model = report && { name: report.model, pinned, uses: report.uses, summary: report.summary };
    const analysing = status.analysing.length > 0;
    const { text, tooltip } = statusText({ ...status, model, analysing });
    bar.text = text;
    bar.tooltip = new vscode.MarkdownString(tooltip);
    if (watching.subject) bar.show();
    else bar.hide();
  };

  link.onClient((client) => {
    client.onNotification(messages.status, (params: unknown) => {
      const notice = statusNoticeSchema.safeParse(params);
      if (!notice.success) return;
      const problems = notice.data.problems.filter((problem) => !status?.problems.includes(problem));
      status = notice.data;
      showStatus();
      const uri = watching.subject?.uri;
      if (uri !== undefined) pages.busy(uri, status.analysing.includes(uri));
      if (problems.length > 0) void vscode.window.showWarningMessage(`Assay: ${problems.join(" ")}`);
    });
    client.onNotification(messages.finished, (params: unknown) => {
      const notice = finishedNoticeSchema.safeParse(params);
      if (!notice.success) return;
      if (notice.data.uri === watching.subject?.uri) void show();
      whatIf.finished(notice.data.uri);
      code.changed(notice.data.uri);
    });
  });
  context.subscriptions.push(
    bar,
    { dispose: () => void link.stop() },
    ...pages.register(),
    vscode.window.onDidChangeActiveTextEditor(() => watching.follow()),
    watching.onChange(() => {
      const uris = watching.pinned ? [watching.pinned.uri] : [];
      link.tell(messages.watch, watchNoticeSchema.parse({ uris }));
      void vscode.commands.executeCommand("setContext", "assay.pinned", uris.length > 0);
      void show();
    }),
    ...servePages(link),
    ...registerExports({ watching, link, report: () => report }),
    followCommit(link),
    ...whatIf.parts,
    ...code.parts,
    ...registerCommands({
      watching,
      link,
      pages,
      extension: context.extensionUri,
      status: () => status,
      report: () => report,
    }),
  );
  await link.start();
  if (!host.listFiles) followInterpreter(context, link);
  watching.follow();
  if (watching.pinned) link.tell(messages.watch, { uris: [watching.pinned.uri] });
  return { status: () => bar.text, report: () => report };
}
