/** A file of a page analysed as a host would, with the page's other files beside it. */
import { analyze } from "../../src/analyze.ts";
import { readSettings, type ScenarioChange } from "../../src/base/settings.ts";
import type { FileReport } from "../../src/cost/report.ts";
import type { View } from "../../src/surfaces/view.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import type { Example } from "../support/example.ts";
import { pythonWasm } from "../support/wasm.ts";

const parser = await loadPythonParser(pythonWasm());
const folder = "/workspace";

/** The report of an example's main file; its `settings` are those under `assay.`, with `scenario` among them. */
export function analysed({ files, main, settings }: Pick<Example, "files" | "main" | "settings">): {
  report: FileReport;
  text: string;
  view: View;
} {
  const text = files[main]!;
  const texts = new Map(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
  const sources = {
    module: (path: string) => (texts.has(path) ? parser.parse(path, texts.get(path)!) : undefined),
    folder: (path: string) => [...texts.keys()].some((file) => file.startsWith(`${path}/`)),
    text: (path: string) => texts.get(path),
    parse: (path: string, source: string) => parser.parse(path, source),
  };
  const { settings: read } = readSettings(settings);
  const environment = { roots: [folder], installed: new Set(["torch"]), versions: {} };
  const kind = main.endsWith(".json") ? "config" : "python";
  const scenario = { ...read.scenario, ...(settings.scenario as ScenarioChange | undefined) };
  const report = analyze({ path: `${folder}/${main}`, text, kind, scenario }, { sources, environment });
  const view: View = { units: read.units, shorten: (path) => path.slice(folder.length + 1) };
  return { report, text, view };
}
