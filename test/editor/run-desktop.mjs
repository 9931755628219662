// Runs the same tests in a desktop VS Code that is already installed. For a developer's own machine:
//
//   VSCODE_PATH=/usr/share/code/code npm run test:editor:desktop
//
// VSCODE_PATH is the program itself ("Code.exe", ".../Visual Studio Code.app/Contents/MacOS/Electron", "code" beside
// resources/), not the command-line wrapper in bin/. Given it, @vscode/test-electron downloads nothing.
import path from "node:path";
import { parseArgs } from "node:util";
import { runTests } from "@vscode/test-electron";

const { values } = parseArgs({
  options: { extension: { type: "string", default: "." }, tests: { type: "string" }, workspace: { type: "string" } },
});
if (!process.env.VSCODE_PATH) throw new Error("Set VSCODE_PATH to the VS Code program on this machine");
process.exitCode = await runTests({
  vscodeExecutablePath: process.env.VSCODE_PATH,
  extensionDevelopmentPath: path.resolve(values.extension),
  extensionTestsPath: path.resolve(values.tests),
  launchArgs: [path.resolve(values.workspace), "--disable-extensions", "--disable-telemetry"],
}).catch((error) => {
  console.error(error.message);
  return 1;
});
