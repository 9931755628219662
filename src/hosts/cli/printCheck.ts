/** A check for a terminal, silent where all is well; for a pull request; and for programs. */
import { showAmount } from "../../base/amounts.ts";
import { known } from "../../base/unknown.ts";
import type { Finding } from "../../cost/report.ts";
import { limitText, scenarioText, type Verdict } from "../../report/budgets.ts";
import { totalText } from "../../surfaces/change.ts";
import { findingText } from "../../surfaces/diagnostics.ts";
import type { View } from "../../surfaces/view.ts";
import type { Format } from "./arguments.ts";
import type { Check } from "./check.ts";
import type { Paint } from "./printing.ts";

export function printCheck(check: Check, format: Format, view: View, brush: Paint): string {
  if (format === "json") return `${JSON.stringify(checkJson(check, view), null, 2)}\n`;
  if (format === "markdown") return markdown(check, view);
  return check.told.map((finding) => `${lineOf(finding, view, brush)}\n`).join("");
}

/** `gpt.py:12:7: error over-budget: …`: the form that editors and CI link. */
function lineOf(finding: Finding, view: View, { red, yellow, blue, bold }: Paint): string {
  const { severity, rule, at } = finding;
  const tone = severity === "error" ? red : severity === "warning" ? yellow : blue;
  return `${view.shorten(at.path)}:${at.line + 1}:${at.column + 1}: ${tone(severity)} ${bold(rule)}: ${findingText(finding)}`;
}

const marks: Readonly<Record<Verdict["outcome"], string>> = {
  kept: "✓ kept",
  broken: "✗ **broken**",
  undecided: "? cannot be decided",
};

function markdown({ verdicts, told }: Check, view: View): string {
  const rows = verdicts.map(({ model, limit, total, outcome }) => {
    const value = totalText(total, view.units);
    const room = total && outcome === "kept" ? roomText(limit.most, known(total.value), total.unit, view) : "";
    const scenario = scenarioText(model);
    return `| \`${model.name}\` | ${scenario} | ${total?.label ?? limit.figure} | ${value} | ${limitText(limit)} | ${marks[outcome]}${room} |`;
  });
  const lines = told.map((finding) => {
    const { severity, rule, at } = finding;
    return `- **${severity}** \`${rule}\` (${view.shorten(at.path)}:${at.line + 1}): ${findingText(finding)}`;
  });
  return `${[
    "### Assay: budgets",
    rows.length === 0
      ? "No budget is set for these files."
      : ["| model | scenario | figure | is | budget | |", "|---|---|---|--:|--:|---|", ...rows].join("\n"),
    ...(lines.length > 0 ? [lines.join("\n")] : []),
  ].join("\n\n")}\n`;
}

/** `, 2.1 GB left`. */
function roomText(most: number, value: number | undefined, unit: Parameters<typeof showAmount>[1], view: View): string {
  return value === undefined || most <= value ? "" : `, ${showAmount(most - value, unit, view.units)} left`;
}

function checkJson({ verdicts, told, failed }: Check, view: View) {
  return {
    failed,
    budgets: verdicts.map(({ model, limit, total, outcome, savings }) => ({
      file: view.shorten(model.at.path),
      model: model.name,
      scenario: model.scenario,
      figure: limit.figure,
      value: (total && known(total.value)) ?? null,
      exact: total?.worth === "exact",
      limit: limit.most,
      outcome,
      savings,
    })),
    findings: told.map((finding) => ({
      rule: finding.rule,
      severity: finding.severity,
      at: { file: view.shorten(finding.at.path), line: finding.at.line + 1, column: finding.at.column + 1 },
      text: findingText(finding),
    })),
  };
}
