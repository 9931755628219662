/** Two models side by side: their totals, and what of them lies in layers of which kind. */
import { showAmount, type Unit } from "../base/amounts.ts";
import { showScenario } from "../base/scenario.ts";
import { known } from "../base/unknown.ts";
import type { LayerReport, ModelReport } from "../cost/report.ts";
import { modelChange } from "../report/change.ts";
import { figureOf } from "../report/layerFigure.ts";
import { shareText, signed, totalText } from "./change.ts";
import type { View } from "./view.ts";

/** One line of a table: what, of the first, of the second, the difference, and that as a part of the first. */
export type ComparedRow = readonly [what: string, first: string, second: string, difference: string, share: string];

export interface Comparison {
  readonly names: readonly [string, string];
  /** `prefill · B1 T1024 · bf16 · RTX 4090` of each. */
  readonly scenarios: readonly [string, string];
  readonly totals: readonly ComparedRow[];
  /** Parameters and FLOPs by the class of the innermost layers, what weighs most first. */
  readonly groups: readonly ComparedRow[];
  /** What a reader of the groups should know. */
  readonly remarks: readonly string[];
}

export function comparison(first: ModelReport, second: ModelReport, view: View): Comparison {
  const { units } = view;
  const { totals } = modelChange(first, second);
  return {
    names: [first.name, second.name],
    scenarios: [scenarioOf(first), scenarioOf(second)],
    totals: totals.map((one) => [
      one.label,
      totalText(one.before, units),
      totalText(one.after, units),
      one.change === undefined
        ? ""
        : one.change === 0
          ? "same"
          : `${one.sure ? "" : "~ "}${signed(one.change, one.unit, units)}`,
      shareText(one),
    ]),
    groups: [...groupRows(first, second, "params", "count", view), ...groupRows(first, second, "flops", "flops", view)],
    remarks: [first, second]
      .filter(isTied)
      .map(({ name }) => `${name} shares parameters between layers: each of these counts them.`),
  };
}

/** As Markdown: a page, or a comment. */
export function comparisonMarkdown({ names, scenarios, totals, groups, remarks }: Comparison): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const table = (head: string, rows: readonly ComparedRow[]) =>
    [
      `| ${head} | ${names.map(cell).join(" | ")} | difference | |`,
      "|---|--:|--:|--:|--:|",
      ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
    ].join("\n");
  return `${[
    `# ${names[0]} and ${names[1]}`,
    scenarios[0] === scenarios[1] ? scenarios[0] : `${names[0]}: ${scenarios[0]}. ${names[1]}: ${scenarios[1]}.`,
    table("total", totals),
    ...(groups.length > 0 ? ["## By kind of layer", table("layers", groups)] : []),
    ...remarks,
  ].join("\n\n")}\n`;
}

/** Whether layers together have more parameters than the model. */
function isTied({ root }: ModelReport): boolean {
  const all = [...byClass(root, "params").values()].reduce((sum, { amount }) => sum + amount, 0);
  return all > (known(root.params) ?? all);
}

function scenarioOf({ scenario, uses, device }: ModelReport): string {
  return `${scenario.phase} · ${showScenario(scenario, uses)} · ${device?.name ?? scenario.device}`;
}

/** More kinds of layers than this say nothing more. */
const mostGroups = 8;

function groupRows(
  first: ModelReport,
  second: ModelReport,
  figure: "params" | "flops",
  unit: Unit,
  { units }: View,
): ComparedRow[] {
  const [a, b] = [byClass(first.root, figure), byClass(second.root, figure)];
  const classes = [...new Set([...a.keys(), ...b.keys()])];
  const size = (name: string) => Math.max(a.get(name)?.amount ?? 0, b.get(name)?.amount ?? 0);
  return classes
    .sort((x, y) => size(y) - size(x))
    .slice(0, mostGroups)
    .map((name) => {
      const [was, is] = [a.get(name), b.get(name)];
      const text = (one: Group | undefined) => (one ? `${showAmount(one.amount, unit, units)} in ${one.count}` : "–");
      const by = (is?.amount ?? 0) - (was?.amount ?? 0);
      const share = was && by !== 0 ? `${by > 0 ? "+" : "−"}${Math.round((100 * Math.abs(by)) / was.amount)} %` : "";
      const label = `${figure === "params" ? "parameters" : "FLOPs"} of ${name}`;
      return [label, text(was), text(is), by === 0 ? "same" : signed(by, unit, units), share] as const;
    });
}

interface Group {
  readonly amount: number;
  readonly count: number;
}

/** What lies in each class of layer itself, less what lies in the layers inside it. */
function byClass(root: LayerReport, figure: "params" | "flops"): Map<string, Group> {
  const groups = new Map<string, Group>();
  const walk = (layer: LayerReport) => {
    const inside = layer.children.reduce((sum, child) => sum + (known(figureOf(child, figure)) ?? 0), 0);
    const own = figure === "params" ? (known(layer.ownParams) ?? 0) : (known(figureOf(layer, figure)) ?? 0) - inside;
    if (own > 0) {
      const before = groups.get(layer.className) ?? { amount: 0, count: 0 };
      groups.set(layer.className, { amount: before.amount + own, count: before.count + 1 });
    }
    for (const child of layer.children) walk(child);
  };
  walk(root);
  return groups;
}
