/** The Markdown of a hover: a heading, shapes in and out, a small table, and what it all rests on. */
import { showScenario } from "../base/scenario.ts";
import { showFigure, showShare } from "../base/units.ts";
import { known, type Unknown } from "../base/unknown.ts";
import type { FileReport, LayerReport, ModelReport, ShapeReport } from "../cost/report.ts";
import { spreadText } from "./fit.ts";
import { cacheRows, runtimeRows } from "./kvText.ts";
import { figureOf, fullName, isCalled, pathsText } from "./layers.ts";
import { innerClasses, shareOf } from "./lens.ts";
import { heldRows, holdersText, type MemoryRow, peakRows, sizesText } from "./memoryText.ts";
import { activeText } from "./paramsText.ts";
import { storedText } from "./storedText.ts";
import { speedRows, timeFigure } from "./timeText.ts";
import { bytes, count, flops, isExact, layerFigure, placeText, shapeText, total, type View } from "./view.ts";

type Row = [label: string, figure: string, remark: string];

/** A whole model: totals and memory by term. */
export function modelText(report: FileReport, model: ModelReport, view: View): string {
  const { root, scenario } = model;
  const size = bytes(view);
  const outer = innerClasses(report).find(({ at }) => at.line === model.at.line);
  const trainable =
    known(model.trainableParams) === known(root.params) ? "" : `${showFigure(model.trainableParams, count)} trainable`;
  const cells = (rows: readonly MemoryRow[]) => rows.map(({ label, value, note }): Row => [label, value, note]);
  const rows: Row[] = [
    [
      "params",
      total(model, "params", root.params, count),
      [...activeText(model), ...(trainable === "" ? [] : [trainable])].join(" · "),
    ],
    ["FLOPs", total(model, "flops", root.flops, flops), "one forward pass"],
    ["saved", total(model, "savedBytes", root.savedBytes, size), "kept for backward"],
    ...cells([...heldRows(model, view), ...cacheRows(model, view), ...peakRows(model, view, report.path)]),
    ...wholeTime(model),
  ];
  return [
    [`**${model.name}**`, scenario.phase, showScenario(scenario, model.uses), ...spreadText(model)].join(" · "),
    shapes(model, root),
    table(rows),
    runtimeTable(model, view),
    holdersText(model, view, 5),
    sizesText(model, view, report.path),
    ...(outer
      ? [
          `${outer.layers.length} × in ${outer.model.name}, ${shareOf(outer.model, outer.layers).share} of its ${shareOf(outer.model, outer.layers).of}`,
        ]
      : []),
    restsOn(report, model, view),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** What is kept from token to token, a row for each runtime; "" for a model that keeps nothing. */
function runtimeTable(model: ModelReport, view: View): string {
  const rows = runtimeRows(model, view);
  return rows.length === 0
    ? ""
    : table(
        rows.map(({ name, value, isChosen, source }) => [isChosen ? `KV **${name}**` : `KV ${name}`, value, source]),
      );
}

/** `time  0.31 ms  bound by memory · 8 % of the pass`. */
function timeRow(model: ModelReport, { time }: LayerReport): Row[] {
  const whole = model.time && known(model.time.seconds);
  if (!time || whole === undefined) return [];
  const bound = time.bound === "launch" ? "bound by launches" : `bound by ${time.bound}`;
  return [
    ["time", timeFigure(model, time.seconds), `${bound} · ${showShare(time.seconds, whole)} of the ${partOf(model)}`],
  ];
}

const partOf = ({ scenario }: ModelReport) => (scenario.phase === "train" ? "step" : "pass");

/** The kernels alone, and with what the CPU adds where it asks for them one by one. */
function wholeTime(model: ModelReport): Row[] {
  const seconds = model.time && known(model.time.seconds);
  if (!model.time || seconds === undefined) return [];
  const eager = known(model.time.eagerSeconds);
  return [
    ["time", timeFigure(model, seconds), eager === undefined ? "" : `${timeFigure(model, eager)} eager`],
    ...speedRows(model).map(({ label, value, note }): Row => [label, value, note]),
  ];
}

/** One layer, or several that are made or called in one place and have one class: the first one's figures, and how many there are. */
export function layerText(
  report: FileReport,
  model: ModelReport,
  layers: readonly LayerReport[],
  written: string,
  view: View,
): string {
  const layer = layers[0]!;
  const size = bytes(view);
  const { share, of } = shareOf(model, layers);
  const many = layers.length > 1;
  const alike = new Set(layers.map((one) => `${known(one.params)} ${known(one.flops)}`)).size === 1;
  const path = many ? `${model.name}.${pathsText(layers)}` : fullName(model, layer);
  const times = many ? [`${layers.length} ×${alike ? "" : ", not all alike"}`] : [];
  const heading = [
    `**${written}** \`${layer.className}\``,
    path,
    ...times,
    ...(share === "" ? [] : [`${share} of ${of}`]),
  ];
  const each = many ? (alike ? ", each" : ", the first") : "";
  const rows: Row[] = [
    [
      "params",
      showFigure(layer.params, count),
      [`${showFigure(layer.weightBytes, size)}${each}`, ...ownPart(layer)].join(" · "),
    ],
    ...(layer.stored ? [["stored", "", storedText(layer, view)] satisfies Row] : []),
    [
      "FLOPs",
      layerFigure(model, "flops", figureOf(layer, "flops"), flops),
      layer.calls > 1 ? `in ${layer.calls} calls` : "one forward pass",
    ],
    ["saved", layerFigure(model, "savedBytes", figureOf(layer, "savedBytes"), size), "kept for backward"],
    ["moved", layerFigure(model, "trafficBytes", figureOf(layer, "trafficBytes"), size), "read and written"],
    ...timeRow(model, layer),
  ];
  return [
    heading.join(" · "),
    isCalled(layer) ? shapes(model, layer) : known(model.root.flops) === undefined ? "not reached" : "not called",
    table(rows),
    restsOn(report, model, view),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Layers of different classes that one statement makes, such as the parts of a Sequential. */
export function severalText(model: ModelReport, layers: readonly LayerReport[], view: View): string {
  const shown = layers.slice(0, 12);
  const rows = shown.map((layer) =>
    cells([
      `${layer.path === "" ? model.name : layer.path}`,
      `\`${layer.className}\``,
      showFigure(layer.params, count),
      layerFigure(model, "flops", figureOf(layer, "flops"), flops),
      layerFigure(model, "savedBytes", figureOf(layer, "savedBytes"), bytes(view)),
    ]),
  );
  const more = layers.length > shown.length ? [`and ${layers.length - shown.length} more`] : [];
  return [["| layer | class | params | FLOPs | saved |", "|:--|:--|--:|--:|--:|", ...rows].join("\n"), ...more].join(
    "\n\n",
  );
}

function ownPart({ children, ownParams }: LayerReport): string[] {
  const own = known(ownParams);
  return children.length === 0 || !own ? [] : [`${count(own)} of its own`];
}

/** `in ⟨B, T, 768⟩ → out ⟨B, T, 768⟩`, with this scenario's integers after them where they differ. */
function shapes(model: ModelReport, { inputs, outputs, calls }: LayerReport): string {
  const none = isExact(model) ? "nothing" : "?";
  if (calls === 0 || inputs.length + outputs.length === 0) return "";
  const list = (all: readonly ShapeReport[]) =>
    all
      .slice(0, 4)
      .map(({ symbolic }) => `\`${shapeText(symbolic)}\``)
      .join(", ") + (all.length > 4 ? ", …" : "");
  const concrete = (all: readonly ShapeReport[]) =>
    all
      .slice(0, 4)
      .map((shape) => shape.concrete)
      .join(", ");
  const same = [...inputs, ...outputs].every(({ symbolic, concrete }) => symbolic === concrete);
  const sizes = same || outputs.length === 0 ? "" : ` · ${concrete(inputs)} → ${concrete(outputs)}`;
  const dtypes = [...new Set(outputs.map(({ dtype }) => dtype))].join(", ");
  return `in ${list(inputs) || none} → out ${list(outputs) || none}${sizes}${dtypes === "" ? "" : ` · ${dtypes}`}`;
}

/** `exact · evidence: …`, or why the model's figures are not complete. */
function restsOn(report: FileReport, model: ModelReport, view: View): string {
  const { kind, text, at } = model.evidence;
  const place = at ? ` at ${placeText(at, view, report.path)}` : "";
  const evidence = `evidence: ${kind}${place} · \`${text}\``;
  if (isExact(model)) return `exact · ${evidence}`;
  const [first] = model.unknowns;
  const cause = first ? unknownText(first, view, report.path) : (model.assumptions[0]?.text ?? "something was assumed");
  const more = model.unknowns.length > 1 ? ` (and ${model.unknowns.length - 1} more)` : "";
  return `incomplete because ${cause}${more} · ${evidence}`;
}

export function unknownText({ reason, at }: Unknown, view: View, path: string): string {
  return at ? `${reason} (${placeText(at, view, path)})` : reason;
}

export function table(rows: readonly Row[]): string {
  return [
    "| | | |",
    "|:--|--:|:--|",
    ...rows.map(([label, figure, remark]) => cells([label, figure, remark && `&ensp;${remark}`])),
  ].join("\n");
}

const cells = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
