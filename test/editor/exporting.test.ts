/** The commands that take a report elsewhere, in a real extension host. */
import * as vscode from "vscode";
import { assert, equal, match } from "./assert.ts";

const fileUri = (name: string) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);

async function eventually<Found>(find: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it did not come");
}

/** The text of the document that a command opens. */
async function opened(command: string, ...words: unknown[]): Promise<string> {
  await vscode.commands.executeCommand(command, ...words);
  const document = await eventually(() => {
    const active = vscode.window.activeTextEditor?.document;
    return active?.isUntitled && active.getText() !== "" ? active : undefined;
  });
  const text = document.getText();
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  return text;
}

describe("Assay's exports", () => {
  before(async () => {
    const document = await vscode.workspace.openTextDocument(fileUri("gpt.py"));
    await vscode.window.showTextDocument(document);
    await eventually(async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        "vscode.executeCodeLensProvider",
        document.uri,
        10,
      );
      return lenses?.some(({ command }) => /report$/.test(command?.title ?? ""));
    });
  });

  it("open the report as CSV, JSON and Markdown", async () => {
    const show = async () => vscode.window.showTextDocument(await vscode.workspace.openTextDocument(fileUri("gpt.py")));
    const lines = (await opened("assay.exportReport", "csv")).split(/\r?\n/);
    match(lines[0]!, /^layer,class,calls,params,/);
    match(lines[1]!, /^GPT,GPT,1,124439808,/);
    await show();
    const { models } = JSON.parse(await opened("assay.exportReport", "json"));
    equal(models[0].totals.params, 124_439_808);
    await show();
    const page = await opened("assay.exportReport", "markdown");
    assert(page.startsWith("# GPT\n"), page.slice(0, 80));
  });
});
