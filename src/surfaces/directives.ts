/** `# assay:` comments: written for the user from what was inferred, and completed while they are typed. */
import { findingIds } from "../advice/ids.ts";
import type { Span } from "../base/place.ts";
import type { FileReport, Fix, ModelReport } from "../cost/report.ts";
import { findings } from "./diagnostics.ts";

/** Makes what was inferred of the models on a selection's lines a comment, for the user to correct. */
export function commentFixes(report: FileReport, selection: Span): Fix[] {
  return report.models.flatMap((model) => {
    const comment = commentOf(model);
    if (!comment || model.at.path !== report.path) return [];
    const { line } = model.at;
    if (selection.line > line || selection.endLine < line) return [];
    const start: Span = { line, column: 0, endLine: line, endColumn: 0 };
    // The class's name stands behind the word `class` and a blank.
    const indent = " ".repeat(Math.max(0, model.at.column - "class ".length));
    return [{ title: "Write how it is weighed as a comment", edits: [{ span: start, text: `${indent}${comment}\n` }] }];
  });
}

/** The comment that says what was inferred; undefined where the user has said it, or it cannot be written down. */
function commentOf({ evidence }: ModelReport): string | undefined {
  return evidence.kind === "defaults" && !evidence.text.includes("…") ? `# assay: ${evidence.text}` : undefined;
}

export interface Completion {
  readonly label: string;
  /** Replaces what stands behind the colon, or is put in at the cursor. */
  readonly insert: string;
  readonly replaces: "all" | "none";
  readonly detail: string;
}

const tensors = ["float32", "int64", "bfloat16", "float16", "bool"];
const sizes: readonly (readonly [string, string])[] = [
  ["B", "batch of the scenario"],
  ["T", "sequence length of the scenario"],
  ["H", "image height of the scenario"],
  ["W", "image width of the scenario"],
];

/** What can stand at a column of a line that has an `# assay:` comment; nothing on other lines. `around`: which line it is. */
export function completions(
  report: FileReport | undefined,
  line: string,
  column: number,
  around?: number,
): Completion[] {
  const head = /^.*?#\s*assay:\s*/.exec(line);
  if (!head || column < head[0].length) return [];
  const typed = line.slice(head[0].length, column);
  const silenced = /^ignore(?:-file)?\[([^\]]*)$/.exec(typed);
  if (silenced) return ruleCompletions(report, silenced[1] ?? "", around);
  // Inside the brackets of a tensor stand sizes.
  if (typed.lastIndexOf("[") > typed.lastIndexOf("]")) {
    return sizes.map(([name, detail]) => ({ label: name, insert: name, replaces: "none", detail }));
  }
  if (/\)\s*\([^)]*$/.test(typed)) {
    return tensors.map((dtype) => ({
      label: `${dtype}[…]`,
      insert: `${dtype}[B, `,
      replaces: "none",
      detail: "a tensor for forward",
    }));
  }
  const models: Completion[] = (report?.models ?? [])
    .filter(({ evidence }) => !evidence.text.includes("…"))
    .map(({ evidence }) => ({
      label: evidence.text,
      insert: evidence.text,
      replaces: "all",
      detail: "as it is weighed now",
    }));
  return [...models, ...silencingCompletions(report, around)];
}

/** Comments that silence what is found around the line. */
function silencingCompletions(report: FileReport | undefined, around: number | undefined): Completion[] {
  const near = nearRules(report, around);
  return [
    ...near.map((rule) => completion(`ignore[${rule}]`, "silences it on this line, or the next")),
    completion("ignore[…]", "silences a finding on this line, or the next", "ignore["),
    completion("ignore-file[…]", "silences a finding in the whole file", "ignore-file["),
  ];
}

function completion(label: string, detail: string, insert = label): Completion {
  return { label, insert, replaces: "all", detail };
}

/** The ids that can stand in the brackets, those found on the line first; those that stand there already left out. */
function ruleCompletions(report: FileReport | undefined, typed: string, around: number | undefined): Completion[] {
  const given = new Set(typed.split(",").map((id) => id.trim()));
  const near = nearRules(report, around);
  return [...new Set([...near, ...findingIds()])]
    .filter((id) => !given.has(id))
    .map((id) => ({
      label: id,
      insert: id,
      replaces: "none",
      detail: near.includes(id) ? "found here" : "",
    }));
}

/** Rules with a finding on a line or the one below it. */
function nearRules(report: FileReport | undefined, line: number | undefined): string[] {
  if (!report || line === undefined) return [];
  const near = findings(report).filter(({ at }) => at.line === line || at.line === line + 1);
  return [...new Set(near.map(({ rule }) => rule))];
}
