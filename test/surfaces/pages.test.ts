import assert from "node:assert/strict";
import type { FileReport } from "../../src/cost/report.ts";
import { actions } from "../../src/surfaces/actions.ts";
import { findings, findingText } from "../../src/surfaces/diagnostics.ts";
import { hints } from "../../src/surfaces/hints.ts";
import { hover } from "../../src/surfaces/hover.ts";
import { lenses } from "../../src/surfaces/lens.ts";
import type { ReportRow } from "../../src/surfaces/pictures/rows.ts";
import { reportView } from "../../src/surfaces/report.ts";
import type { View } from "../../src/surfaces/view.ts";
import { type Example, type Outcome, pages } from "../support/page.ts";
import { analysed } from "./workspace.ts";

pages("test/surfaces", (example) => {
  const { report, text, view } = analysed(example);
  const snapshots: Record<string, string> = {};
  for (const kind of Object.keys(example.snapshots)) snapshots[kind] = shown[kind]!(report, text, view, example);
  const found = findings(report).map((finding) => ({
    line: finding.at.line,
    severity: finding.severity === "information" ? ("hint" as const) : finding.severity,
    rule: finding.rule,
    message: findingText(finding),
  }));
  return { values: new Map(), findings: found, snapshots } satisfies Outcome;
});

type Show = (report: FileReport, text: string, view: View, example: Example) => string;

const shown: Record<string, Show> = {
  hover(report, text, view, { cursor }) {
    assert(cursor, "a hover needs a cursor");
    return hover(report, text, cursor.line, cursor.column, view)?.markdown ?? "nothing";
  },

  lens: (report, text, view) =>
    withLines(
      text,
      lenses(report, view).map(({ at, title }) => ({ line: at.line, title })),
    ),

  hints(report, text) {
    const lines = text.split("\n");
    for (const hint of hints(report)) lines[hint.line] = inserted(lines[hint.line]!, hint.column, hint.text);
    return lines.join("\n");
  },

  after(report, text, _view, { cursor }) {
    assert(cursor, "a fix needs a cursor");
    const selection = { ...cursor, endLine: cursor.line, endColumn: cursor.column };
    const [first] = actions(report, selection);
    assert(first, "no fix is offered here");
    const lines = text.split("\n");
    for (const { span, text: put } of [...first.fix.edits].sort(
      (a, b) => b.span.line - a.span.line || b.span.column - a.span.column,
    )) {
      const changed = lines[span.line]!.slice(0, span.column) + put + lines[span.endLine]!.slice(span.endColumn);
      lines.splice(span.line, span.endLine - span.line + 1, ...changed.split("\n"));
    }
    return lines.join("\n");
  },

  report(file, _text, view) {
    const [model] = file.models;
    assert(model, "no model to report on");
    const report = reportView(file, model, view);
    return [
      `${report.model} · ${report.exact ? "exact" : "incomplete"} · ${report.evidence.text}`,
      ...report.totals.map(({ label, text, note }) => `${label}: ${text} (${note})`),
      `Memory: ${report.memory.terms.map(({ label, text }) => `${label} ${text}`).join(", ")}`,
      ...rowLines(report.root, 0),
      ...report.findings.map(({ rule, text, where }) => `finding ${rule}: ${text} ${where}`),
      ...report.unknowns.map(({ text, where }) => `unknown: ${text} ${where}`),
      ...report.assumptions.map(({ text, where }) => `assumed: ${text} ${where}`),
    ].join("\n");
  },
};

function rowLines(row: ReportRow, depth: number): string[] {
  const name = "  ".repeat(depth) + row.name + (row.count > 1 ? `  ${row.count} ×` : "");
  const figures = [row.params.text, row.flops.text, row.memory.text].map((text) => text.padStart(9)).join("");
  const line = `${name.padEnd(18)} ${row.className.padEnd(14)}${figures}  ${row.shapes}`;
  return [line.trimEnd(), ...row.children.flatMap((child) => rowLines(child, depth + 1))];
}

function withLines(text: string, added: { line: number; title: string }[]): string {
  return text
    .split("\n")
    .flatMap((line, at) => [...added.filter((one) => one.line === at).map(({ title }) => `# ${title}`), line])
    .join("\n");
}

function inserted(line: string, column: number, text: string): string {
  return line.slice(0, column) + text + line.slice(column);
}
