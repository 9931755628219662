// Runs the stages of the tests one after the other and ends with one line, `N passed, N failed`.
//
//   node test/run.mjs [all | unit | editor | editor:node | editor:web | editor:ui | editor:vsix | editor:desktop] [WORD...]
//
// WORDs go to the unit tests: only files whose path holds one of them run. A stage that dies counts as one failure.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

const inHost = (host, ...more) => {
  const tests = `dist/test/editor/${host === "web" ? "web" : "node"}.js`;
  return ["node", "test/editor/run-tests.mjs", "--tests", tests, "--workspace", "test/editor/workspace", ...more];
};
/** Each stage's command; those in `counted` end with a line of counts. */
const stages = {
  build: ["node", "esbuild.mjs", "--tests"],
  typecheck: ["tsc", "--noEmit", "-p", "."],
  lint: ["npm", "run", "--silent", "lint"],
  unit: ["node", "--enable-source-maps", "test/run-unit.mjs", ...process.argv.slice(3)],
  "editor:node": inHost("node", "--extension", ".", "--out", ".vscode-e2e/node"),
  "editor:web": inHost("web", "--extension", ".", "--host", "web", "--out", ".vscode-e2e/web"),
  "editor:ui": ["node", "--enable-source-maps", "test/run-unit.mjs", "--ui"],
  package: ["npm", "run", "--silent", "package"],
  "editor:vsix": inHost(
    "vsix",
    "--extension",
    "test/editor/carrier",
    "--vsix",
    "assay.vsix",
    "--out",
    ".vscode-e2e/vsix",
  ),
  "editor:desktop": [
    "node",
    "test/editor/run-desktop.mjs",
    "--tests",
    "dist/test/editor/node.js",
    "--workspace",
    "test/editor/workspace",
  ],
};
const counted = new Set(["unit", "editor:node", "editor:web", "editor:ui", "editor:vsix"]);
const editor = ["editor:node", "editor:web", "editor:ui", "package", "editor:vsix"];
const groups = {
  all: ["build", "typecheck", "lint", "unit", ...editor],
  editor: ["build", ...editor],
  "editor:vsix": ["build", "package", "editor:vsix"],
};
const minutesPerStage = 10;

const wanted = process.argv[2] ?? "all";
const plan = groups[wanted] ?? (stages[wanted] && ["build", wanted]);
if (!plan) {
  console.error(
    `no such tests: ${wanted}; one of ${[...new Set([...Object.keys(groups), ...Object.keys(stages)])].join(", ")}`,
  );
  process.exit(2);
}

if (plan.some((stage) => stage.startsWith("editor:") && stage !== "editor:desktop")) ensureChromium();

const total = { passed: 0, failed: 0 };
const faults = [];
for (const stage of plan) {
  console.log(`\n== ${stage}`);
  const started = performance.now();
  const { code, counts } = await run(stages[stage]);
  const dead = counted.has(stage) ? !counts || (code !== 0 && counts.failed === 0) : code !== 0;
  total.passed += counts?.passed ?? 0;
  total.failed += (counts?.failed ?? 0) + (dead ? 1 : 0);
  if (dead || code !== 0) faults.push(stage);
  console.log(
    `== ${stage}: ${code === 0 && !dead ? "passed" : "failed"} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
}
console.log(faults.length > 0 ? `\nfailed: ${faults.join(", ")}` : "\nevery stage passed");
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** The editor's page needs a browser: Debian's is installed where there is none and this is root on Debian. */
function ensureChromium() {
  if (existsSync("/usr/bin/chromium")) return;
  console.log("\n== chromium");
  const apt = (...words) =>
    spawnSync("apt-get", words, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  apt("update", "-qq");
  const { status } = apt("install", "-y", "-qq", "--no-install-recommends", "chromium");
  if (status !== 0) console.log("no chromium: install it as /usr/bin/chromium for the editor's tests");
}

/** The exit code of a command, with the last line of counts that it printed. */
async function run([command, ...words]) {
  const env = { ...process.env, PATH: `${path.resolve("node_modules/.bin")}${path.delimiter}${process.env.PATH}` };
  const child = spawn(command, words, { env, stdio: ["ignore", "pipe", "inherit"] });
  const timer = setTimeout(() => child.kill("SIGTERM"), minutesPerStage * 60_000);
  let counts;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    console.log(line);
    const [, passed, failed] = /^(\d+) passed, (\d+) failed/.exec(line) ?? [];
    if (passed) counts = { passed: Number(passed), failed: Number(failed) };
  });
  const code = await new Promise((resolve) => {
    child.once("error", (error) => {
      console.log(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once("close", (exitCode) => resolve(exitCode ?? 1));
  });
  clearTimeout(timer);
  return { code, counts };
}
