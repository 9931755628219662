/** Commands that take a report elsewhere: to a file, to the clipboard, or beside another model. */
import * as vscode from "vscode";
import type { ReportView } from "../../surfaces/report.ts";
import type { ExportFormat } from "../messages.ts";
import type { Link } from "./link.ts";
import { modelFiles } from "./modelFiles.ts";
import type { Watching } from "./watching.ts";

interface Shown {
  readonly watching: Watching;
  readonly link: Link;
  readonly report: () => ReportView | undefined;
}

const formats: readonly (vscode.QuickPickItem & { format: ExportFormat; language: string })[] = [
  { label: "Markdown", description: "for a page or a pull request", format: "markdown", language: "markdown" },
  { label: "CSV", description: "every layer a row, every figure a number", format: "csv", language: "csv" },
  { label: "JSON", description: "everything, for programs", format: "json", language: "json" },
];

/** The page on which two models were put side by side last. */
const comparisonScheme = "assay-comparison";

export function registerExports(parts: Shown): vscode.Disposable[] {
  const { link } = parts;
  const pages = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  return [
    changed,
    vscode.workspace.registerTextDocumentContentProvider(comparisonScheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: ({ path }) => pages.get(path) ?? "",
    }),
    vscode.commands.registerCommand("assay.exportReport", (format: unknown) => exportReport(parts, format)),
    vscode.commands.registerCommand("assay.copyAsTable", async () => {
      const text = await textOf(parts, "tsv");
      if (text === undefined) return;
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage("Assay: the layers are on the clipboard.", 3000);
    }),
    vscode.commands.registerCommand("assay.compareModels", async () => {
      const sides = await pickTwo(parts);
      if (!sides) return;
      const path = `/${sides.map(({ name }) => name.replaceAll(/[^\w.-]/g, "_")).join(" and ")}.md`;
      const [first, second] = sides;
      pages.set(
        path,
        await link.comparison([
          { uri: first.uri, model: first.model },
          { uri: second.uri, model: second.model },
        ]),
      );
      const uri = vscode.Uri.from({ scheme: comparisonScheme, path });
      changed.fire(uri);
      await vscode.commands.executeCommand("markdown.showPreview", uri);
    }),
  ];
}

/** Opens the report as a new document, which the person saves where they like. */
async function exportReport(parts: Shown, asked: unknown): Promise<void> {
  const picked =
    formats.find(({ format }) => format === asked) ??
    (await vscode.window.showQuickPick(formats, {
      title: "Assay: Export Report",
      placeHolder: "The form of the report",
    }));
  const content = picked && (await textOf(parts, picked.format));
  if (content === undefined) return;
  const languages = await vscode.languages.getLanguages();
  const language = picked && languages.includes(picked.language) ? picked.language : "plaintext";
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
}

async function textOf({ watching, link, report }: Shown, format: ExportFormat): Promise<string | undefined> {
  const uri = watching.subject?.uri;
  const text = uri === undefined ? undefined : await link.exported(uri, report()?.model, format);
  if (text === undefined) void vscode.window.showInformationMessage("Assay: open a file that holds a model.");
  return text;
}

interface Side {
  readonly name: string;
  readonly uri: string;
  readonly model?: string | undefined;
}

/** Two models that the person picks: of the open file by name, of others the file's first. */
async function pickTwo({ watching, link, report }: Shown): Promise<readonly [Side, Side] | undefined> {
  const uri = watching.subject?.uri;
  const { models } = uri === undefined ? { models: [] } : await link.models(uri);
  const shown = report()?.model;
  const here = models.map(({ name, summary }) => ({
    label: name,
    detail: summary,
    side: { name, uri: uri ?? "", model: name },
  }));
  const others = (await modelFiles())
    .filter((file) => file.uri !== uri)
    .map(({ uri: other, name }) => ({ label: name, detail: "", side: { name, uri: other } }));
  const items: { label: string; detail: string; side: Side }[] = [
    ...here.sort((a, b) => Number(b.label === shown) - Number(a.label === shown)),
    ...others,
  ];
  const title = "Assay: Compare Models";
  const first = await vscode.window.showQuickPick(items, { title, placeHolder: "The first model" });
  if (!first) return undefined;
  const rest = items.filter((item) => item !== first);
  const second = await vscode.window.showQuickPick(rest, { title, placeHolder: `What to put beside ${first.label}` });
  return second && [first.side, second.side];
}
