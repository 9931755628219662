/** What findings can be called. */
import rules from "every:rules";
import scriptRules from "every:scriptRules";
import type { ProjectProblem, ProjectText } from "../configs/project/read.ts";
import { techniques } from "./techniques.ts";

/** Findings of the pipeline itself, which no record makes. */
const own = ["shape-mismatch", "wrong-argument", "syntax", "assay-project", "over-budget", "undecided-budget"];

/** The ids of all findings: what a comment, a setting or `assay.json` can silence. */
export function findingIds(): readonly string[] {
  return [
    ...new Set([...[...rules, ...scriptRules].map(({ record }) => record.id), ...techniques.keys(), ...own]),
  ].sort();
}

/** Severities in an `assay.json` of findings that do not exist. */
export function ruleProblems({ project, at }: ProjectText): ProjectProblem[] {
  const known = new Set(findingIds());
  return Object.keys(project.rules)
    .filter((id) => !known.has(id))
    .map((id) => {
      const near = nearestId(id);
      return { span: at(["rules", id]), text: `rules.${id}: no finding is called so${near ? `; ${near} is` : ""}.` };
    });
}

/** The id that was meant by one that does not exist: the nearest by letters, where any is near. */
export function nearestId(id: string): string | undefined {
  const [best] = findingIds()
    .map((known) => ({ known, far: distance(id, known) }))
    .sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(2, id.length / 4) ? best.known : undefined;
}

/** How many letters must be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = [...Array(b.length + 1).keys()];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length]!;
}
