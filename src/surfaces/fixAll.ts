/** All rewrites of a file that leave what it computes as it is, as one. */
import type { Span } from "../base/place.ts";
import type { FileReport, Finding, Fix } from "../cost/report.ts";
import { findings } from "./diagnostics.ts";

type Edit = Fix["edits"][number];

/**
 * The edits of the exact fixes of all findings, in the order of the text; those that touch another one's lines are left for
 * the next time. A fix that is needed by several findings, such as an import, is made once.
 */
export function fixAll(
  report: FileReport,
  rules?: Parameters<typeof findings>[1],
): { edits: Edit[]; fixed: Finding[] } {
  const edits: Edit[] = [];
  const fixed: Finding[] = [];
  for (const finding of findings(report, rules)) {
    const [fix] = finding.fixes;
    if (!fix?.exact || fix.creates) continue;
    const own = fix.edits.filter((edit) => !edits.some((other) => isSame(edit, other)));
    if (own.some((edit) => edits.some((other) => meets(edit.span, other.span)))) continue;
    edits.push(...own);
    fixed.push(finding);
  }
  edits.sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
  return { edits, fixed };
}

function isSame(a: Edit, b: Edit): boolean {
  const keys = ["line", "column", "endLine", "endColumn"] as const;
  return a.text === b.text && keys.every((key) => a.span[key] === b.span[key]);
}

/** Whether two spans have a character in common, or two texts would be put in at the same place. */
function meets(a: Span, b: Span): boolean {
  const isBefore = (first: Span, second: Span) =>
    first.endLine < second.line ||
    (first.endLine === second.line &&
      (first.endColumn < second.column || (first.endColumn === second.column && !isPoint(first, second))));
  return !isBefore(a, b) && !isBefore(b, a);
}

/** Whether both are the same empty place. */
function isPoint(a: Span, b: Span): boolean {
  return a.line === b.line && a.column === b.column && b.endLine === b.line && b.endColumn === b.column;
}
