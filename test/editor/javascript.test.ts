/** A JavaScript file in a real extension host: lens, hover, hints and a finding. */
import * as vscode from "vscode";
import { assert, equal, match } from "./assert.ts";

/** What `find` gives once it gives something; it fails with what was last asked for. */
async function eventually<Found>(find: () => PromiseLike<Found | undefined>, what: string): Promise<Found> {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it did not come: ${what}`);
}

describe("Assay in JavaScript", () => {
  let document: vscode.TextDocument;
  before(async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, "digits.js"));
    await vscode.window.showTextDocument(document);
  });

  it("tells a model's parameters over the variable that holds it", async () => {
    const lens = await eventually(async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        "vscode.executeCodeLensProvider",
        document.uri,
        100,
      );
      return lenses?.find(({ command }) => command?.command === "assay.openReport");
    }, "a lens");
    // 5 × 5 × 8 + 8 of the convolution, (24 × 24 × 8 + 1) × 10 of the dense layer.
    match(lens.command!.title, /^46\.3 K params/);
    equal(lens.range.start.line, 2);
  });

  it("tells of a layer in a hover", async () => {
    const position = document.positionAt(document.getText().indexOf("conv2d") + 3);
    const text = await eventually(async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        position,
      );
      const texts = (hovers ?? []).flatMap(({ contents }) =>
        contents.map((one) => (typeof one === "string" ? one : one.value)),
      );
      return texts.find((one) => /params/.test(one));
    }, "a hover");
    match(text, /\| params \| 208 \|/);
    match(text, /24, 24, 8/);
  });

  it("puts each layer's shape behind its line", async () => {
    const hints = await eventually(async () => {
      const whole = new vscode.Range(0, 0, document.lineCount, 0);
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
        "vscode.executeInlayHintProvider",
        document.uri,
        whole,
      );
      return found?.length ? found : undefined;
    }, "inlay hints");
    const labels = hints.map(({ position, label }) => `${position.line}: ${String(label)}`);
    assert(
      labels.some((label) => /^4: .*⟨B, 4608⟩/.test(label)),
      labels.join("\n"),
    );
  });

  it("names both sizes of what does not fit", async () => {
    const found = await eventually(async () => {
      const all = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "assay");
      return all.find(({ message }) => /8 against 6/.test(message));
    }, "a diagnostic");
    equal(found.severity, vscode.DiagnosticSeverity.Error);
    equal(found.range.start.line, 9);
  });
});
