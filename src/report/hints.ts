import type { Scenario } from "../base/scenario.ts";
import type { ShapeHint } from "../cost/report.ts";
import type { Observed } from "../evidence/observe.ts";
import { type Size, SymInt, showSize } from "../tensor/size.ts";

/** Shapes behind assignments, symbolic first; nothing where the calls disagree. One a line: the last name of it. */
export function shapeHints({ shapes }: Observed, scenario: Scenario): ShapeHint[] {
  const byLine = new Map<number, ShapeHint>();
  for (const { name, at, seen } of shapes.values()) {
    const texts = new Set(seen.map(show));
    const [text] = texts;
    if (texts.size !== 1 || text === undefined) continue;
    const first = seen[0] as readonly Size[];
    byLine.set(at.line, { name, at, text: `⟨${text}⟩`, tooltip: tooltip(first, scenario) });
  }
  return [...byLine.values()].sort((a, b) => a.at.line - b.at.line);
}

function show(shape: readonly Size[]): string {
  return shape.map(showSize).join(", ");
}

function tooltip(shape: readonly Size[], { batch, sequence, imageSize }: Scenario): string {
  const concrete = shape.map((size) => (size instanceof SymInt ? String(size.hint) : showSize(size))).join(", ");
  const used = show(shape);
  const names = [
    ...(used.includes("B") ? [`B = ${batch}`] : []),
    ...(used.includes("T") ? [`T = ${sequence}`] : []),
    ...(/[HW]/.test(used) ? [`H = W = ${imageSize}`] : []),
  ];
  return names.length > 0 ? `${concrete} with ${names.join(", ")} (scenario)` : concrete;
}
