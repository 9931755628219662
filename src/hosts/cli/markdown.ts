/** The report as Markdown, for a pull request or a page. */
import { showScenario } from "../../base/scenario.ts";
import type { FileReport, Finding, ModelReport } from "../../cost/report.ts";
import { findings, findingText } from "../../surfaces/diagnostics.ts";
import { spreadText } from "../../surfaces/fit.ts";
import { runtimeRows } from "../../surfaces/kvText.ts";
import { summary } from "../../surfaces/lens.ts";
import { holdersText, sizesText, termRows } from "../../surfaces/memoryText.ts";
import type { View } from "../../surfaces/view.ts";
import type { Wish } from "./arguments.ts";
import { assumedOfMemory, findingsOf, inOrder, placeText } from "./print.ts";
import { rowsOf, totalsOf } from "./printing.ts";
import { ranksMarkdown } from "./printRanks.ts";

/** What of the words a page depends on. */
type Shown = Pick<Wish, "model" | "depth" | "explain">;

export function printMarkdown(report: FileReport, wish: Shown, view: View): string {
  const [model, ...others] = inOrder(report, wish);
  if (!model) return `${withoutModel(report, view)}\n`;
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

function withoutModel(report: FileReport, view: View): string {
  const list = findingLines(findings(report), view);
  const { script } = report;
  if (!script) return list.join("\n");
  const loops = script.loops.map(({ at, what }) => `- line ${at.line + 1}: ${what}`);
  const none = `Nothing was found by ${script.rules} rules that read such code.`;
  return [
    `# ${view.shorten(report.path)}`,
    `A ${script.kind === "PyTorch code" ? "file of PyTorch code" : script.kind} without a model of its own.`,
    ...section("Loops", loops),
    ...section("Findings", list.length > 0 ? list : [none]),
  ].join("\n\n");
}

function modelText(report: FileReport, model: ModelReport, { depth, explain }: Shown, view: View): string {
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
    `Evidence: ${evidence.kind}, \`${evidence.text}\`. Scenario: ${scenario.phase} · ${showScenario(scenario, model.uses)} · ${[model.device?.name ?? scenario.device, ...spreadText(model)].join(" · ")}.`,
    [
      "| | | |",
      "|---|--:|---|",
      ...totalsOf(model, view).map(({ label, value, note }) => cells([label, value, note])),
    ].join("\n"),
    ...section(
      "Peak",
      explain
        ? termRows(model, view).map(({ label, value, note }) => `- ${value} ${label}: ${note}`)
        : [holdersText(model, view, 6), sizesText(model, view, "")]
            .filter((text) => text !== "")
            .map((text) => `- ${text}`),
    ),
    ...section(
      "KV cache by runtime",
      runtimeRows(model, view).map(
        ({ name, value, isChosen, source }) => `- ${isChosen ? `**${name}**` : name}: ${value}, ${source}`,
      ),
    ),
    ...ranksMarkdown(model, view),
    ["| layer | params | FLOPs | weights | saved | output |", "|---|--:|--:|--:|--:|---|", ...rows].join("\n"),
    ...section("Findings", findingLines(findingsOf(report, model), view)),
    ...section(
      "Assumed",
      [...model.assumptions, ...assumedOfMemory(model)].map(({ text, at: place }) => `- ${text}${at(place)}`),
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
