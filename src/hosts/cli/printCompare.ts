/** Two models side by side on a terminal, as Markdown and as JSON. */
import { known } from "../../base/unknown.ts";
import { modelChange } from "../../report/change.ts";
import { type ComparedRow, comparison, comparisonMarkdown } from "../../surfaces/comparison.ts";
import type { View } from "../../surfaces/view.ts";
import type { Format } from "./arguments.ts";
import type { Compared, Side } from "./compare.ts";
import type { Paint } from "./printing.ts";

export function printCompare({ sides }: Compared, format: Format, view: View, brush: Paint): string {
  if (format === "json") return `${JSON.stringify(compareJson(sides), null, 2)}\n`;
  const compared = comparison(sides[0].model, sides[1].model, view);
  if (format === "markdown") return comparisonMarkdown(compared);
  const { names, scenarios, totals, groups, remarks } = compared;
  const head: ComparedRow = ["", ...names, "difference", ""];
  const [first, ...rest] = table([head, ...totals]);
  return `${[
    brush.dim(`${sides.map(({ file }) => file).join(" and ")}`),
    brush.dim(scenarios[0] === scenarios[1] ? scenarios[0] : scenarios.join("  against  ")),
    brush.bold(first as string),
    ...rest,
    ...(groups.length > 0 ? ["", ...table([...groups])] : []),
    ...remarks.map((text) => brush.dim(text)),
  ].join("\n")}\n`;
}

/** Rows with their columns aligned: the first to the left, numbers to the right. */
function table(rows: readonly ComparedRow[]): string[] {
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...rows.map((row) => (row[at] as string).length)));
  return rows.map((row) =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[i] as number) : text.padStart(widths[i] as number)))
      .join("  ")
      .trimEnd(),
  );
}

function compareJson([a, b]: readonly [Side, Side]) {
  const { totals } = modelChange(a.model, b.model);
  return {
    models: [a, b].map(({ file, model }) => ({ file, name: model.name, scenario: model.scenario })),
    totals: Object.fromEntries(
      totals.map(({ figure, before, after, change, sure }) => [
        figure,
        {
          first: (before && known(before.value)) ?? null,
          second: (after && known(after.value)) ?? null,
          difference: change ?? null,
          exact: sure,
        },
      ]),
    ),
  };
}
