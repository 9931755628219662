/** The nearest `assay.json` above a file. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { ruleProblems } from "../../advice/ids.ts";
import { fileName, type Project } from "../../configs/project/project.ts";
import { readProject } from "../../configs/project/read.ts";
import { deviceProblems } from "../../cost/deviceList.ts";
import { pathOf } from "../../evidence/project.ts";

/** What is read of a project, and a sentence with its place for each thing that is wrong with it. */
export interface FoundProject {
  readonly project: Project | undefined;
  readonly problems: readonly string[];
}

/** The project of a file; nothing where no folder above it has an `assay.json`. */
export function projectFor(file: string): FoundProject {
  const found = above(path.resolve(file));
  if (found === undefined) return { project: undefined, problems: [] };
  const read = readProject(found.replaceAll("\\", "/"), readFileSync(found, "utf8"));
  const missing = read.project.models.flatMap(({ file: named }, i) =>
    existsSync(pathOf(read.project, named))
      ? []
      : [{ span: read.at(["models", i, "file"]), text: `There is no file ${named}.` }],
  );
  const shown = path.relative(process.cwd(), found) || found;
  return {
    project: read.project,
    problems: [...read.problems, ...deviceProblems(read), ...ruleProblems(read), ...missing].map(
      ({ span: { line, column }, text }) => `${shown}:${line + 1}:${column + 1}: ${text}`,
    ),
  };
}

function above(file: string): string | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const one = path.join(folder, fileName);
    if (statSync(one, { throwIfNoEntry: false })?.isFile()) return one;
    if (folder === path.dirname(folder)) return undefined;
  }
}
