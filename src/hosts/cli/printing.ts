/** What the printed forms share: colours, wrapped sentences, places, and rows of the layer tree. */
import { showFigure } from "../../base/units.ts";
import { type Known, Unknown } from "../../base/unknown.ts";
import type { LayerReport, ModelReport } from "../../cost/report.ts";
import { cacheRows } from "../../surfaces/kvText.ts";
import { type Fold, figureOf, folded, foldName } from "../../surfaces/layers.ts";
import { heldRows, type MemoryRow, peakRows } from "../../surfaces/memoryText.ts";
import { activeText } from "../../surfaces/paramsText.ts";
import { timeRows } from "../../surfaces/timeText.ts";
import { bytes, count, flops, total, type View } from "../../surfaces/view.ts";

export type Paint = Record<"bold" | "dim" | "red" | "yellow" | "blue", (text: string) => string>;

/** Colours for a terminal, or none. */
export function paint(colour: boolean): Paint {
  const code = (on: number, off: number) => (text: string) =>
    colour && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), yellow: code(33, 39), blue: code(34, 39) };
}

/** Text in lines of at most so many columns, the first behind a label and the others behind an indent. */
export function wrapped(text: string, width: number, label: string, indent = " ".repeat(label.length)): string {
  const lines = [label];
  let isFirst = true;
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (!isFirst && last.length + 1 + word.length > width) lines.push(indent + word);
    else lines[lines.length - 1] = isFirst ? last + word : `${last} ${word}`;
    isFirst = false;
  }
  return lines.join("\n");
}

/** A text with its longer lines broken at a terminal's columns, `hang` further in than they begin; fenced code stays as it is. */
export function inColumns(text: string, hang = 2): string {
  const width = 80;
  let isCode = false;
  return text
    .split("\n")
    .map((line) => {
      if (line.startsWith("```")) isCode = !isCode;
      if (isCode || line.length <= width) return line;
      const start = /^ *(- )?/.exec(line)?.[0] ?? "";
      return wrapped(line.slice(start.length), width, start, " ".repeat(start.length || hang));
    })
    .join("\n");
}

/** One line of the layer tree: figures of all the layers that it stands for. */
export interface Row {
  readonly depth: number;
  readonly name: string;
  /** `12 × Block`. */
  readonly kind: string;
  readonly params: string;
  readonly flops: string;
  readonly weights: string;
  readonly saved: string;
  readonly output: string;
}

/** The layer tree as rows, at most so many levels below the model. */
export function rowsOf(model: ModelReport, view: View, depth: number | undefined): { rows: Row[]; hidden: boolean } {
  const levels = depth ?? fittingDepth(model.root);
  const rows: Row[] = [];
  let hidden = false;
  const add = (fold: Fold, level: number, times: number) => {
    rows.push(row(fold, level, times * fold.count, model, view));
    if (fold.first.children.length > 0 && level >= levels) hidden = true;
    else for (const below of folded(fold.first.children)) add(below, level + 1, times * fold.count);
  };
  add({ first: model.root, last: model.root, count: 1 }, 0, 1);
  return { rows, hidden };
}

/** More rows than this do not fit a screen. */
const screenRows = 48;

/** The deepest level down to which the tree fits a screen, one at least. */
function fittingDepth(root: LayerReport): number {
  const counts: number[] = [];
  const walk = (layer: LayerReport, level: number) => {
    counts[level] = (counts[level] ?? 0) + 1;
    for (const { first } of folded(layer.children)) walk(first, level + 1);
  };
  walk(root, 0);
  let rows = 0;
  const beyond = counts.findIndex((many) => (rows += many) > screenRows);
  return beyond < 0 ? counts.length : Math.max(1, beyond - 1);
}

function row(fold: Fold, depth: number, times: number, model: ModelReport, view: View): Row {
  const { first } = fold;
  const isRoot = first === model.root;
  const cell = (value: Known<number>, show: (value: number) => string) =>
    value === 0 ? "" : showFigure(value instanceof Unknown ? value : value * times, show);
  const short = (value: number) => flops(value).replace(/ ?FLOPs$/, "");
  return {
    depth,
    name: isRoot ? model.name : foldName(fold),
    kind: isRoot ? "" : fold.count > 1 ? `${fold.count} × ${first.className}` : first.className,
    params: isRoot ? total(model, "params", first.params, count) : cell(first.params, count),
    flops: isRoot ? total(model, "flops", first.flops, short) : cell(figureOf(first, "flops"), short),
    weights: isRoot ? total(model, "weights", first.weightBytes, bytes(view)) : cell(first.weightBytes, bytes(view)),
    saved: isRoot
      ? total(model, "savedBytes", first.savedBytes, bytes(view))
      : cell(figureOf(first, "savedBytes"), bytes(view)),
    output: first.outputs.length === 0 ? "" : `${first.outputs[0]!.symbolic}${first.outputs.length > 1 ? " …" : ""}`,
  };
}

/** The totals of a model: what, how much, and what it is of. */
export function totalsOf(model: ModelReport, view: View): MemoryRow[] {
  const { root, scenario } = model;
  const amount = bytes(view);
  const trainable = model.trainableParams;
  const run =
    scenario.phase === "train" ? "one training step" : scenario.phase === "decode" ? "one token" : "one forward pass";
  return [
    {
      label: "parameters",
      value: total(model, "params", root.params, count),
      note: [
        ...activeText(model),
        ...(trainable instanceof Unknown
          ? []
          : [trainable === root.params ? "all trainable" : `${count(trainable)} trainable`]),
      ].join(" · "),
    },
    {
      label: "FLOPs",
      value: total(model, "flops", root.flops, (value) => flops(value)),
      note: "of one forward pass, two a multiply-add",
    },
    {
      label: "saved",
      value: total(model, "savedBytes", root.savedBytes, amount),
      note: "activations kept for backward",
    },
    ...heldRows(model, view),
    ...peakRows(model, view, "").map((row) =>
      row.label === "peak" ? { ...row, note: `of ${run} · ${row.note}` } : row,
    ),
    ...cacheRows(model, view),
    ...timeRows(model),
  ];
}
