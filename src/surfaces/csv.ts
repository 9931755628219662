/** The layer tree as a table for spreadsheets and programs: every layer a row, every figure a plain number. */
import type { Place } from "../base/place.ts";
import { type Known, known } from "../base/unknown.ts";
import type { LayerReport, ModelReport } from "../cost/report.ts";
import { figureOf } from "../report/layerFigure.ts";
import { allLayers } from "./layers.ts";
import type { View } from "./view.ts";

type Column = readonly [name: string, of: (layer: LayerReport, view: View) => string];

const columns: readonly Column[] = [
  ["layer", ({ path }) => path],
  ["class", ({ className }) => className],
  ["calls", ({ calls }) => String(calls)],
  ["params", ({ params }) => number(params)],
  ["own_params", ({ ownParams }) => number(ownParams)],
  ["weight_bytes", ({ weightBytes }) => number(weightBytes)],
  ["buffer_bytes", ({ bufferBytes }) => number(bufferBytes)],
  ["flops", (layer) => number(figureOf(layer, "flops"))],
  ["saved_bytes", (layer) => number(figureOf(layer, "savedBytes"))],
  ["traffic_bytes", (layer) => number(figureOf(layer, "trafficBytes"))],
  ["seconds", ({ time }) => (time ? String(time.seconds) : "")],
  ["bound_by", ({ time }) => time?.bound ?? ""],
  ["inputs", ({ inputs }) => shapes(inputs)],
  ["outputs", ({ outputs }) => shapes(outputs)],
  ["made_at", ({ madeAt }, view) => place(madeAt, view)],
  ["class_at", ({ classAt }, view) => place(classAt, view)],
];

/** The table with its head; the model itself is the first row. What is not known is empty. */
export function layerTable(model: ModelReport, view: View): string[][] {
  return [
    columns.map(([name]) => name),
    ...allLayers(model.root).map((layer) =>
      columns.map(([name, of]) => (name === "layer" && layer === model.root ? model.name : of(layer, view))),
    ),
  ];
}

/** As RFC 4180 writes it. */
export function csv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** With tabs, as spreadsheets take it from the clipboard. */
export function tsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((text) => text.replaceAll(/[\t\r\n]+/g, " ")).join("\t")}\n`).join("");
}

function number(value: Known<number>): string {
  return String(known(value) ?? "");
}

function shapes(all: LayerReport["inputs"]): string {
  return all.map(({ dtype, concrete }) => dtype + concrete).join(" ");
}

function place(at: Place | undefined, view: View): string {
  return at ? `${view.shorten(at.path)}:${at.line + 1}` : "";
}
