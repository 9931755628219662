/** The change since the last commit, by the git extension that comes with VS Code. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { assert, equal, match } from "./assert.ts";

const net = `import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(4, width)

    def forward(self, x):
        return self.a(x)


# assay: Net()(float32[B, 4])
`;

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): { openRepository(root: vscode.Uri): Promise<{ status(): Promise<void> } | null> };
}

async function eventually<Found>(find: () => Promise<Found | undefined>, what: () => string): Promise<Found> {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it did not come: ${what()}`);
}

async function lensLike(uri: vscode.Uri, words: RegExp): Promise<string> {
  let seen: string[] = [];
  return eventually(
    async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 10);
      seen = (lenses ?? []).map(({ command }) => command?.title ?? "");
      return seen.find((title) => words.test(title));
    },
    () => `a lens like ${words}; there was ${seen}`,
  );
}

async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from);
  assert(at >= 0, `${from} is not in the file`);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  assert(await vscode.workspace.applyEdit(edit));
}

describe("Assay and git", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "assay-git-"));
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], { cwd: folder });
  before(() => vscode.workspace.getConfiguration("git").update("enabled", true, vscode.ConfigurationTarget.Global));
  after(async () => {
    await vscode.workspace.getConfiguration("git").update("enabled", undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    rmSync(folder, { recursive: true, force: true });
  });

  it("tells in the lens what changed since HEAD, unsaved text included, until it is committed", async () => {
    const file = path.join(folder, "net.py");
    writeFileSync(file, net);
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "first");
    const extension = await vscode.extensions.getExtension<GitExtension>("vscode.git")?.activate();
    assert(extension, "VS Code's git extension is not there");
    await eventually(
      async () => extension.enabled,
      () => "the git extension's API",
    );
    const repository = await extension.getAPI(1).openRepository(vscode.Uri.file(folder));
    assert(repository, "the repository was not opened");
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    const before = await lensLike(document.uri, /report$/);
    assert(!/since/.test(before), before);
    await replace(document, "width=8", "width=10");
    match(await lensLike(document.uri, /since/), / · \+10 since HEAD · report$/);
    await document.save();
    match(await lensLike(document.uri, /since/), / · \+10 since HEAD · report$/);
    git("commit", "-q", "-a", "-m", "second");
    await repository.status();
    const after = await lensLike(document.uri, /^(?!.*since).*report$/);
    match(after, /^50 params/);
    equal(document.isDirty, false);
  });
});
