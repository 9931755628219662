// Runs an extension's mocha tests inside the real VS Code extension host, in headless Chromium.
//
//   node test/editor/run-tests.mjs --extension DIR --tests FILE --workspace DIR
//        [--host node|web] [--vsix FILE]... [--setting key=json]... [--timeout SECONDS] [--out DIR]
//
// --tests names a CommonJS module that exports run(): Promise<void>, as for @vscode/test-electron.
// --host web runs the extension's "browser" entry in a web worker; its tests must lie inside the extension's folder.
// --vsix installs a packaged extension; then let --extension name a folder with an empty extension (test/editor/carrier).
// Exit code: 0 when every test passed and at least one ran.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { launchChromium, remoteUri, startVsCode, workbenchUrl } from "./vscode-host.mjs";
import { loadWebExtension, serveExtension } from "./web-extension.mjs";

/** Marks the lines of the tests' own reporter among everything else that VS Code logs. */
const testLineMark = "[e2e] ";

const { values: options } = parseArgs({
  options: {
    extension: { type: "string" },
    tests: { type: "string" },
    workspace: { type: "string" },
    host: { type: "string", default: "node" },
    vsix: { type: "string", multiple: true, default: [] },
    setting: { type: "string", multiple: true, default: [] },
    timeout: { type: "string", default: "300" },
    out: { type: "string", default: ".vscode-e2e/node" },
  },
});
const out = path.resolve(options.out);

try {
  await runTests();
} catch (error) {
  console.error(`${error.message}; logs in ${out}`);
  process.exit(1); // and with it the server, should one be running still
}

async function runTests() {
  await mkdir(out, { recursive: true });
  const log = createWriteStream(path.join(out, "workbench.log"));
  const webExtension = options.host === "web" ? await serveExtension(options.extension) : undefined;
  const vscode = await startVsCode({
    workspace: path.resolve(options.workspace),
    settings: Object.fromEntries(options.setting.map(parseSetting)),
    vsix: options.vsix,
    logFile: path.join(out, "server.log"),
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({
      viewport: { width: 1400, height: 900 },
      bypassCSP: webExtension !== undefined, // the workbench's policy allows no second HTTP origin
    });
    const { exitCode, summary } = await Promise.race([
      testResult(page, log, async () => {
        if (webExtension) {
          const testsPath = path.posix.join(
            "/",
            path.relative(options.extension, options.tests).replaceAll(path.sep, "/"),
          );
          await loadWebExtension(page, webExtension.authority, testsPath);
          await page.goto(workbenchUrl(vscode.authority, vscode.folder));
        } else {
          await page.goto(
            workbenchUrl(vscode.authority, vscode.folder, [
              ["extensionDevelopmentPath", remoteUri(vscode.authority, options.extension)],
              ["extensionTestsPath", remoteUri(vscode.authority, options.tests)],
            ]),
          );
        }
      }),
      failure(page, vscode.server, Number(options.timeout)),
    ]).catch(async (error) => {
      await page.screenshot({ path: path.join(out, "failure.png") }).catch(() => {});
      throw error;
    });
    // VS Code reports 0 even when the extension host died, so a run without its closing line has failed.
    if (!summary) throw new Error(`The tests did not finish (VS Code's exit code: ${exitCode})`);
    if (exitCode !== 0 || summary.failed > 0) throw new Error("Tests failed");
    if (summary.passed === 0) throw new Error("No test ran");
  } finally {
    await browser.close();
    await vscode.stop();
    webExtension?.close();
    log.end();
  }
}

/** Opens the page and resolves when VS Code says that the tests have ended. */
async function testResult(page, log, open) {
  let summary;
  let finish;
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  // VS Code calls these two functions when it runs extension tests; they must exist before the page loads.
  await page.exposeFunction("codeAutomationLog", (type, args) => {
    const text = args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg))).join(" ");
    log.write(`[${type}] ${text}\n`);
    if (!text.startsWith(testLineMark)) return;
    const line = text.slice(testLineMark.length);
    console.log(line);
    const counts = /^(\d+) passed, (\d+) failed/.exec(line);
    if (counts) summary = { passed: Number(counts[1]), failed: Number(counts[2]) };
  });
  await page.exposeFunction("codeAutomationExit", (exitCode) => finish({ exitCode, summary }));
  await open();
  return finished;
}

/** Rejects when the run cannot end well any more. */
function failure(page, server, seconds) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`No result after ${seconds} s`)), seconds * 1000).unref();
    page.on("crash", () => reject(new Error("The page crashed")));
    server.once("exit", (code) => reject(new Error(`The VS Code server exited with ${code}`)));
  });
}

function parseSetting(pair) {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), JSON.parse(pair.slice(at + 1))];
}
