/** A config's text weighed as an editor would have it, without transformers' source. */
import { analyze } from "../../src/analyze.ts";
import { type AskedScenario, defaultScenario } from "../../src/base/scenario.ts";
import type { FileReport } from "../../src/cost/report.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import type { Sources } from "../../src/python/interpreter.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { pythonWasm } from "./wasm.ts";

/** Paths to the libraries' sources, and no file besides. */
export const sources = fileSources(await loadPythonParser(pythonWasm()));
export const environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

export function weighedConfig(
  config: string | Readonly<Record<string, unknown>>,
  scenario: Partial<AskedScenario> = {},
  around: Sources = sources,
): FileReport {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  const asked = { ...defaultScenario, sequence: 32, ...scenario };
  return analyze({ path: "/config.json", text, kind: "config", scenario: asked }, { sources: around, environment });
}
