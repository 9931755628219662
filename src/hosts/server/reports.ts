/** What the client asks of a file's report beyond the language server protocol. */
import type { Connection } from "vscode-languageserver";
import { explanation } from "../../advice/explain.ts";
import type { FileReport, Finding, ModelReport } from "../../cost/report.ts";
import { withChange } from "../../surfaces/change.ts";
import { comparison, comparisonMarkdown } from "../../surfaces/comparison.ts";
import { csv, layerTable, tsv } from "../../surfaces/csv.ts";
import { innerClasses, summary } from "../../surfaces/lens.ts";
import { type ReportView, reportView } from "../../surfaces/report.ts";
import type { View } from "../../surfaces/view.ts";
import { printJson } from "../cli/json.ts";
import { printMarkdown } from "../cli/markdown.ts";
import * as wire from "../messages.ts";
import { pathOf } from "../paths.ts";
import { languageOf } from "../scripts.ts";
import { kindOf } from "./documents.ts";
import type { Guarded } from "./techniques.ts";
import type { Workspace } from "./workspace.ts";

/** Answers the requests. `readText` gives the text of a file that no editor shows. */
export function serveReports(
  connection: Connection,
  workspace: Workspace,
  readText: (uri: string) => Promise<string | undefined>,
  guarded: Guarded,
): void {
  const rules = () => workspace.settings.rules;
  connection.onRequest(
    wire.messages.models,
    guarded({ analysed: false, models: [] }, (params: unknown) => {
      const { uri } = wire.modelsRequestSchema.parse(params);
      return modelsOf(workspace.last(uri)?.report, workspace.view());
    }),
  );
  connection.onRequest(
    wire.messages.report,
    guarded(null, (params: unknown) => {
      const { uri, model } = wire.reportRequestSchema.parse(params);
      return reportOf(workspace.last(uri), model, workspace.view(), rules());
    }),
  );
  connection.onRequest(
    wire.messages.explain,
    guarded({ markdown: "" }, (params: unknown) => {
      const found = explanation(wire.explainRequestSchema.parse(params).id);
      return { markdown: "markdown" in found ? found.markdown : `${found.reason}.` };
    }),
  );
  connection.onRequest(
    wire.messages.export,
    guarded(null, (params: unknown) => {
      const { uri, model: name, format } = wire.exportRequestSchema.parse(params);
      const report = workspace.last(uri)?.report;
      const model = modelNamed(report, name, workspace.view());
      return report && model ? { text: exported(report, model, format, workspace.view()) } : null;
    }),
  );
  connection.onRequest(
    wire.messages.compare,
    guarded({ markdown: "" }, async (params: unknown) => {
      const { sides } = wire.compareRequestSchema.parse(params);
      const [first, second] = await Promise.all(sides.map(sideOf));
      if (!first || !second) return { markdown: "One of the two holds no model that can be weighed.\n" };
      return { markdown: comparisonMarkdown(comparison(first, second, workspace.view())) };
    }),
  );
  connection.onNotification(
    wire.messages.base,
    guarded(undefined, (params: unknown) => {
      const { name, files } = wire.baseNoticeSchema.parse(params);
      const texts = new Map(files.map(({ uri, text }) => [pathOf(uri), text]));
      workspace.compareWith(name === undefined ? undefined : { name, texts });
    }),
  );

  /** A model of a file that is analysed, or of any other, which is weighed now. */
  async function sideOf({ uri, model }: { uri: string; model?: string | undefined }): Promise<ModelReport | undefined> {
    const last = workspace.last(uri);
    if (last) return modelNamed(last.report, model, workspace.view());
    const text = await readText(uri);
    const kind = text === undefined ? undefined : kindOf(uri, languageOf(uri), text);
    if (text === undefined || !kind) return undefined;
    return modelNamed(await workspace.weighed(uri, text, kind), model, workspace.view());
  }
}

function exported(report: FileReport, model: ModelReport, format: wire.ExportFormat, view: View): string {
  switch (format) {
    case "markdown":
      return printMarkdown(
        { ...report, models: [model] },
        { model: model.name, depth: undefined, explain: true },
        view,
      );
    case "json":
      return printJson(report, [model], view);
    case "csv":
      return csv(layerTable(model, view));
    case "tsv":
      return tsv(layerTable(model, view));
  }
}

/** The models of a file that can be watched, the whole ones before those that are part of another. */
export function modelsOf(report: FileReport | undefined, view: View): wire.ModelsResult {
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
  last: Pick<NonNullable<ReturnType<Workspace["last"]>>, "report" | "changes"> | undefined,
  name: string | undefined,
  view: View,
  rules: Readonly<Record<string, Finding["severity"] | "off">>,
): ReportView | null {
  const model = modelNamed(last?.report, name, view);
  if (!last || !model) return null;
  const shown = reportView(last.report, model, view, rules);
  const change = last.changes?.models.find((one) => one.name === model.name);
  return change && last.changes ? withChange(shown, change, last.changes.since, view) : shown;
}

function modelNamed(report: FileReport | undefined, name: string | undefined, view: View): ModelReport | undefined {
  const [first] = modelsOf(report, view).models;
  return report?.models.find((one) => one.name === (name ?? first?.name));
}
