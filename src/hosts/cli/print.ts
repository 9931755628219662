/** The report as text for a terminal of 80 columns. */
import { showScenario } from "../../base/scenario.ts";
import { Unknown } from "../../base/unknown.ts";
import type { FileReport, Finding, ModelReport } from "../../cost/report.ts";
import { findings, findingText } from "../../surfaces/diagnostics.ts";
import { spreadText } from "../../surfaces/fit.ts";
import { runtimeRows, runtimesLine } from "../../surfaces/kvText.ts";
import { holdersText, sizesText, termRows } from "../../surfaces/memoryText.ts";
import { count, flops, total, type View } from "../../surfaces/view.ts";
import type { Wish } from "./arguments.ts";
import { type Paint, paint, type Row, rowsOf, totalsOf, wrapped } from "./printing.ts";
import { ranksText } from "./printRanks.ts";

const columns = 80;
const heads = { params: "params", flops: "FLOPs", weights: "weights", saved: "saved" };
type Figures = Record<keyof typeof heads, string>;
/** Without --explain, so many of the unknowns are told. */
const fewUnknowns = 3;
/** Other models that are named. */
const mostOthers = 20;

export function printText(report: FileReport, wish: Wish, view: View, colour: boolean): string {
  const brush = paint(colour);
  const [model, ...others] = inOrder(report, wish);
  if (!model) return `${withoutModel(report, view, brush)}\n`;
  const parts = [
    header(model, view, brush),
    tree(model, wish, view, brush),
    totals(model, view, brush),
    peakLines(model, wish, view, brush),
    ranksText(model, view, brush),
    findingsText(report, model, view, brush),
    notes(model, report, wish, view, brush),
    othersText(others, view, brush),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** A file that defines no model: what it is, and what rules found in it. */
function withoutModel(report: FileReport, view: View, brush: Paint): string {
  const { script } = report;
  const list = findings(report);
  const found = listText(list, view, brush);
  if (!script) return found;
  const labelled = (label: string, text: string) => wrapped(text, columns, label.padEnd(10));
  const head = [
    `${brush.bold(view.shorten(report.path))}  ${brush.dim(`${script.kind}, no model of its own`)}`,
    ...script.loops.map(({ at, what }, i) => labelled(i === 0 ? "loop" : "", `line ${at.line + 1}: ${what}`)),
    labelled(
      "findings",
      `${list.length === 0 ? "none" : `${list.length} below`}; ${script.rules} rules read such code`,
    ),
    ...(script.models.length > 0
      ? [labelled("model", script.models.map((path) => `assay ${view.shorten(path)}`).join(", "))]
      : []),
    ...report.remarks.map((text, i) => labelled(i === 0 ? "remarks" : "", text)),
  ].join("\n");
  return [head, found].filter((part) => part !== "").join("\n\n");
}

/** The models with the one that was asked for first. */
export function inOrder(report: FileReport, { model }: Pick<Wish, "model">): readonly ModelReport[] {
  return report.models.toSorted((a, b) => Number(b.name === model) - Number(a.name === model));
}

function header(model: ModelReport, view: View, { bold, dim }: Paint): string {
  const { evidence, scenario } = model;
  const where =
    evidence.at && evidence.kind !== "defaults" ? `, ${view.shorten(evidence.at.path)}:${evidence.at.line + 1}` : "";
  return [
    `${bold(model.name)}  ${dim(`${view.shorten(model.at.path)}:${model.at.line + 1}`)}`,
    wrapped(`${evidence.kind}${where}: ${evidence.text}`, columns, "evidence  "),
    wrapped(
      `${scenario.phase} · ${showScenario(scenario, model.uses)} · ${[model.device?.name ?? scenario.device, ...spreadText(model)].join(" · ")}`,
      columns,
      "scenario  ",
    ),
  ].join("\n");
}

function tree(model: ModelReport, { depth }: Wish, view: View, { dim, bold }: Paint): string {
  const { rows, hidden } = rowsOf(model, view, depth);
  const widthOf = (key: keyof typeof heads) => Math.max(heads[key].length, ...rows.map((row) => row[key].length));
  const longest = Math.max(...rows.map((row) => nameOf(row).length + kindOf(row).length), 5);
  const outputs = Math.min(Math.max(0, ...rows.map(({ output }) => output.length)), 16);
  const room = (keys: readonly (keyof typeof heads)[]) =>
    columns - keys.reduce((sum, key) => sum + widthOf(key) + 2, 0) - (outputs > 0 ? outputs + 2 : 0);
  // Weights say least, since parameters stand beside them.
  const all = Object.keys(heads) as (keyof typeof heads)[];
  const keys = room(all) < Math.min(longest, 26) ? all.filter((key) => key !== "weights") : all;
  const nameWidth = Math.min(longest, room(keys));
  const line = (name: string, values: Figures, output: string) => {
    const line = `${name}${keys.map((key) => `  ${values[key].padStart(widthOf(key))}`).join("")}`;
    return `${line}${output ? `  ${cut(output, Math.max(outputs, columns - nameWidth - keys.reduce((sum, key) => sum + widthOf(key) + 2, 0) - 2))}` : ""}`.trimEnd();
  };
  const named = (row: Row) => {
    const plain = cut(nameOf(row) + kindOf(row), nameWidth).padEnd(nameWidth);
    const at = cut(nameOf(row), nameWidth).length;
    return row.depth === 0 ? bold(plain) : plain.slice(0, at) + dim(plain.slice(at));
  };
  const lines = [
    dim(line("layer".padEnd(nameWidth), heads, "output")),
    ...rows.map((row) => line(named(row), row, row.output)),
  ];
  return [...lines, ...(hidden ? [dim("deeper layers: --depth N")] : [])].join("\n");
}

const nameOf = ({ depth, name }: Row) => `${"  ".repeat(depth)}${name}`;
const kindOf = ({ kind }: Row) => (kind === "" ? "" : `  ${kind}`);

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function totals(model: ModelReport, view: View, { bold, dim }: Paint): string {
  const lines = totalsOf(model, view);
  const width = Math.max(...lines.map(({ value }) => value.length));
  return lines
    .map(({ label, value, note }) => {
      const start = label.padEnd(12) + value.padStart(width);
      const whole = note ? wrapped(note, columns, `${start}  `) : start;
      const rest = whole.slice(start.length);
      return `${label.padEnd(12)}${bold(value.padStart(width))}${rest && dim(rest)}`;
    })
    .join("\n");
}

/** Who holds the peak; with `--explain` what it is the sum of, each term with where it comes from. */
function peakLines(model: ModelReport, { explain }: Wish, view: View, { dim }: Paint): string {
  const held = holdersText(model, view, explain ? 12 : 4);
  const rests = sizesText(model, view, "");
  const rows = explain ? termRows(model, view) : [];
  return [
    ...(held === "" ? [] : [wrapped(held, columns, "", "  ")]),
    ...(rests === "" ? [] : [wrapped(rests, columns, "", "  ")]),
    ...kvLines(model, explain, view, dim),
    ...section(
      "the peak is the sum of",
      rows.map(({ label, value, note }) => dim(wrapped(`${value}  ${label}: ${note}`, columns, "  ", "    "))),
    ),
  ].join("\n");
}

/** What each runtime keeps; with `--explain` where that is written. */
function kvLines(model: ModelReport, explain: boolean | undefined, view: View, dim: Paint["dim"]): string[] {
  const line = runtimesLine(model, view);
  if (line === "") return [];
  const rows = explain ? runtimeRows(model, view) : [];
  return [
    wrapped(line, columns, "", "  "),
    ...rows.map(({ name, source }) => dim(wrapped(`${name}: ${source}`, columns, "  ", "    "))),
  ];
}

function findingsText(report: FileReport, model: ModelReport, view: View, brush: Paint): string {
  return listText(findingsOf(report, model), view, brush);
}

function listText(list: readonly Finding[], view: View, brush: Paint): string {
  return list
    .map((finding) => {
      const { severity, rule, at } = finding;
      const tone = severity === "error" ? brush.red : severity === "warning" ? brush.yellow : brush.blue;
      return `${tone(severity)} ${view.shorten(at.path)}:${at.line + 1}:${at.column + 1} ${brush.bold(rule)}\n${wrapped(findingText(finding), columns, "  ")}`;
    })
    .join("\n");
}

/** The findings of the file's text and of one model. */
export function findingsOf(report: FileReport, model: ModelReport): readonly Finding[] {
  const elsewhere = model.findings.filter(({ at }) => at.path !== report.path);
  return [...findings({ ...report, models: [model] }), ...elsewhere];
}

function notes(model: ModelReport, report: FileReport, { explain }: Wish, view: View, { dim }: Paint): string {
  const bullet = (text: string, at: { path: string; line: number } | undefined) =>
    wrapped(`${text}${at ? ` (${placeText(at, view)})` : ""}`, columns, "  ", "    ");
  const unknowns = explain ? model.unknowns : model.unknowns.slice(0, fewUnknowns);
  const more = model.unknowns.length - unknowns.length;
  return [
    ...section(
      "assumed",
      [...model.assumptions, ...assumedOfMemory(model)].map(({ text, at }) => bullet(text, at)),
    ),
    ...section("not known", [
      ...unknowns.map(({ reason, at }) => bullet(reason, at)),
      ...(more > 0 ? [`  and ${more} more: --explain`] : []),
    ]),
    ...section(
      "remarks",
      report.remarks.map((text) => bullet(text, undefined)),
    ),
  ]
    .map((text, i, all) => (all[i]!.startsWith(" ") ? text : dim(text)))
    .join("\n");
}

/** What the memory takes for granted, as assumptions are told. */
export function assumedOfMemory({ memory }: ModelReport): ModelReport["assumptions"] {
  return memory.remarks.map((text) => ({ text, at: undefined }));
}

export function placeText({ path, line }: { path: string; line: number }, view: View): string {
  return `${view.shorten(path)}:${line + 1}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function othersText(others: readonly ModelReport[], view: View, { dim, bold }: Paint): string {
  if (others.length === 0) return "";
  const width = Math.max(...others.map(({ name }) => name.length));
  const lines = others.map((model) => {
    const { params } = model.root;
    const facts =
      params instanceof Unknown
        ? `not known: ${params.reason}`
        : `${total(model, "params", params, count)} params · ${total(model, "flops", model.root.flops, (value) => flops(value))}`;
    return `  ${bold(model.name.padEnd(width))}  ${facts}  ${dim(placeText(model.at, view))}`;
  });
  const more = others.length - mostOthers;
  return [
    dim("also here, in full with --model NAME"),
    ...lines.slice(0, mostOthers),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n");
}
