/** Models as techniques see them, from their code or config. */
import assert from "node:assert/strict";
import type { Subject } from "../../src/advice/subject.ts";
import { subjectsIn } from "../../src/analyze.ts";
import { type AskedScenario, defaultScenario } from "../../src/base/scenario.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { pythonWasm } from "./wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));
const environment = {
  roots: [],
  installed: new Set(["torch", "numpy", "bitsandbytes"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

/** The first model of a file's text; a config where the text is JSON. */
export function subjectOf(text: string, scenario: Partial<AskedScenario> = {}): Subject {
  const kind = text.trimStart().startsWith("{") ? "config" : "python";
  const path = kind === "config" ? "/config.json" : "/model.py";
  const asked = { path, text, kind, scenario: { ...defaultScenario, ...scenario } } as const;
  const [first] = subjectsIn(asked, { sources, environment });
  assert(first, "the text holds a model that can be run");
  return first;
}
