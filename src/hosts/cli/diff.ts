/** `assay diff`: the models of files as they are, against what they were at a commit. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { analyze } from "../../analyze.ts";
import type { Limits } from "../../base/budget.ts";
import type { LimitWord } from "../../configs/project/limits.ts";
import { fileName } from "../../configs/project/project.ts";
import { projectOfThen } from "../../configs/project/read.ts";
import type { ModelReport } from "../../cost/report.ts";
import { pathOf } from "../../evidence/project.ts";
import { fileChange, type ModelChange } from "../../report/change.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Wish } from "./arguments.ts";
import { type FileSources, fileSources } from "./files.ts";
import { type Base, baseOf, importersOf, isCommit } from "./git.ts";
import { projectFor } from "./project.ts";
import { Fault, groundOf, kindOf, open } from "./read.ts";

export interface Diff {
  /** What it is compared with: `main (1a2b3c4)`. */
  readonly since: string;
  readonly files: readonly FileDiff[];
  readonly problems: readonly string[];
}

export interface FileDiff {
  /** As it would be typed here. */
  readonly file: string;
  readonly changes: readonly ModelChange[];
}

/** Compares the files that the words name, or else those that changed and those that the project is about. */
export function readDiff(words: readonly string[], wish: Wish, parser: PythonParser, limits: Limits): Diff | Fault {
  const asked = wordsOf(words);
  if (asked instanceof Fault) return asked;
  const [first] = asked.files;
  const folder = path.dirname(path.resolve(first ?? "here"));
  const base = baseOf(existsSync(folder) ? folder : process.cwd(), asked.base);
  if (base instanceof Fault) return base;
  const sources = fileSources(parser);
  const files: FileDiff[] = [];
  const problems = new Set<string>();
  for (const file of first === undefined ? candidates(base) : asked.files) {
    const one = fileDiff(file, base, { ...wish, file }, parser, limits, sources);
    if (one instanceof Fault) {
      if (first !== undefined) return one;
      continue;
    }
    for (const problem of one.problems) problems.add(problem);
    if (one.changes.length > 0 || first !== undefined) files.push({ file, changes: one.changes });
  }
  return { since: base.name, files, problems: [...problems] };
}

/** The figures of models that were there before and of which there is more now. */
export function increases({ files }: Diff, figures: readonly LimitWord[]): { model: string; figure: LimitWord }[] {
  return files.flatMap(({ changes }) =>
    changes
      .filter(({ kind }) => kind === "changed")
      .flatMap(({ name, totals }) =>
        totals
          .filter(({ figure, change = 0 }) => figures.includes(figure) && change > 0)
          .map(({ figure }) => ({ model: name, figure })),
      ),
  );
}

/** The first word is the base where no file is called so. */
function wordsOf([first, ...more]: readonly string[]): { base: string; files: readonly string[] } | Fault {
  if (first === undefined) return { base: "HEAD", files: [] };
  const isFile = statSync(first, { throwIfNoEntry: false })?.isFile() === true;
  if (isFile) return { base: "HEAD", files: [first, ...more] };
  const folder = more[0] === undefined ? process.cwd() : path.dirname(path.resolve(more[0]));
  if (isCommit(existsSync(folder) ? folder : process.cwd(), first)) return { base: first, files: more };
  if (kindOf(first)) return { base: "HEAD", files: [first, ...more] };
  return new Fault(`assay: ${first} is neither a file nor a commit here. Write \`assay diff BASE FILE\`.`);
}

/** Files that changed, those that import them, and those that the project at the root names, as they would be typed here. */
function candidates({ root, changed }: Base): string[] {
  const { project } = projectFor(path.join(root, fileName));
  const named = project ? [...project.models, ...project.budgets].map(({ file }) => pathOf(project, file)) : [];
  const touched = [...changed.keys()].filter((file) => /\.py$|(^|\/)config\.json$/.test(file));
  const importers = importersOf(
    root,
    touched.filter((file) => file.endsWith(".py")),
  ).filter(definesModule);
  return [...new Set([...named, ...touched, ...importers])].sort().map((file) => path.relative(process.cwd(), file));
}

function definesModule(file: string): boolean {
  return /^class\s+\w+\(.*Module\b/m.test(readFileSync(file, "utf8"));
}

function fileDiff(
  name: string,
  base: Base,
  wish: Wish,
  parser: PythonParser,
  limits: Limits,
  sources: FileSources,
): (FileDiff & { problems: readonly string[] }) | Fault {
  const file = path.resolve(name).replaceAll("\\", "/");
  const kind = kindOf(name);
  const laid = base.changed.get(file);
  const isGone = !existsSync(file) && typeof laid === "string";
  const opened = isGone ? undefined : open(wish, parser, limits, sources);
  if (opened instanceof Fault) return opened;
  const ground = opened ?? groundOf(wish, limits, sources);
  if (ground instanceof Fault) return ground;
  const { workspace, scenario, problems } = ground;
  const asked = { scenario, change: wish.change };
  const after = opened?.analyzed(asked).models ?? [];
  const text = laid === undefined ? opened?.file.text : laid;
  const { project } = workspace;
  const then = { ...workspace, project: project && projectOfThen(project, base.changed.get(project.path)) };
  const before = (): readonly ModelReport[] =>
    typeof text === "string" && kind
      ? sources.during(base.changed, () => analyze({ path: file, text, kind, ...asked }, then)).models
      : [];
  const wanted = ({ name: model }: ModelChange) => wish.model === undefined || model === wish.model;
  return {
    file: name,
    changes: fileChange(base.changed.size === 0 ? after : before(), after).filter(wanted),
    problems,
  };
}
