/** Quick fixes: what the findings under the cursor offer. */
import type { Span } from "../base/place.ts";
import type { FileReport, Finding, Fix } from "../cost/report.ts";
import { findings } from "./diagnostics.ts";

/**
 * Fixes whose finding, or whose own edits, stand on the lines of a selection: whoever looks at a line that a fix would
 * change is offered it. The first fix of each finding is the one to prefer.
 */
export function actions(
  report: FileReport,
  selection: Span,
  rules?: Parameters<typeof findings>[1],
): { finding: Finding; fix: Fix; preferred: boolean }[] {
  return findings(report, rules).flatMap((finding) =>
    finding.fixes
      .map((fix, index) => ({ finding, fix, preferred: index === 0 }))
      .filter(({ fix }) => [finding.at, ...fix.edits.map(({ span }) => span)].some((span) => meets(span, selection))),
  );
}

function meets(span: Span, selection: Span): boolean {
  return selection.line <= span.endLine && selection.endLine >= span.line;
}

/** The findings that stand on the lines of a selection. */
export function findingsOn(
  report: FileReport,
  selection: Span,
  rules?: Parameters<typeof findings>[1],
): readonly Finding[] {
  return findings(report, rules).filter(({ at }) => meets(at, selection));
}
