/** Findings that the user has silenced by a comment: `# assay: ignore`, `# assay: ignore[rule]`, `# assay: ignore-file[rule]`. */
import type { Finding } from "../cost/report.ts";
import { isSilence } from "../evidence/directive.ts";
import type { Module } from "../syntax/ast.ts";

/** What a comment silences. */
export interface Silence {
  /** Rule ids; undefined for all. */
  readonly rules: readonly string[] | undefined;
  /** The lines that it speaks of; undefined for the whole file. */
  readonly lines: { readonly first: number; readonly last: number } | undefined;
}

/** The rule ids that such a comment names; undefined for all; a problem where it cannot be read. */
export function silencedRules(text: string): { readonly rules: readonly string[] | undefined } | { problem: string } {
  const match = /^ignore(?:-file)?\s*(?:\[([^\]]*)\])?\s*(?:(?:[-–—:#;,]|because\b).*)?$/.exec(text);
  if (!match) return { problem: `cannot be read: ${text}. Write it as ignore[rule-id] or ignore-file[rule-id]` };
  if (match[1] === undefined) return { rules: undefined };
  const rules = match[1].split(",").map((id) => id.trim());
  if (rules.some((id) => id === "")) return { problem: "names no rule between its brackets" };
  return { rules };
}

/** What the comments of a file silence. One that stands alone on its line speaks of the next line that is no comment. */
export function silencesOf({ directives }: Module, text: string): Silence[] {
  const lines = text.split("\n");
  return directives.flatMap(({ text: written, span }): Silence[] => {
    if (!isSilence(written)) return [];
    const read = silencedRules(written);
    if ("problem" in read) return [];
    const { rules } = read;
    if (written.startsWith("ignore-file")) return [{ rules, lines: undefined }];
    let { line } = span;
    const isAlone = (lines[line] ?? "").slice(0, span.column).trim() === "";
    if (isAlone) while (line + 1 < lines.length && /^\s*(#.*)?$/.test(lines[line] ?? "")) line++;
    return [{ rules, lines: { first: span.line, last: line } }];
  });
}

/** The findings that no comment silences. What is said of the comments themselves stays. */
export function unsilenced(findings: readonly Finding[], path: string, silences: readonly Silence[]): Finding[] {
  if (silences.length === 0) return [...findings];
  return findings.filter(
    ({ rule, at }) => at.path !== path || rule === "assay-comment" || !silences.some((one) => meets(one, rule, at)),
  );
}

function meets({ rules, lines }: Silence, rule: string, at: Finding["at"]): boolean {
  if (rules && !rules.includes(rule)) return false;
  // A finding that is long is silenced on its first line, or behind its last, where formatters put a comment.
  return lines === undefined || [at.line, at.endLine].some((line) => lines.first <= line && line <= lines.last);
}
