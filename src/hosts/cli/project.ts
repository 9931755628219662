/** The nearest `assay.json` above a file. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { ruleProblems } from "../../advice/ids.ts";
import { fileName, type Project } from "../../configs/project/project.ts";
import { type ProjectProblem, readProject } from "../../configs/project/read.ts";
import { deviceProblems } from "../../cost/deviceList.ts";
import { pathOf } from "../../evidence/project.ts";

/** What is read of a project, and a sentence with its place for each thing that is wrong with it. */
export interface FoundProject {
  readonly project: Project | undefined;
  readonly problems: readonly string[];
  /** Whether a budget cannot be read or names a file that is not there. */
  readonly hasErrors: boolean;
}

/** The project of a file; nothing where no folder above it has an `assay.json`. */
export function projectFor(file: string): FoundProject {
  const found = above(path.resolve(file));
  if (found === undefined) return { project: undefined, problems: [], hasErrors: false };
  const read = readProject(found.replaceAll("\\", "/"), readFileSync(found, "utf8"));
  const missing = (key: "models" | "budgets", severity?: "error") =>
    read.project[key].flatMap(({ file: named }, i): ProjectProblem[] =>
      existsSync(pathOf(read.project, named))
        ? []
        : [{ span: read.at([key, i, "file"]), text: `There is no file ${named}.`, severity }],
    );
  const shown = path.relative(process.cwd(), found) || found;
  const problems: ProjectProblem[] = [
    ...read.problems,
    ...deviceProblems(read),
    ...ruleProblems(read),
    ...missing("models"),
    ...missing("budgets", "error"),
  ];
  return {
    project: read.project,
    problems: problems.map(({ span: { line, column }, text }) => `${shown}:${line + 1}:${column + 1}: ${text}`),
    hasErrors: problems.some(({ severity }) => severity === "error"),
  };
}

function above(file: string): string | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const one = path.join(folder, fileName);
    if (statSync(one, { throwIfNoEntry: false })?.isFile()) return one;
    if (folder === path.dirname(folder)) return undefined;
  }
}
