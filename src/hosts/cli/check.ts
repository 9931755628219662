/** `assay check`: the budgets of `assay.json` against the models they are about, and findings for code scanning. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { analyze, weighBudgets } from "../../analyze.ts";
import type { Limits } from "../../base/budget.ts";
import type { Place } from "../../base/place.ts";
import { fileName, type Project } from "../../configs/project/project.ts";
import type { Finding } from "../../cost/report.ts";
import { pathOf } from "../../evidence/project.ts";
import { budgetFindings, type Verdict } from "../../report/budgets.ts";
import { findings } from "../../surfaces/diagnostics.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import { fileSources } from "./files.ts";
import { projectFor } from "./project.ts";
import { Fault, open } from "./read.ts";
import type { ReviewCommand, Severity } from "./reviewWords.ts";

type Asked = ReviewCommand & { readonly kind: "check" };

export interface Check {
  readonly verdicts: readonly Verdict[];
  /** What fails or could not be decided: budgets, then findings of the severities that are not let through. */
  readonly told: readonly Finding[];
  /** All findings, for code scanning. */
  readonly all: readonly Finding[];
  /** What is wrong with project files, a sentence each. */
  readonly problems: readonly string[];
  readonly failed: boolean;
}

const order: readonly Severity[] = ["hint", "information", "warning", "error"];

/** Checks the files that are named, or all that the project here names. */
export function check(asked: Asked, parser: PythonParser, limits: Limits): Check | Fault {
  const here = asked.files.length > 0 ? undefined : projectFor(path.resolve(fileName));
  if (here && !here.project)
    return new Fault(`assay: there is no ${fileName} here that names models. Write one, or \`assay check FILE\`.`);
  const files = here?.project ? filesOf(here.project) : asked.files;
  const sources = fileSources(parser);
  const verdicts: Verdict[] = [];
  const broken: Finding[] = [];
  const found: Finding[] = [];
  const problems = new Set<string>(here?.problems);
  let isWrong = here?.hasErrors ?? false;
  for (const file of files) {
    const opened = open({ ...asked.wish, file }, parser, limits, sources);
    if (opened instanceof Fault) {
      problems.add(opened.text);
      isWrong = true;
      continue;
    }
    for (const problem of opened.problems) problems.add(problem);
    isWrong ||= opened.hasErrors;
    const { wish } = asked;
    const budgets = weighBudgets({ ...opened.file, change: wish.change, advise: true }, opened.workspace);
    verdicts.push(...budgets.verdicts);
    broken.push(...budgetFindings(budgets));
    const wantsFindings = asked.sarif !== undefined || asked.maxSeverity !== undefined;
    const report =
      wantsFindings && analyze({ ...opened.file, scenario: opened.scenario, change: wish.change }, opened.workspace);
    if (report) found.push(...findings(report));
  }
  const above = found.filter(
    ({ severity }) => asked.maxSeverity !== undefined && rank(severity) > rank(asked.maxSeverity),
  );
  return {
    verdicts,
    told: [...broken, ...above],
    all: [...broken, ...found],
    problems: [...problems],
    failed:
      isWrong ||
      above.length > 0 ||
      broken.some(({ severity }) => severity === "error" || (asked.strict && severity === "warning")),
  };
}

const rank = (severity: Severity) => order.indexOf(severity);

/** The files of a project's budgets, and those that it says how to build. */
function filesOf(project: Project): string[] {
  const named = [...project.budgets, ...project.models].map(({ file }) => pathOf(project, file));
  return [...new Set(named)].filter((file) => existsSync(file)).map((file) => path.relative(process.cwd(), file));
}

/** A line of a file on the disk; "" where it cannot be read. */
export function lineReader(): (place: Place) => string {
  const texts = new Map<string, readonly string[]>();
  return ({ path: file, line }) => {
    const lines = texts.get(file) ?? (existsSync(file) ? readFileSync(file, "utf8").split("\n") : []);
    texts.set(file, lines);
    return lines[line] ?? "";
  };
}
