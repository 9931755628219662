/** The extension in a real extension host: each surface through the editor's own commands. */
import * as vscode from "vscode";
import { assert, equal, match, noMatch } from "./assert.ts";

interface Exports {
  status(): string;
  report(): { model: string; totals: { label: string; text: string }[]; scenario: { batch: number } } | undefined;
}

const fileUri = (name: string) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);

/** What `find` gives once it gives something; it fails with what was last seen. */
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

/** The texts of the files that were shown, for the next test to find them so. */
const originals = new Map<string, string>();

async function show(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(fileUri(name));
  if (!originals.has(name)) originals.set(name, document.getText());
  await vscode.window.showTextDocument(document);
  return document;
}

async function lensTitles(document: vscode.TextDocument): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    document.uri,
    100,
  );
  return (lenses ?? []).flatMap(({ command }) => (command?.command === "assay.openReport" ? [command.title] : []));
}

const lens = (document: vscode.TextDocument, words: RegExp) =>
  eventually(async () => (await lensTitles(document)).find((title) => words.test(title)), `a lens like ${words}`);

/** The text of the hovers over the first occurrence of some text, once it matches. */
function hover(document: vscode.TextDocument, on: string, words: RegExp): Promise<string> {
  const offset = document.getText().indexOf(on);
  assert(offset >= 0, `${on} is not in the file`);
  const position = document.positionAt(offset + on.length - 1);
  return eventually(async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      position,
    );
    const text = (hovers ?? [])
      .flatMap(({ contents }) => contents.map((one) => (typeof one === "string" ? one : one.value)))
      .join("\n");
    return words.test(text) ? text : undefined;
  }, `a hover like ${words} on ${on}`);
}

async function edit(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const offset = document.getText().indexOf(from);
  assert(offset >= 0, `${from} is not in the file`);
  const change = new vscode.WorkspaceEdit();
  change.replace(
    document.uri,
    new vscode.Range(document.positionAt(offset), document.positionAt(offset + from.length)),
    to,
  );
  assert(await vscode.workspace.applyEdit(change));
}

