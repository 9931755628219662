/** Reads and analyses the file that a person names; what cannot be answered is one sentence. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Subject } from "../../advice/subject.ts";
import { type Asked, analyze, subjectsIn, type Workspace } from "../../analyze.ts";
import type { Limits } from "../../base/budget.ts";
import type { Place } from "../../base/place.ts";
import { type AskedScenario, defaultScenario } from "../../base/scenario.ts";
import type { Project } from "../../configs/project/project.ts";
import { deviceOf, unknownDevice } from "../../cost/deviceList.ts";
import type { FileReport } from "../../cost/report.ts";
import type { Sources } from "../../python/interpreter.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Wish } from "./arguments.ts";
import { environmentFor } from "./environment.ts";
import { fileSources } from "./files.ts";
import { projectFor } from "./project.ts";

/** `file:line:column: what. what to do.` */
export class Fault {
  constructor(readonly text: string) {}
}

/** More text than anyone writes by hand: data with an ending of Python's. */
const mostBytes = 8_000_000;

/** A file analysed, and with what. */
export interface Read {
  readonly report: FileReport;
  readonly scenario: AskedScenario;
  readonly project: Project | undefined;
  /** What is wrong with the project's file, in sentences with their places. */
  readonly problems: readonly string[];
}

/** The report of a file, or why there is none. */
export function readReport(wish: Wish, parser: PythonParser, limits: Limits): Read | Fault {
  const opened = open(wish, parser, limits);
  if (opened instanceof Fault) return opened;
  const { analyzed, scenario, project, problems } = opened;
  const report = analyzed({ scenario, change: wish.change, pinned: wish.model });
  if (report.models.length === 0 && !report.findings?.length && !isScript(report))
    return emptiness(report, kindOf(wish.file) ?? "python", wish.file);
  if (wish.model !== undefined && report.models.length > 0 && !report.models.some(({ name }) => name === wish.model)) {
    return fault(
      wish.file,
      `No model is called ${wish.model} here`,
      `Its models are ${report.models.map(({ name }) => name).join(", ")}`,
    );
  }
  const found = report.problems.filter(({ at }) => at.path === project?.path);
  return {
    report,
    scenario,
    project,
    problems: [...problems, ...found.map(({ at, what }) => `${placed(at)}: ${what}`)],
  };
}

/** A file that can be analysed, as often as one likes. */
export interface Opened extends Omit<Read, "report"> {
  readonly file: Pick<Asked, "path" | "text" | "kind">;
  /** Whether the project has a budget that cannot be checked. */
  readonly hasErrors: boolean;
  readonly workspace: Workspace;
  readonly analyzed: (asked: Pick<Asked, "scenario" | "change" | "pinned" | "only">) => FileReport;
  /** The models as techniques see them. */
  readonly subjects: (asked: Pick<Asked, "scenario" | "change" | "pinned">) => Subject[];
}

export function open(
  wish: Wish,
  parser: PythonParser,
  limits: Limits,
  sources: Sources = fileSources(parser),
): Opened | Fault {
  const file = path.resolve(wish.file);
  const text = textOf(file, wish.file);
  if (text instanceof Fault) return text;
  const kind = kindOf(wish.file);
  if (!kind)
    return fault(
      wish.file,
      "This is neither Python, JavaScript nor JSON",
      "Name a .py, .js or .ts file with a model, or a model's config.json",
    );
  const ground = groundOf(wish, limits, sources);
  if (ground instanceof Fault) return ground;
  const { workspace } = ground;
  const one = { path: file.replaceAll("\\", "/"), text, kind };
  const analyzed: Opened["analyzed"] = (asked) => analyze({ ...one, ...asked }, workspace);
  const subjects: Opened["subjects"] = (asked) => subjectsIn({ ...one, ...asked }, workspace);
  return { file: one, ...ground, analyzed, subjects };
}

/** What a file is weighed with, whether it is there or not. */
export function groundOf(
  wish: Wish,
  limits: Limits,
  sources: Sources,
): Pick<Opened, "workspace" | "scenario" | "project" | "problems" | "hasErrors"> | Fault {
  const file = path.resolve(wish.file);
  const { project, problems, hasErrors } = projectFor(file);
  const scenario = { ...defaultScenario, ...project?.scenario, ...wish.change } as AskedScenario;
  if (!deviceOf(scenario.device, project)) return new Fault(noDevice(scenario.device));
  const environment = environmentFor(file, wish.libraries);
  return {
    workspace: { sources, environment, folders: foldersFor(file), project, limits },
    scenario,
    project,
    problems,
    hasErrors,
  };
}

/** Where imports are looked for after the file's own folder: the one that the person is in, as with `python -m`. */
function foldersFor(file: string): string[] {
  const here = process.cwd();
  return file.startsWith(`${here}${path.sep}`) ? [here.replaceAll("\\", "/")] : [];
}

/** What to say where a device is named that nobody knows. */
export function noDevice(id: string): string {
  return `assay: ${unknownDevice(id)} Write \`assay devices\` for all.`;
}

function placed({ path: file, line, column }: Place): string {
  return `${path.relative(process.cwd(), file)}:${line + 1}:${column + 1}`;
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

export function kindOf(file: string): Asked["kind"] | undefined {
  if (/\.json$/i.test(file)) return "config";
  if (/\.([mc]?[jt]s|[jt]sx|html?|vue|svelte)$/i.test(file)) return "javascript";
  return /\.pyi?$/i.test(file) ? "python" : undefined;
}

/** Whether a file was read as what it is without a model: no class that could not be built, no text that was left out. */
function isScript({ script, problems, remarks }: FileReport): boolean {
  if (!script || problems.some(({ rule }) => rule === "syntax")) return false;
  return script.kind === "training script" ? !remarks.some(isUnbuilt) : remarks.every(isHarmless);
}

const isUnbuilt = (remark: string) => /^Line \d+: /.test(remark);
const isHarmless = (remark: string) => remark.startsWith("No Python libraries");

/** Why there is nothing to tell: the text does not parse, the file stopped early, or it holds no model. */
function emptiness(report: FileReport, kind: Asked["kind"], file: string): Fault {
  const [problem] = report.problems.filter(({ at }) => at.path === report.path);
  if (problem) {
    if (problem.rule === "unknown-family")
      return fault(file, sentence(problem.what), "Name a config.json of a family that is supported");
    const what =
      problem.rule === "syntax" && kind === "python" ? "This does not parse as Python" : sentence(problem.what);
    return fault(file, what, "Correct it there, or name another file", problem.at.line, problem.at.column);
  }
  const [remark] = report.remarks.filter((text) => !isHarmless(text));
  if (kind === "config")
    return remark
      ? fault(file, sentence(remark), "Name a config.json of a family that is supported")
      : fault(file, "This JSON describes no model", "Name a config.json with model_type or architectures");
  if (kind === "javascript" && !remark)
    return fault(file, "No TensorFlow.js model is made here", "Name the file that calls tf.sequential or tf.model");
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
