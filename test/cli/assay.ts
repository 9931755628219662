import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { defaultLimits } from "../../src/base/budget.ts";
import { answer, type Output } from "../../src/hosts/cli/command.ts";
import { parser } from "../syntax/parser.ts";

/** Runs `assay` with these words, apart from the process. `colour` as on a terminal. */
export async function assay(words: readonly string[], colour = false): Promise<Output> {
  const output = await answer(words, {
    parser: async () => parser,
    version: "1.2.3",
    limits: { ...defaultLimits, steps: 300_000 },
    colour,
  });
  if (!output) throw new Error("batch has no output of its own");
  return output;
}

/** A folder with files by relative path; removed when the tests of the suite that asks for it are done. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "assay-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
