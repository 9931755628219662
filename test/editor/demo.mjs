// The main job on a fresh machine: builds Assay, prints the report of a sample model, and opens the sample in an editor
// with Assay in it: the desktop VS Code where `code` is on the PATH, otherwise VS Code's server at a local address.
//
//   npm run demo [-- --once]
//
// --once closes the editor as soon as it answers, for a test of this very script.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { startVsCode, workbenchUrl } from "./vscode-host.mjs";

const sample = "test/models/gpt.py";
const once = process.argv.includes("--once");

step("node", "esbuild.mjs", "--production");
step("node", "dist/cli.js", sample);
if (!once && hasCode()) {
  step("npm", "run", "--silent", "package");
  step("code", "--install-extension", "assay.vsix", "--force");
  step("code", "test/models", "--goto", `${sample}:1`);
  console.log("\nThe sample is open in VS Code. Put the cursor on a class or a layer.");
} else {
  step("npm", "run", "--silent", "package");
  const vscode = await startVsCode({
    workspace: "test/models",
    vsix: [path.resolve("assay.vsix")],
    logFile: ".vscode-e2e/demo/server.log",
  });
  const address = workbenchUrl(vscode.authority, vscode.folder, [
    ["openFile", `vscode-remote://${vscode.authority}${vscode.folder}/gpt.py`],
  ]);
  const { status } = await fetch(address);
  console.log(`\nVS Code with Assay is at ${address}\nOpen it in a browser; Ctrl+C ends it.`);
  if (once) {
    await vscode.stop();
    process.exit(status === 200 ? 0 : 1);
  }
}

function step(command, ...words) {
  const { status } = spawnSync(command, words, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function hasCode() {
  return spawnSync("code", ["--version"], { stdio: "ignore" }).status === 0;
}
