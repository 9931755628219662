/** A model's config in a real extension host: completion beside VS Code's own, rewrites, and its PyTorch code. */
import * as vscode from "vscode";
import { assert, match } from "./assert.ts";

async function eventually<Found>(
  find: () => Thenable<Found | undefined>,
  what: string,
  seen: () => string = () => "",
): Promise<Found> {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`it did not come: ${what} ${seen()}`);
}

describe("a config in the editor", () => {
  let document: vscode.TextDocument;
  let original: string;

  before(async () => {
    await vscode.workspace.getConfiguration("files").update("autoSave", "off", vscode.ConfigurationTarget.Global);
    const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, "config.json");
    document = await vscode.workspace.openTextDocument(uri);
    // Whatever the tests before this one weighed for.
    const usual = { phase: "prefill", batch: 1, sequence: 1024, dtype: "auto", device: "nvidia-rtx-4090-24gb" };
    await vscode.commands.executeCommand("assay.changeScenario", usual);
    original = document.getText();
    await vscode.window.showTextDocument(document);
  });

  after(() => write(original));

  async function write(text: string): Promise<void> {
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const change = new vscode.WorkspaceEdit();
    change.replace(document.uri, whole, text);
    assert(await vscode.workspace.applyEdit(change));
  }

  let last: readonly string[] = [];
  const titles = async (of: vscode.TextDocument) => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", of.uri, 9);
    last = (lenses ?? []).map(({ command }) => command?.title ?? "");
    return last;
  };
  const seen = () => `of ${JSON.stringify(last)}`;

  it("has the largest batch in its lens, once it is known", async () => {
    await eventually(
      async () =>
        (await titles(document)).find((title) => /^8\.03 B params .* RTX 4090 batch ≤ \d+ · report$/.test(title)),
      "the largest batch",
      seen,
    );
  });

  it("completes keys of the family and values of closed lists", async () => {
    await write(original.replace('  "hidden_act": "silu",', '  "",\n  "hidden_act": "",'));
    const complete = async (line: number, character: number, label: RegExp) =>
      eventually(async () => {
        const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
          "vscode.executeCompletionItemProvider",
          document.uri,
          new vscode.Position(line, character),
        );
        return items.find((one) => label.test(typeof one.label === "string" ? one.label : one.label.label));
      }, `a completion like ${label}`);
    const key = await complete(2, 3, /^attention_bias$/);
    match(String(key.detail), /default false/);
    await complete(3, 17, /^gelu_new$/);
    await write(original);
  });

  it("says what cannot be at its key, with a fix", async () => {
    await write(original.replace('"num_key_value_heads": 8', '"num_key_value_heads": 9'));
    const found = await eventually(async () => {
      const all = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "assay");
      return all.find(({ message }) =>
        /num_attention_heads 32 is not a multiple of num_key_value_heads 9/.test(message),
      );
    }, "the finding");
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      found.range,
    );
    const fix = actions.find(({ title }) => title === "Set num_key_value_heads to 8");
    assert(fix?.edit);
    assert(await vscode.workspace.applyEdit(fix.edit));
    assert(document.getText() === original);
  });

  it("opens as PyTorch code that is weighed as the config is", async () => {
    await vscode.window.showTextDocument(document);
    const code = await eventually(async () => {
      await vscode.commands.executeCommand("assay.openCode", document.uri.toString());
      return vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "assay-code");
    }, "the code");
    match(code.getText(), /class LlamaForCausalLM\(ForCausalLM\):/);
    match(code.getText(), /num_key_value_heads=8, {2}# Heads of keys and values/);
    await eventually(
      async () => (await titles(code)).find((title) => /^8\.03 B params · 16\.1 GB bf16/.test(title)),
      "the code's totals",
      seen,
    );
  });
});
