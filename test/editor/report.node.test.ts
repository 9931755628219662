/** The report's commands in the extension host: the editor tab, the sample, a budget that holds. */
import * as vscode from "vscode";
import { assert, equal } from "./assert.ts";

interface Exports {
  report(): { model: string } | undefined;
}

const folder = () => vscode.workspace.workspaceFolders![0]!.uri;

async function eventually<Found>(
  find: () => Promise<Found | undefined> | Found | undefined,
  what: string,
): Promise<Found> {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it did not come: ${what}`);
}

const assay = async () => (await vscode.extensions.getExtension<Exports>("assay.assay")!.activate()) as Exports;

async function show(name: string): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder(), name));
}

describe("The report", () => {
  it("opens in an editor tab, once", async () => {
    await show("gpt.py");
    const api = await assay();
    await eventually(() => api.report()?.model === "GPT", "the report of gpt.py");
    const tabs = () =>
      vscode.window.tabGroups.all.flatMap((group) =>
        group.tabs.filter(
          ({ input }) => input instanceof vscode.TabInputWebview && /assay\.reportPanel/.test(input.viewType),
        ),
      );
    await vscode.commands.executeCommand("assay.openReportInEditor");
    const [tab] = await eventually(() => (tabs().length > 0 ? tabs() : undefined), "the tab");
    equal(tab?.label, "Assay: GPT");
    await vscode.commands.executeCommand("assay.openReportInEditor");
    equal(tabs().length, 1);
    await vscode.window.tabGroups.close(tabs());
  });

  it("follows a sample that belongs to no file", async () => {
    await vscode.commands.executeCommand("assay.openSample");
    equal(vscode.window.activeTextEditor?.document.isUntitled, true);
    const api = await assay();
    await eventually(() => api.report()?.model === "GPT", "the report of the sample");
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("writes a budget that the model keeps", async () => {
    const file = vscode.Uri.joinPath(folder(), "assay.json");
    await show("model.py");
    const api = await assay();
    await eventually(() => api.report()?.model === "Classifier", "the report of model.py");
    try {
      await vscode.commands.executeCommand("assay.setBudget");
      const written = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
      const { budgets } = JSON.parse(written) as {
        budgets: { file: string; model: string; limits: Record<string, string> }[];
      };
      assert(budgets.length === 1 && budgets[0]?.file === "model.py" && budgets[0].model === "Classifier", written);
      assert(Object.keys(budgets[0].limits).join() === "params,peak", written);
      // What is wrong with the file would stand in the Problems panel.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const problems = [file, vscode.Uri.joinPath(folder(), "model.py")].flatMap((one) =>
        vscode.languages.getDiagnostics(one).filter(({ source, severity }) => source === "assay" && severity < 2),
      );
      equal(problems.map(({ message }) => message).join("\n"), "");
    } finally {
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await vscode.workspace.fs.delete(file);
    }
  });
});