describe("Assay", () => {
  let assay: Exports;
  before(async () => {
    // An editor in a browser saves by itself, and then no text would be unsaved.
    await vscode.workspace.getConfiguration("files").update("autoSave", "off", vscode.ConfigurationTarget.Global);
    await show("gpt.py");
    assay = await eventually(async () => {
      const extension = vscode.extensions.all.find(({ packageJSON }) => packageJSON.name === "assay");
      return extension && ((await extension.activate()) as Exports);
    }, "the extension");
  });
  afterEach(async () => {
    await vscode.commands.executeCommand("assay.unpinModel");
    await vscode.commands.executeCommand("assay.changeScenario", {
      batch: 1,
      sequence: 1024,
      phase: "prefill",
      dtype: "fp32",
    });
    for (const [name, text] of originals) {
      const document = await vscode.workspace.openTextDocument(fileUri(name));
      if (document.getText() !== text) await edit(document, document.getText(), text);
    }
  });

  it("tells a model's totals over its class, and an inner model's share", async () => {
    const document = await show("gpt.py");
    match(await lens(document, /report$/), /^124\.4 M params · 498 MB fp32 · 29\d GFLOPs @ B1 T1024/);
    match(await lens(document, /12 × in GPT · 7\d %/), /^7\.09 M params/);
  });

  it("tells a layer's shapes and figures in a hover", async () => {
    const text = await hover(await show("gpt.py"), "x + self.attn", /CausalSelfAttention/);
    match(text, /⟨B, T, 768⟩/);
    match(text, /\| params \| 2\.36 M \|/);
    match(text, /exact · evidence/);
  });

  it("puts shapes after assignments", async () => {
    const document = await show("gpt.py");
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = await eventually(async () => {
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
        "vscode.executeInlayHintProvider",
        document.uri,
        whole,
      );
      return found?.length ? found : undefined;
    }, "inlay hints");
    const labels = hints.map(({ position, label }) => `${document.lineAt(position.line).text.trim()} ${label}`);
    assert(labels.includes("att = F.softmax(att, dim=-1) ⟨B, 12, T, T⟩"), labels.join("\n"));
  });

  it("reports a shape that does not fit, with both sizes", async () => {
    const { uri } = await show("broken.py");
    const [found] = await eventually(() => {
      const all = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "assay");
      return all.length > 0 ? all : undefined;
    }, "a diagnostic");
    equal(codeOf(found!), "shape-mismatch");
    equal(found!.severity, vscode.DiagnosticSeverity.Error);
    match(found!.message, /64.*32/);
    equal(found!.range.start.line, 11);
  });

  it("weighs a config, and tells what a key costs", async () => {
    const document = await show("config.json");
    match(await lens(document, /params/), /^8\.03 B params/);
    const text = await hover(document, '"num_key_value_heads', /KV/);
    match(text, /\*\*8\*\*/);
    match(text, /\| 32 \|/);
  });

  it("takes unsaved text before the disk, also of a file that is imported", async () => {
    const document = await show("gpt.py");
    await lens(document, /^124\.4 M/);
    await edit(document, "n_layer: int = 12", "n_layer: int = 6");
    await lens(document, /^81\.9 M params/);
    const train = await show("uses.py");
    await lens(train, /^81\.9 M params/);
  });

  it("keeps answering while the code is half-typed", async () => {
    const document = await show("gpt.py");
    await lens(document, /^124\.4 M/);
    await edit(document, "        x = self.ln_f(x)\n", "        x = self.ln_f(x)\n        y = self.ln_f(\n");
    const text = await hover(document, "x + self.mlp", /MLP/);
    match(text, /4\.72 M/);
    await lens(document, /M params/);
  });

  it("weighs for another scenario at once", async () => {
    const document = await show("gpt.py");
    await lens(document, /@ B1 T1024/);
    await vscode.commands.executeCommand("assay.changeScenario", { batch: 4, sequence: 512, dtype: "bf16" });
    match(await lens(document, /@ B4 T512/), /249 MB bf16/);
    await eventually(() => assay.status().includes("B4 T512 · bf16") || undefined, "the status bar's scenario");
  });

  it("keeps a pinned model in sight, and lets go of it", async () => {
    const gpt = await show("gpt.py");
    await lens(gpt, /^124\.4 M/);
    await vscode.commands.executeCommand("assay.pinModel", gpt.uri.toString(), "GPT");
    await show("model.py");
    await eventually(() => assay.report()?.model === "GPT" || undefined, "the pinned model's report");
    match(assay.status(), /GPT/);
    await vscode.commands.executeCommand("assay.unpinModel");
    await eventually(() => assay.report()?.model === "Classifier" || undefined, "the active file's model");
  });

  it("mends attention that is written out, and what it leaves is understood", async () => {
    const document = await show("gpt.py");
    const advice = () =>
      vscode.languages.getDiagnostics(document.uri).filter((one) => codeOf(one) === "unfused-attention").length;
    await eventually(() => advice() === 1 || undefined, "the advice");
    const line = document.positionAt(document.getText().indexOf("F.softmax"));
    const action = await eventually(async () => {
      const range = new vscode.Range(line, line);
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        document.uri,
        range,
      );
      return actions?.find(({ title }) => title.includes("scaled_dot_product_attention"));
    }, "the quick fix");
    assert(await vscode.workspace.applyEdit(action.edit!));
    match(document.getText(), /F\.scaled_dot_product_attention\(/);
    noMatch(document.getText(), /F\.softmax/);
    await eventually(() => advice() === 0 || undefined, "an end of the advice");
    await lens(document, /^124\.4 M params/);
    const left = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "assay");
    assert(left.every(({ severity }) => severity >= vscode.DiagnosticSeverity.Information));
    await hover(document, "x + self.attn", /exact/);
  });

  it("completes an assay comment with what was inferred", async () => {
    const document = await show("gpt.py");
    await lens(document, /^124\.4 M/);
    await edit(document, "# assay: GPT(GPTConfig())(int64[B, T])", "# assay: GPT(GPTConfig())(int64[");
    const line = document
      .getText()
      .split("\n")
      .findIndex((text) => text.startsWith("# assay: GPT"));
    const position = document.lineAt(line).range.end;
    await eventually(async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        document.uri,
        position,
      );
      const labels = list?.items.map(({ label }) => (typeof label === "string" ? label : label.label)) ?? [];
      return ["B", "T"].every((name) => labels.includes(name)) || undefined;
    }, "the names of sizes");
  });

  it("writes the scenario as an engine's configuration", async () => {
    await lens(await show("gpt.py"), /^124\.4 M/);
    await vscode.commands.executeCommand("assay.writeEngine", "torchtitan");
    const text = await eventually(async () => {
      const written = vscode.window.activeTextEditor?.document;
      return written?.isUntitled ? written.getText() : undefined;
    }, "the written configuration");
    assert(/^\[parallelism\]$/m.test(text), text);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("answers again after the server was started anew", async () => {
    const document = await show("gpt.py");
    await vscode.commands.executeCommand("assay.restartServer");
    await lens(document, /^124\.4 M/);
  });
});

/** A finding's rule; beside it stands the page that explains it. */
function codeOf({ code }: vscode.Diagnostic): string | number | undefined {
  return typeof code === "object" ? code.value : code;
}
