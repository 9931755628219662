import { analyze } from "../../src/analyze.ts";
import { type AskedScenario, defaultScenario } from "../../src/base/scenario.ts";
import type { FileReport, Fix } from "../../src/cost/report.ts";
import type { Environment, Sources } from "../../src/python/interpreter.ts";
import type { Example } from "../support/page.ts";
import { parser } from "../syntax/parser.ts";

const environment: Environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

/** The report on an example's main file, for small sizes unless its settings say others. */
export function reportOf({ files, main, settings }: Pick<Example, "files" | "main" | "settings">): FileReport {
  const trees = new Map(Object.entries(files).map(([file, text]) => [file, parser.parse(file, text)]));
  const sources: Sources = {
    module: (path) => trees.get(path.replace(/^\//, "")),
    folder: (path) => [...trees.keys()].some((file) => file.startsWith(`${path}/`)),
    text: (path) => files[path],
    parse: (path, text) => parser.parse(path, text),
  };
  const scenario: AskedScenario = {
    ...defaultScenario,
    sequence: 16,
    ...(settings.scenario as Partial<AskedScenario> | undefined),
  };
  return analyze({ path: main, text: files[main]!, kind: "python", scenario }, { sources, environment });
}

/** A text with a fix applied. */
export function applied(text: string, { edits }: Fix): string {
  const lines = text.split("\n");
  const offset = (line: number, column: number) =>
    lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, column);
  const spans = edits.map(({ span, text: put }) => ({
    start: offset(span.line, span.column),
    end: offset(span.endLine, span.endColumn),
    put,
  }));
  return spans
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((whole, { start, end, put }) => whole.slice(0, start) + put + whole.slice(end), text);
}
