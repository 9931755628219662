import { readdirSync, readFileSync } from "node:fs";
import { analyze } from "../../src/analyze.ts";
import { decided, defaultScenario, type Scenario } from "../../src/base/scenario.ts";
import type { FileReport } from "../../src/cost/report.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { pythonWasm } from "./wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));
const environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

/** The sample models' texts, by path. */
export const samples: ReadonlyMap<string, string> = new Map(
  readdirSync("test/models")
    .filter((file) => file.endsWith(".py"))
    .sort()
    .map((file) => [`test/models/${file}`, readFileSync(`test/models/${file}`, "utf8")]),
);

/** A scenario small enough for many rounds. */
export const smallScenario: Scenario = { ...decided(defaultScenario), batch: 2, sequence: 32, imageSize: 224 };

/** A text analysed as an editor would have it, PyTorch installed and nothing else. */
export function analyzed(
  path: string,
  text: string,
  scenario: Scenario = smallScenario,
  limits?: { steps: number; depth: number; allocation: number },
): FileReport {
  return analyze({ path, text, kind: "python", scenario }, { sources, environment, limits });
}
