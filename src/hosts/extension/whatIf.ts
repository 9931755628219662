/** `Assay: What if…`: techniques on the model under the cursor, before and after on a page beside it. */
import * as vscode from "vscode";
import { whatIfMarkdown } from "../../surfaces/whatIf.ts";
import { type WhatIfRequest, whatIfCommandSchema, whatIfRequestSchema, whatIfScheme } from "../messages.ts";
import { applyTechnique } from "./applying.ts";
import type { Link } from "./link.ts";
import { pickTechniques } from "./whatIfPick.ts";

export interface WhatIf {
  readonly parts: readonly vscode.Disposable[];
  /** A file has a new report: its pages are written anew. */
  finished(uri: string): void;
}

/** The command, and the pages that it opens. */
export function serveWhatIf(link: Link): WhatIf {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const pages = new Map<string, WhatIfRequest>();
  const parts = [
    changed,
    vscode.workspace.registerTextDocumentContentProvider(whatIfScheme, {
      onDidChange: changed.event,
      async provideTextDocumentContent(page) {
        const asked = whatIfRequestSchema.safeParse(JSON.parse(page.query));
        if (!asked.success) return "This page names no model.";
        pages.set(page.toString(), asked.data);
        const view = await link.whatIfView(asked.data);
        return view ? whatIfMarkdown(view) : "The model is being weighed, or cannot be run.";
      },
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => pages.delete(uri.toString())),
    vscode.commands.registerCommand("assay.whatIf", (...words) => askWhatIf(link, words)),
  ];
  const finished = (file: string) => {
    for (const [page, { uri }] of pages) if (uri === file) changed.fire(vscode.Uri.parse(page));
  };
  return { parts, finished };
}

/** The page's address, once it is shown; nothing where the person picked nothing. */
async function askWhatIf(link: Link, words: unknown[]): Promise<vscode.Uri | undefined> {
  const given = whatIfCommandSchema.safeParse(words[0]).data;
  const editor = vscode.window.activeTextEditor;
  const uri = given?.uri ?? editor?.document.uri.toString();
  if (uri === undefined) return void vscode.window.showInformationMessage("Assay: open a file that holds a model.");
  const line = given || !editor ? undefined : editor.selection.active.line;
  const which = { uri, model: given?.model, line };
  const view = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Assay: costing techniques" },
    () => link.adviceView(which),
  );
  if (!view)
    return void vscode.window.showInformationMessage(
      "Assay: no model of this file can be costed. Say in a comment how it is built and called: # assay: Net(…)(float32[B, …])",
    );
  const apply = given?.apply ?? (await pickTechniques(view));
  if (!apply) return undefined;
  const asked = { uri, model: view.model, apply: apply.map(({ id, knobs = {} }) => ({ id, knobs })) };
  const page = vscode.Uri.from({ scheme: whatIfScheme, path: `/${view.model}.md`, query: JSON.stringify(asked) });
  await vscode.commands.executeCommand("markdown.showPreviewToSide", page);
  if (!given) void offerEdits(link, asked);
  return page;
}

/** Offers to apply what can be written into the file; edits of one place exclude each other, and the first of them holds. */
async function offerEdits(link: Link, { uri, model, apply }: WhatIfRequest): Promise<void> {
  const fixes = await Promise.all(
    apply.map(async ({ id, knobs }) => ({ id, fix: await link.techniqueFix(uri, model ?? "", id, knobs) })),
  );
  const written = fixes.flatMap(({ fix }) => (fix && !("reason" in fix) ? [fix] : []));
  if (written.length === 0) return;
  const button = written.length === 1 ? "Apply the edit" : "Apply the first edit";
  const picked = await vscode.window.showInformationMessage(
    `Assay: ${written.length} of ${apply.length} can be written into the file: ${written.map(({ title }) => title).join("; ")}.`,
    button,
  );
  const [first] = written;
  if (picked === button && first) await applyTechnique(uri, first);
}
