/** What findings can be called. */
import rules from "every:rules";
import scriptRules from "every:scriptRules";
import { nearestWord } from "../base/spelling.ts";
import type { ProjectProblem, ProjectText } from "../configs/project/read.ts";
import { techniques } from "./techniques.ts";

/** Findings of the pipeline itself, which no record makes. */
const own = [
  "shape-mismatch",
  "wrong-argument",
  "syntax",
  "assay-project",
  "over-budget",
  "undecided-budget",
  "beyond-trained-length",
  "checkpoint-mismatch",
  "impossible-value",
  "ineffective-value",
  "misspelled-key",
  "refused-config",
  "repeated-key",
  "unknown-family",
  "unknown-quantization",
  "wrong-type",
];

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
  return nearestWord(id, findingIds(), Math.floor(Math.max(2, id.length / 4)));
}
