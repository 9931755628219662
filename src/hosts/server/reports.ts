/** What the client asks of a file's report beyond the language server protocol. */
import type { FileReport, Finding } from "../../cost/report.ts";
import { innerClasses, summary } from "../../surfaces/lens.ts";
import { type ReportView, reportView } from "../../surfaces/report.ts";
import type { View } from "../../surfaces/view.ts";
import type { ModelsResult } from "../messages.ts";

/** The models of a file that can be watched, the whole ones before those that are part of another. */
export function modelsOf(report: FileReport | undefined, view: View): ModelsResult {
  if (!report) return { analysed: false, models: [] };
  const inner = new Set(innerClasses(report).map(({ at }) => at.line));
  const models = report.models.map((model) => ({
    name: model.name,
    line: model.at.line,
    summary: summary(model, view),
    uses: model.uses,
    inner: model.at.path === report.path && inner.has(model.at.line),
  }));
  return { analysed: true, models: models.sort((a, b) => Number(a.inner) - Number(b.inner) || a.line - b.line) };
}

/** The account of the model of that name, or of the file's first. */
export function reportOf(
  report: FileReport | undefined,
  name: string | undefined,
  view: View,
  rules: Readonly<Record<string, Finding["severity"] | "off">>,
): ReportView | null {
  const [first] = modelsOf(report, view).models;
  const model = report?.models.find((one) => one.name === (name ?? first?.name));
  return report && model ? reportView(report, model, view, rules) : null;
}
