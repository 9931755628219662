/** The layer tree as lines with printed figures; equal blocks that follow each other are one line. */
import type { Place } from "../../base/place.ts";
import { type ByteUnits, showBytes, showShare, showTime } from "../../base/units.ts";
import { type Known, known, Unknown } from "../../base/unknown.ts";
import type { LayerReport, LayerWork, ModelReport } from "../../cost/report.ts";
import { type Fold, figureOf, folded, foldName, isCalled } from "../layers.ts";
import { bytes, count, flops, isExact, layerFigure, shapeText, shownPlace, total, type View } from "../view.ts";

/** A figure of a layer: its text, its part of the model's (0 to 1), and the number; `undefined` where it is not known. */
export interface Cell {
  readonly text: string;
  readonly share: number;
  readonly value?: number | undefined;
  /** Why it is not known. */
  readonly reason?: string | undefined;
}

/** What a layer tree can be measured by. */
export type Measure = "params" | "flops" | "memory" | "time";

/** One line of the layer tree. */
export interface ReportRow extends Readonly<Record<Measure, Cell>> {
  readonly name: string;
  /** How many equal layers this line stands for beside each other, and in the whole model. */
  readonly count: number;
  readonly all: number;
  readonly className: string;
  readonly shapes: string;
  readonly place?: Place | undefined;
  /** Lines of the code that make or call the layer. */
  readonly lines: readonly { readonly path: string; readonly line: number }[];
  /** Where its class is defined. */
  readonly classAt?: { readonly path: string; readonly line: number } | undefined;
  /** What the operations of one of its layers do, those below it left out. */
  readonly work?: LayerWork | undefined;
  readonly children: readonly ReportRow[];
}

/** What `memory` is of a layer in this model's scenario: kept for backward in training, else its weights and buffers. */
export function memoryMeasure({ phase }: Pick<Measured, "phase">): string {
  return phase === "train" ? "kept for backward" : "of weights and buffers";
}

/** The whole model as one line, with all others below it. */
export function rowsOf(model: ModelReport, view: View): ReportRow {
  return row({ first: model.root, last: model.root, count: 1 }, model, view);
}

/** `times`: how many equal layers stand above this one in its line, which stands for all of them. */
function row(fold: Fold, model: ModelReport, view: View, times = 1): ReportRow {
  const { first } = fold;
  const many = fold.count * times;
  const training = model.scenario.phase === "train";
  const classAt = shownPlace(first.classAt);
  return {
    name: first === model.root ? model.name : foldName(fold),
    count: fold.count,
    all: many,
    className: first.className,
    shapes: shapesOf(model, first),
    params: params(model, first, many),
    flops: flopsCell(model, first, many),
    memory: training ? kept(model, first, many, view) : stored(model, first, many, view),
    time: time(model, first, many),
    place: shownPlace(first.madeAt) ?? shownPlace(first.classAt),
    lines: [first.madeAt, ...first.calledAt]
      .map(shownPlace)
      .flatMap((at) => (at ? [{ path: at.path, line: at.line }] : [])),
    classAt: classAt && { path: classAt.path, line: classAt.line },
    work: first.work,
    children: folded(first.children).map((below) => row(below, model, view, many)),
  };
}

/** What a measure's figures count. */
export interface Measured {
  readonly model: string;
  readonly phase: ModelReport["scenario"]["phase"];
  readonly units: ByteUnits;
}

/** `28.3 M parameters, 2.36 M in each of 12, 23 % of GPT`: a layer's figure in words, or why there is none. */
export function figureText(row: ReportRow, measure: Measure, { model, phase, units }: Measured): string {
  const { value, share, reason } = row[measure];
  if (value === undefined) return reason ?? "not known";
  const memory = (bytes: number) => showBytes(bytes, units);
  const pass = phase === "train" ? "training step" : `${phase} pass`;
  const [show, what] = (
    {
      params: [count, "parameters"],
      flops: [flops, "in one forward pass"],
      memory: [memory, memoryMeasure({ phase })],
      time: [showTime, `of one ${pass}`],
    } as const
  )[measure];
  const each = row.all > 1 ? `, ${show(value / row.all)} in each of ${row.all}` : "";
  return `${show(value)} ${what}${each}${share > 0 ? `, ${showShare(share, 1)} of ${model}` : ""}`;
}

