/** A budget for the watched model in the workspace's `assay.json`: written where there is none, ready to be edited. */
import * as vscode from "vscode";
import type { ReportView } from "../../surfaces/report.ts";

/** Opens the project's file with limits a tenth above what the model costs now; an entry that is there already is shown. */
export async function setBudget(uri: string | undefined, report: ReportView | undefined): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) return void vscode.window.showInformationMessage("Assay: open a folder, which keeps its assay.json.");
  if (uri === undefined || !report || uri.startsWith("untitled:"))
    return void vscode.window.showInformationMessage("Assay: open a model of this folder to set its budget.");
  const file = vscode.Uri.joinPath(folder.uri, "assay.json");
  const edit = new vscode.WorkspaceEdit();
  const before = await textOf(file);
  const entry = entryFor(vscode.workspace.asRelativePath(vscode.Uri.parse(uri), false), report);
  if (before === undefined) {
    edit.createFile(file, { contents: new TextEncoder().encode(`{\n  "budgets": [\n${entry}\n  ]\n}\n`) });
    await vscode.workspace.applyEdit(edit);
  }
  const document = await vscode.workspace.openTextDocument(file);
  const text = document.getText();
  if (before !== undefined && !text.includes(`"${report.model}"`)) {
    const list = /"budgets"\s*:\s*\[/.exec(text);
    const at = document.positionAt(list ? list.index + list[0].length : text.indexOf("{") + 1);
    const isLast = list ? /^\s*\]/.test(text.slice(list.index + list[0].length)) : /^\s*\}/.test(text.slice(1));
    edit.insert(
      file,
      at,
      list ? `\n${entry}${isLast ? "" : ","}` : `\n  "budgets": [\n${entry}\n  ]${isLast ? "\n" : ","}`,
    );
    await vscode.workspace.applyEdit(edit);
  }
  const start = Math.max(0, document.getText().indexOf('"limits"'));
  await vscode.window.showTextDocument(document, {
    selection: new vscode.Range(document.positionAt(start), document.positionAt(start)),
  });
}

async function textOf(file: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return undefined;
  }
}

/** One entry of `budgets`, as deep as it stands in the file. */
function entryFor(file: string, { model, root, timeline, scenario, uses }: ReportView): string {
  const { device, phase, batch, sequence, dtype } = scenario;
  const limits = {
    ...(root.params.value !== undefined && { params: amount(root.params.value, "") }),
    ...(timeline && { peak: amount(timeline.peak.bytes, "B") }),
  };
  // A budget is weighed for what it says itself, never for what this person's settings say.
  const stated = { device, phase, batch, ...(uses.sequence && { sequence }), dtype };
  return JSON.stringify({ file, model, scenario: stated, limits }, null, 2)
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}

/** A tenth more, in three digits: `137M`, `845MB`. */
function amount(value: number, unit: string): string {
  const step = Math.min(4, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const prefix = (unit === "" ? ["", "K", "M", "B", "T"] : ["", "k", "M", "G", "T"])[step];
  return `${Number(((1.1 * value) / 1000 ** step).toPrecision(3))}${prefix}${unit}`;
}
