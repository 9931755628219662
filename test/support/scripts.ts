/** JavaScript files analysed as an editor would have them. */
import { analyze } from "../../src/analyze.ts";
import type { Limits } from "../../src/base/budget.ts";
import { decided, defaultScenario, type Scenario } from "../../src/base/scenario.ts";
import type { Project } from "../../src/configs/project/project.ts";
import type { FileReport } from "../../src/cost/report.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { pythonWasm } from "./wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));
const environment = { roots: [], installed: new Set<string>(), versions: {} };
const small: Scenario = { ...decided(defaultScenario), batch: 2, sequence: 6, imageSize: 32 };

/** The report of a text; files that it imports are those given, or read from the disk. */
export function analyzedScript(
  path: string,
  text: string,
  limits?: Limits,
  scenario: Partial<Scenario> = {},
  files: Readonly<Record<string, string>> = {},
  project?: Project,
): FileReport {
  const kind = path.endsWith(".json") ? "config" : "javascript";
  const beside = { ...sources, text: (file: string) => files[file.replace(/^\.\//, "")] ?? sources.text(file) };
  return analyze(
    { path, text, kind, scenario: { ...small, ...scenario } },
    { sources: beside, environment, limits, project },
  );
}
