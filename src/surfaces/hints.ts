/** Shapes beside the names that are bound in `forward`. */
import type { FileReport, ShapeHint } from "../cost/report.ts";

export interface Hint {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly tooltip: string;
}

/** At most one hint a line, the last name's; none where two models disagree about it or where it repeats the line above's. */
export function hints(report: FileReport): Hint[] {
  const byLine = new Map<number, ShapeHint[]>();
  for (const hint of report.models.flatMap((model) => model.hints)) {
    if (hint.at.path !== report.path || hint.text === "") continue;
    byLine.set(hint.at.line, [...(byLine.get(hint.at.line) ?? []), hint]);
  }
  const found: Hint[] = [];
  for (const [line, all] of [...byLine].sort(([a], [b]) => a - b)) {
    const column = Math.max(...all.map((hint) => hint.at.endColumn));
    const here = all.filter((hint) => hint.at.endColumn === column);
    if (new Set(here.map((hint) => hint.text)).size > 1) continue;
    const { text, tooltip } = here[0]!;
    found.push({ line, column, text: ` ${text}`, tooltip });
  }
  return found;
}
