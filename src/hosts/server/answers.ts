/** The surfaces' plain data as the language server protocol's, in the lines of the text as it stands now. */
import {
  type CodeAction,
  type CodeActionContext,
  CodeActionKind,
  type CodeLens,
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic,
  DiagnosticSeverity,
  type Hover,
  type InitializeResult,
  type InlayHint,
  InlayHintKind,
  type Position,
  type Range,
  TextDocumentSyncKind,
  type WorkspaceEdit,
} from "vscode-languageserver";
import type { Span } from "../../base/place.ts";
import type { ProjectProblem } from "../../configs/project/read.ts";
import type { FileReport, Finding, Fix } from "../../cost/report.ts";
import { actions, findingsOn } from "../../surfaces/actions.ts";
import { sinceText } from "../../surfaces/change.ts";
import { configSummary } from "../../surfaces/configLens.ts";
import { findings, findingText } from "../../surfaces/diagnostics.ts";
import { commentFixes, completions } from "../../surfaces/directives.ts";
import { fixAll } from "../../surfaces/fixAll.ts";
import { hints } from "../../surfaces/hints.ts";
import { hover } from "../../surfaces/hover.ts";
import { lenses } from "../../surfaces/lens.ts";
import { type Shift, shifted } from "../../surfaces/shifting.ts";
import { silencingFix } from "../../surfaces/silencing.ts";
import type { View } from "../../surfaces/view.ts";
import { pageUri } from "../messages.ts";
import { uriOf } from "../paths.ts";
import type { OpenFile, Workspace } from "./workspace.ts";

/** Every exact rewrite of a file at once, on saving where the person asks for that. */
const fixAllKind = `${CodeActionKind.SourceFixAll}.assay`;

/** What the server can be asked for. */
export const capabilities: InitializeResult = {
  capabilities: {
    textDocumentSync: TextDocumentSyncKind.Incremental,
    hoverProvider: true,
    codeLensProvider: {},
    inlayHintProvider: true,
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, fixAllKind],
    },
    completionProvider: { triggerCharacters: [":", "(", "[", " ", '"'] },
  },
};

type Last = NonNullable<ReturnType<Workspace["last"]>>;

/** The hover at a position; nothing on a line that has changed since the last report. */
export function hoverAt(last: Last, line: number, column: number, view: View): Hover | null {
  const before = last.shift.back(line);
  if (before === undefined) return null;
  const found = hover(last.report, last.text, before, column, view);
  if (!found) return null;
  const value = `${found.markdown}\n\n${commands(last.file.uri, found.model)}`;
  const range = now(found.span, last.shift);
  return { contents: { kind: "markdown", value }, ...(range && { range }) };
}

/** Links that the client lets run, since it names these commands as trusted. */
function commands(uri: string, model: string): string {
  const words = encodeURIComponent(JSON.stringify([uri, model]));
  return `[Report](command:assay.openReport?${words}) · [Pin](command:assay.pinModel?${words})`;
}

/** The lines over a file's models, a config's as soon as its totals are known. */
export function lensesOf(workspace: Workspace, uri: string): CodeLens[] {
  const last = workspace.last(uri);
  const file = workspace.files.get(uri);
  const totals = file && workspace.configs.of(file.path, file.text);
  if (file && totals) return configLens(file, totals, last, workspace.view());
  return last ? codeLenses(last, workspace.view()) : [];
}

function codeLenses({ report, shift, file, changes }: Last, view: View): CodeLens[] {
  const since = (name: string) => {
    const change = changes?.models.find((one) => one.name === name);
    return change && changes ? sinceText(change, changes.since, view.units) : "";
  };
  return lenses(report, view, since).flatMap(({ at, title, model }) => {
    const range = now(at, shift);
    return range ? [{ range, command: { title, command: "assay.openReport", arguments: [file.uri, model] } }] : [];
  });
}

/** The line over a config whose totals are known of its text as it stands now, also where its report is not yet made. */
function configLens(
  { uri, text }: OpenFile,
  { totals, batch }: NonNullable<ReturnType<Workspace["configs"]["of"]>>,
  last: Last | undefined,
  view: View,
): CodeLens[] {
  const { name } = totals;
  const change = last?.text === text ? last.changes?.models.find((one) => one.name === name) : undefined;
  const since = change && last?.changes ? sinceText(change, last.changes.since, view.units) : "";
  const title = [configSummary(totals, view, batch), since, "report"].filter((fact) => fact !== "").join(" · ");
  const start = { line: 0, character: 0 };
  const command = { title, command: "assay.openReport", arguments: [uri, name] };
  return [{ range: { start, end: { line: 0, character: 1 } }, command }];
}

