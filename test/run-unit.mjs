// Runs the built mocha tests that need no extension host and ends with a line of counts.
//
//   node test/run-unit.mjs [--ui] [--spec] [--grep WORDS] [WORD...]
//
// --ui runs the tests that drive the editor's window; WORDs choose files whose path holds one of them.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import Mocha from "mocha";

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    ui: { type: "boolean", default: false },
    spec: { type: "boolean", default: false },
    grep: { type: "string" },
  },
});
const root = "dist/test";
const built = existsSync(root) ? readdirSync(root, { recursive: true, encoding: "utf8" }) : [];
const unit = built.filter((file) => file.endsWith(".test.mjs")).sort();
const files = options.ui ? built.filter((file) => file === path.join("editor", "ui.mjs")) : unit;
const chosen = files.filter((file) => words.length === 0 || words.some((word) => file.includes(word)));

const mocha = new Mocha({
  reporter: options.spec || options.ui ? "spec" : "dot",
  timeout: options.ui ? 120_000 : 20_000,
  ...(options.grep !== undefined && { grep: options.grep }),
});
for (const file of chosen) mocha.addFile(path.resolve(root, file));
await mocha.loadFilesAsync();
const runner = mocha.run(() => {
  const { passes, failures } = runner.stats;
  if (passes + failures === 0) console.error("no test ran");
  console.log(`${passes} passed, ${failures} failed`);
  process.exit(passes > 0 && failures === 0 ? 0 : 1);
});
