/** Quick fixes: what the findings under the cursor offer. */
import { contains, type Span } from "../base/place.ts";
import type { FileReport, Finding, Fix } from "../cost/report.ts";
import { findings } from "./diagnostics.ts";

/** Fixes of the findings that a selection touches; the first of each finding is the one to prefer. */
export function actions(report: FileReport, selection: Span): { finding: Finding; fix: Fix; preferred: boolean }[] {
  return findings(report)
    .filter(({ at }) => touches(at, selection))
    .flatMap((finding) => finding.fixes.map((fix, index) => ({ finding, fix, preferred: index === 0 })));
}

function touches(at: Span, selection: Span): boolean {
  // A finding's first line counts as a whole, since its mark may end before the word that one clicks.
  const onLine = selection.line <= at.line && selection.endLine >= at.line;
  return onLine || contains(at, selection.line, selection.column) || contains(selection, at.line, at.column);
}