export function inlayHints({ report, shift }: Last, { start, end }: Range): InlayHint[] {
  return hints(report).flatMap(({ line, column, text, tooltip }) => {
    const at = shift.forward(line);
    if (at === undefined || at < start.line || at > end.line) return [];
    const kind = InlayHintKind.Type;
    return [
      {
        position: { line: at, character: column },
        label: text.trim(),
        kind,
        paddingLeft: true,
        tooltip: { kind: "markdown", value: tooltip },
      },
    ];
  });
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function diagnostics({ report, shift }: Last, rules: Parameters<typeof findings>[1]): Diagnostic[] {
  return findings(report, rules).flatMap((finding) => {
    const range = now(finding.at, shift);
    if (!range) return [];
    return [
      {
        range,
        severity: severities[finding.severity],
        code: finding.rule,
        codeDescription: { href: pageUri(finding.rule) },
        source: "assay",
        message: findingText(finding),
      },
    ];
  });
}

/** What is wrong with a project's file, on its lines. */
export function projectDiagnostics(problems: readonly ProjectProblem[]): Diagnostic[] {
  return problems.map(({ span: { line, column, endLine, endColumn }, text, severity }) => ({
    range: { start: { line, character: column }, end: { line: endLine, character: endColumn } },
    severity: severities[severity ?? "warning"],
    source: "assay",
    message: text,
  }));
}

/** Quick fixes for a selection. One whose text has changed since is not offered: its edits may not fit. */
export function codeActions(
  last: Last,
  range: Range,
  { diagnostics: given, only }: Pick<CodeActionContext, "diagnostics" | "only">,
  rules: Parameters<typeof findings>[1],
): CodeAction[] {
  const { report, shift, file } = last;
  const from = shift.back(range.start.line);
  const to = shift.back(range.end.line);
  if (from === undefined || to === undefined) return [];
  const selection = { line: from, column: range.start.character, endLine: to, endColumn: range.end.character };
  const action = (fix: Fix, more: Partial<CodeAction>): CodeAction[] => {
    const edits = fix.edits.map(({ span, text }) => ({ range: now(span, shift), newText: text }));
    if (edits.some((edit) => edit.range === undefined)) return [];
    return [
      { title: fix.title, edit: workspaceEdit(file.uri, edits as { range: Range; newText: string }[], fix), ...more },
    ];
  };
  const about = (finding: Finding) => given.filter(({ code, source }) => source === "assay" && code === finding.rule);
  const wants = (kind: string) => !only || only.some((one) => kind === one || kind.startsWith(`${one}.`));
  const all = wants(fixAllKind) ? fixAll(report, rules) : undefined;
  return [
    ...actions(report, selection, rules).flatMap(({ finding, fix, preferred }) =>
      action(fix, { kind: CodeActionKind.QuickFix, isPreferred: preferred, diagnostics: about(finding) }),
    ),
    ...findingsOn(report, selection, rules).flatMap((finding) => {
      const fix = silencingFix(report, last.text, finding);
      return fix ? action(fix, { kind: CodeActionKind.QuickFix, diagnostics: about(finding) }) : [];
    }),
    ...commentFixes(report, selection).flatMap((fix) => action(fix, { kind: CodeActionKind.RefactorRewrite })),
    ...(all && all.edits.length > 0
      ? action(
          {
            title: all.fixed.length === 1 ? "Apply Assay's exact fix" : `Apply Assay's ${all.fixed.length} exact fixes`,
            edits: all.edits,
          },
          { kind: fixAllKind },
        )
      : []),
  ].filter(({ kind }) => wants(kind as string));
}

/** What completes an `# assay:` comment at a position of the text as it stands now. */
export function completionsAt(report: FileReport | undefined, text: string, position: Position): CompletionItem[] {
  const line = text.split("\n")[position.line] ?? "";
  const start = /^.*?#\s*assay:\s*/.exec(line)?.[0].length ?? 0;
  return completions(report, line, position.character, position.line).map(({ label, insert, replaces, detail }) => ({
    label,
    detail,
    kind: CompletionItemKind.Snippet,
    textEdit: {
      range: {
        start: { line: position.line, character: replaces === "all" ? start : position.character },
        end: position,
      },
      newText: insert,
    },
    // What was typed so far must not filter out what replaces it.
    filterText: replaces === "all" ? line.slice(start, position.character) || label : label,
  }));
}

/** The edits of the file, and the file that a fix makes where there is none of its name. */
function workspaceEdit(uri: string, edits: { range: Range; newText: string }[], { creates }: Fix): WorkspaceEdit {
  if (!creates) return { changes: { [uri]: edits } };
  const made = uriOf(creates.path);
  const start = { line: 0, character: 0 };
  return {
    documentChanges: [
      { kind: "create", uri: made, options: { ignoreIfExists: true } },
      { textDocument: { uri: made, version: null }, edits: [{ range: { start, end: start }, newText: creates.text }] },
      ...(edits.length > 0 ? [{ textDocument: { uri, version: null }, edits }] : []),
    ],
  };
}

function now(span: Span, shift: Shift): Range | undefined {
  const moved = shifted(span, shift);
  if (!moved) return undefined;
  const { line, column, endLine, endColumn } = moved;
  return { start: { line, character: column }, end: { line: endLine, character: endColumn } };
}
