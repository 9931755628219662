// Fits the curves of times: builds test/oracle/fitTimes.ts into a folder of its own and runs it with the words given.
//
//   node test/oracle/fitTimes.mjs --sources FOLDER [--dry]
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const out = mkdtempSync(path.join(tmpdir(), "assay-times-"));
const run = (...words) => {
  const { status } = spawnSync(process.execPath, words, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};
run("esbuild.mjs", "--outdir", out, "test/oracle/fitTimes.ts");
run("--stack-size=4000", path.join(out, "fitTimes.mjs"), ...process.argv.slice(2));
