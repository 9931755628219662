/** `Assay: What if…` and the pages of findings, in a real extension host. */
import * as vscode from "vscode";
import { assert, equal, match } from "./assert.ts";

const fileUri = (name: string) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function eventually<Found>(find: () => PromiseLike<Found | undefined> | Found | undefined, what: string) {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await find();
    if (found) return found;
    await pause(100);
  }
  throw new Error(`it did not come: ${what}`);
}

async function show(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(fileUri(name));
  await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  return document;
}

/** Labels of the tabs that are open, with the kind of what they show. */
const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));

describe("Assay: What if…", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));

  const asked = { model: "GPT", apply: [{ id: "flash-attention" }, { id: "weight-only-int8" }, { id: "no-such" }] };
  /** The page for the workspace's GPT, once the model was weighed. */
  async function page(): Promise<string> {
    const { uri } = await show("gpt.py");
    const opened = await eventually(
      () => vscode.commands.executeCommand<vscode.Uri | undefined>("assay.whatIf", { uri: uri.toString(), ...asked }),
      "the page of a what-if",
    );
    return (await vscode.workspace.openTextDocument(opened)).getText();
  }

  it("shows before and after side by side, what it costs, and what was refused", async () => {
    const text = await page();
    match(text, /^# GPT: what if$/m);
    match(text, /^\| weights \| 498 MB \| \d+ MB \| −\d+\.\d % \|$/m);
    match(text, /^## FlashAttention$/m);
    match(text, /Price: /);
    match(text, /\*\*no-such\*\* was not applied/);
    await eventually(() => tabs().some((label) => /GPT/.test(label)) || undefined, "a tab with the page");
  });

  it("asks which techniques of the model under the cursor, and with which knobs", async () => {
    await show("gpt.py");
    await page();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await show("gpt.py");
    const answer = vscode.commands.executeCommand<vscode.Uri | undefined>("assay.whatIf");
    let page2: vscode.Uri | undefined;
    let isOver = false;
    void answer.then((uri) => {
      page2 = uri;
      isOver = true;
    });
    // The list may take a while to come: the first entry is ticked once, and each list is accepted.
    await pause(2500);
    await vscode.commands.executeCommand("workbench.action.quickOpenNavigateNext").then(undefined, () => undefined);
    await vscode.commands.executeCommand("workbench.action.quickPickManyToggle");
    for (let i = 0; i < 40 && !isOver; i++) {
      await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
      await pause(300);
    }
    assert(page2, "a page for what was picked");
    match((await vscode.workspace.openTextDocument(page2)).getText(), /^\| .* \| .* \| .* \| .* \|$/m);
  });
});

describe("A finding", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));

  it("links to the page that explains it, and the page opens", async () => {
    const { uri } = await show("gpt.py");
    const code = await eventually(() => {
      const found = vscode.languages.getDiagnostics(uri).find(({ source }) => source === "assay");
      return typeof found?.code === "object" ? found.code : undefined;
    }, "a finding with a page");
    equal(code.target.scheme, "assay-page");
    const document = await vscode.workspace.openTextDocument(code.target);
    match(document.getText(), new RegExp(`^# ${code.value}`, "m"));
    await vscode.commands.executeCommand("assay.explain", String(code.value));
    await eventually(() => tabs().some((label) => label.includes(String(code.value))) || undefined, "the page's tab");
  });

  it("is silenced by its quick fix's comment, and by the setting of its rule", async () => {
    const document = await show("gpt.py");
    const first = () => vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "assay")[0];
    const ruleOf = (one: vscode.Diagnostic | undefined) =>
      typeof one?.code === "object" ? String(one.code.value) : "";
    const finding = await eventually(first, "a finding");
    const rule = ruleOf(finding);
    const has = () =>
      vscode.languages.getDiagnostics(document.uri).some((one) => one.source === "assay" && ruleOf(one) === rule);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      finding.range,
    );
    const silence = actions.find(({ title }) => title.startsWith(`Silence ${rule}`));
    assert(silence?.edit, actions.map(({ title }) => title).join(", "));
    const before = document.getText();
    await vscode.workspace.applyEdit(silence.edit);
    await eventually(() => !has() || undefined, "the end of the finding, by comment");
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), before);
    await vscode.workspace.applyEdit(edit);
    await eventually(() => has() || undefined, "the finding again");
    const settings = vscode.workspace.getConfiguration("assay");
    await settings.update("rules", { [rule]: "off" }, vscode.ConfigurationTarget.Global);
    await eventually(() => !has() || undefined, "the end of the finding, by setting");
    await settings.update("rules", undefined, vscode.ConfigurationTarget.Global);
    await eventually(() => has() || undefined, "the finding after all");
  });
});