function cell(value: Known<number>, whole: number | undefined, many: number, text: (all: number) => string): Cell {
  if (value instanceof Unknown) return { text: "?", share: 0, reason: value.reason };
  const all = value * many;
  return { text: text(all), share: whole ? Math.min(1, all / whole) : 0, value: all };
}

function params(model: ModelReport, layer: LayerReport, many: number): Cell {
  return cell(layer.params, known(model.root.params), many, textOf(model, layer, "params", count));
}

function flopsCell(model: ModelReport, layer: LayerReport, many: number): Cell {
  const text = textOf(model, layer, "flops", (value) => flops(value).replace(/ ?FLOPs$/, ""));
  const made = cell(figureOf(layer, "flops"), known(model.root.flops), many, text);
  return stopped(model, layer) ? { ...made, value: undefined, reason: "the pass did not come so far" } : made;
}

function kept(model: ModelReport, layer: LayerReport, many: number, view: View): Cell {
  const text = textOf(model, layer, "savedBytes", bytes(view));
  return cell(figureOf(layer, "savedBytes"), known(model.root.savedBytes), many, text);
}

function stored(model: ModelReport, layer: LayerReport, many: number, view: View): Cell {
  const show = bytes(view);
  const text = (all: number) =>
    layer === model.root ? total(model, "params", all, show) : all === 0 ? "" : layerFigure(model, "params", all, show);
  return cell(storedBytes(layer), known(storedBytes(model.root)), many, text);
}

function storedBytes({ weightBytes, bufferBytes }: LayerReport): Known<number> {
  if (weightBytes instanceof Unknown) return weightBytes;
  return bufferBytes instanceof Unknown ? bufferBytes : weightBytes + bufferBytes;
}

/** Empty where the model has no time; nothing for what the pass does not come by. */
function time(model: ModelReport, layer: LayerReport, many: number): Cell {
  const whole = model.time && known(model.time.seconds);
  if (whole === undefined) return { text: "", share: 0, reason: "the time is not known" };
  const text = (all: number) => (all === 0 ? "" : `${model.complete.time ? "" : "~ "}${showTime(all)}`);
  return cell(layer === model.root ? whole : secondsOf(layer), whole, many, text);
}

/** A container that is never called itself takes what its parts take. */
function secondsOf({ time: own, calls, children }: LayerReport): number {
  if (own || calls > 0 || children.length === 0) return own?.seconds ?? 0;
  return children.reduce((sum, child) => sum + secondsOf(child), 0);
}

/** Where the pass stopped half-way, what it did not come by is not known to be nothing. */
function stopped({ root }: ModelReport, layer: LayerReport): boolean {
  return root.flops instanceof Unknown && layer !== root && !isCalled(layer);
}

function textOf(
  model: ModelReport,
  layer: LayerReport,
  figure: "params" | "flops" | "savedBytes",
  show: (value: number) => string,
): (all: number) => string {
  if (layer === model.root) return (value) => total(model, figure, value, show);
  const isStopped = model.root[figure] instanceof Unknown;
  return (all) => (all === 0 && !isStopped ? "" : layerFigure(model, figure, all, show));
}

function shapesOf(model: ModelReport, layer: LayerReport): string {
  if (layer.calls === 0)
    return isCalled(layer) ? "" : known(model.root.flops) === undefined ? "not reached" : "not called";
  const { inputs, outputs } = layer;
  const none = isExact(model) ? "nothing" : "?";
  return `${shapesText(inputs) || none} → ${shapesText(outputs) || none}`;
}

function shapesText(shapes: LayerReport["inputs"]): string {
  return shapes.map(({ symbolic }) => shapeText(symbolic)).join(", ");
}
