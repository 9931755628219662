/** The report as Markdown, for a pull request or a page. */
import { showScenario } from "../../base/scenario.ts";
import type { FileReport, Finding, ModelReport } from "../../cost/report.ts";
import { findings, findingText } from "../../surfaces/diagnostics.ts";
import { summary } from "../../surfaces/lens.ts";
import type { View } from "../../surfaces/view.ts";
import type { Wish } from "./arguments.ts";
import { findingsOf, inOrder, placeText } from "./print.ts";
import { rowsOf, totalsOf } from "./printing.ts";
import { ranksMarkdown } from "./printRanks.ts";

export function printMarkdown(report: FileReport, wish: Wish, view: View): string {
  const [model, ...others] = inOrder(report, wish);
  if (!model) return `${findingLines(findings(report), view).join("\n")}\n`;
  const remarks = report.remarks.map((text) => `- ${text}`);
  const parts = [
    modelText(report, model, wish, view),
    ...section("Remarks", remarks),
    ...section(
      "Also here",
      others.map((other) => `- \`${other.name}\`: ${summary(other, view)}`),
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

function modelText(report: FileReport, model: ModelReport, { depth, explain }: Wish, view: View): string {
  const { evidence, scenario } = model;
  const rows = rowsOf(model, view, depth).rows.map(
    ({ depth: level, name, kind, params, flops, weights, saved, output }) =>
      cells([
        `${"&emsp;".repeat(level)}\`${name}\`${kind ? ` ${kind}` : ""}`,
        params,
        flops,
        weights,
        saved,
        output && `\`${output}\``,
      ]),
  );
  const unknowns = explain ? model.unknowns : model.unknowns.slice(0, 10);
  const at = (place: { path: string; line: number } | undefined) => (place ? ` (${placeText(place, view)})` : "");
  return [
    `# ${model.name}`,
    `Evidence: ${evidence.kind}, \`${evidence.text}\`. Scenario: ${scenario.phase} · ${showScenario(scenario, model.uses)} · ${view.device?.name ?? scenario.device}.`,
    [
      "| | | |",
      "|---|--:|---|",
      ...totalsOf(model, view).map(({ label, value, note }) => cells([label, value, note])),
    ].join("\n"),
    ...ranksMarkdown(model, view),
    ["| layer | params | FLOPs | weights | saved | output |", "|---|--:|--:|--:|--:|---|", ...rows].join("\n"),
    ...section("Findings", findingLines(findingsOf(report, model), view)),
    ...section(
      "Assumed",
      model.assumptions.map(({ text, at: place }) => `- ${text}${at(place)}`),
    ),
    ...section(
      "Not known",
      unknowns.map(({ reason, at: place }) => `- ${reason}${at(place)}`),
    ),
  ].join("\n\n");
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join("\n")];
}

function findingLines(list: readonly Finding[], view: View): string[] {
  return list.map(
    (finding) =>
      `- **${finding.severity}** \`${finding.rule}\` (${placeText(finding.at, view)}): ${findingText(finding)}`,
  );
}
