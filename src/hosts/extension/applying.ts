/** Edits that the report's page asks for: a finding's quick fix, a technique's edit, a sample to begin with. */
import * as vscode from "vscode";
import type { Place } from "../../base/place.ts";
import type { Fix } from "../../cost/report.ts";
import { uriOf } from "../paths.ts";

/** Applies the quick fix of that title at a place, as the editor's own menu would; false where it is not offered any more. */
export async function applyQuickFix(place: Place, title: string): Promise<boolean> {
  const uri = vscode.Uri.parse(uriOf(place.path));
  const document = await vscode.workspace.openTextDocument(uri);
  const range = new vscode.Range(place.line, place.column, place.endLine, place.endColumn);
  // The finding may have moved since: its diagnostic knows where it is.
  const ranges = [range, ...vscode.languages.getDiagnostics(uri).map((one) => one.range)];
  for (const where of ranges) {
    const offered = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      uri,
      where,
      vscode.CodeActionKind.QuickFix.value,
    );
    const action = offered?.find((one) => one.title === title);
    if (!action?.edit) continue;
    await vscode.window.showTextDocument(document, { preserveFocus: true });
    return vscode.workspace.applyEdit(action.edit);
  }
  return false;
}

/** Applies a technique's edit to a file, and makes the file that it asks for where there is none of that name. */
export async function applyTechnique(uri: string, fix: Fix): Promise<boolean> {
  const target = vscode.Uri.parse(uri);
  const edit = new vscode.WorkspaceEdit();
  if (fix.creates) {
    const made = vscode.Uri.parse(uriOf(fix.creates.path));
    edit.createFile(made, { ignoreIfExists: true });
    edit.insert(made, new vscode.Position(0, 0), fix.creates.text);
  }
  for (const { span, text } of fix.edits)
    edit.replace(target, new vscode.Range(span.line, span.column, span.endLine, span.endColumn), text);
  await vscode.window.showTextDocument(target, { preserveFocus: true });
  return vscode.workspace.applyEdit(edit);
}

/** Opens a copy of the sample model, which belongs to no file until it is saved. */
export async function openSample(extension: vscode.Uri): Promise<void> {
  const file = vscode.Uri.joinPath(extension, "media", "sample", "gpt.py");
  const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  const document = await vscode.workspace.openTextDocument({ language: "python", content });
  await vscode.window.showTextDocument(document);
}
