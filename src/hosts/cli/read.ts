/** Reads and analyses the file that a person names; what cannot be answered is one sentence. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { analyze } from "../../analyze.ts";
import type { Limits } from "../../base/budget.ts";
import type { FileReport } from "../../cost/report.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Wish } from "./arguments.ts";
import { environmentFor } from "./environment.ts";
import { fileSources } from "./files.ts";

/** `file:line:column: what. what to do.` */
export class Fault {
  constructor(readonly text: string) {}
}

/** More text than anyone writes by hand: data with an ending of Python's. */
const mostBytes = 8_000_000;

export function readReport(wish: Wish, parser: PythonParser, limits: Limits): FileReport | Fault {
  const file = path.resolve(wish.file);
  const text = textOf(file, wish.file);
  if (text instanceof Fault) return text;
  const kind = kindOf(wish.file);
  if (!kind)
    return fault(
      wish.file,
      "This is neither Python nor JSON",
      "Name a .py file with a model, or a model's config.json",
    );
  const workspace = { sources: fileSources(parser), environment: environmentFor(file, wish.libraries), limits };
  const report = analyze(
    { path: file.replaceAll("\\", "/"), text, kind, scenario: wish.scenario, pinned: wish.model },
    workspace,
  );
  if (report.models.length === 0) return emptiness(report, kind, wish.file);
  if (wish.model !== undefined && !report.models.some(({ name }) => name === wish.model)) {
    return fault(
      wish.file,
      `No model is called ${wish.model} here`,
      `Its models are ${report.models.map(({ name }) => name).join(", ")}`,
    );
  }
  return report;
}

function textOf(file: string, shown: string): string | Fault {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) return fault(shown, "There is no such file", "Check its name and the folder you are in");
  if (found.isDirectory()) return fault(shown, "This is a folder", "Name one file in it");
  if (found.size > mostBytes)
    return fault(
      shown,
      `This file has ${Math.round(found.size / 1e6)} MB, too much for source text`,
      "Name the file that defines the model",
    );
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return fault(
      shown,
      `It cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}`,
      "Check its permissions",
    );
  }
  if (bytes.includes(0))
    return fault(shown, "This is not text", "Name a .py file with a model, or a model's config.json");
  return bytes.toString("utf8");
}

function kindOf(file: string): "python" | "config" | undefined {
  if (/\.json$/i.test(file)) return "config";
  return /\.pyi?$/i.test(file) ? "python" : undefined;
}

/** Why there is nothing to tell: the text does not parse, the file stopped early, or it holds no model. */
function emptiness(report: FileReport, kind: "python" | "config", file: string): Fault {
  const [problem] = report.problems;
  if (problem) {
    const what =
      problem.rule === "syntax" && kind === "python" ? "This does not parse as Python" : sentence(problem.what);
    return fault(file, what, "Correct it there, or name another file", problem.at.line, problem.at.column);
  }
  const [remark] = report.remarks.filter((text) => !text.startsWith("No Python libraries"));
  if (kind === "config")
    return remark
      ? fault(file, sentence(remark), "Name a config.json of a family that is supported")
      : fault(file, "This JSON describes no model", "Name a config.json with model_type or architectures");
  // A class that cannot be built names its line and what to write.
  const [, line, reason] = /^Line (\d+): (.*)$/s.exec(remark ?? "") ?? [];
  if (line && reason) {
    const [what, toDo] = reason.split(": say ");
    return fault(
      file,
      sentence(what!),
      toDo ? `Say ${sentence(toDo)}` : "Say how to build it in a comment",
      Number(line) - 1,
    );
  }
  if (remark) return fault(file, sentence(remark), "Figures need a file whose top level ends");
  return fault(file, "No nn.Module is defined here", "Name the file that defines the model");
}

const sentence = (text: string) => text.replace(/\.$/, "");

function fault(file: string, what: string, toDo: string, line = 0, column = 0): Fault {
  return new Fault(`${file}:${line + 1}:${column + 1}: ${what}. ${toDo}.`);
}
