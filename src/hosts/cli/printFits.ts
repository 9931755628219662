/** What fits, as text, Markdown and JSON. */
import { showScenario } from "../../base/scenario.ts";
import { showBytes, showFigure, showTime } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Largest } from "../../cost/fit/largest.ts";
import { drawnShare, type Row, smallest } from "../../cost/fit/table.ts";
import { mostContextBytes, uncountedBytes } from "../../cost/fit/verdict.ts";
import { spreadText } from "../../surfaces/fit.ts";
import type { Format } from "./arguments.ts";
import type { Fits } from "./fits.ts";
import { wrapped } from "./printing.ts";

const columns = 80;

export function printFits(fits: Fits, format: Format): string {
  if (format === "json") return `${JSON.stringify(fitsJson(fits), null, 2)}\n`;
  return format === "markdown" ? markdown(fits) : text(fits);
}

function text(fits: Fits): string {
  const { heads, cells } = table(fits);
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (isWords(heads[i]!) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  const sentences = [...largestTexts(fits), ...notes(fits)].map((one) => wrapped(one, columns, "", "  "));
  return `${[title(fits).join("\n"), [heads, ...cells].map(line).join("\n"), sentences.join("\n")].join("\n\n")}\n`;
}

function markdown(fits: Fits): string {
  const { heads, cells } = table(fits);
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const [name, scenario] = title(fits);
  const rule = heads.map((head) => (isWords(head) ? "---" : "--:"));
  const sentences = [...largestTexts(fits), ...notes(fits)].map((one) => `- ${one}`);
  return `${[`# ${name}`, `${scenario}.`, [heads, rule, ...cells].map(line).join("\n"), sentences.join("\n")].join("\n\n")}\n`;
}

const isWords = (head: string) => head === "device" || head === "verdict" || head === "most of it";

function title({ model }: Fits): string[] {
  const { name, scenario, uses } = model;
  return [name, [scenario.phase, showScenario(scenario, uses), ...spreadText(model)].join(" · ")];
}

/** A row's cells, less the columns that are empty in all of them. */
function table({ rows, prices }: Fits): { heads: string[]; cells: string[][] } {
  const unit = rows[0]?.unit ?? "sample";
  const all: [head: string, cell: (row: Row) => string][] = [
    ["device", ({ device }) => device.name],
    ["memory", ({ verdict }) => showBytes(verdict.limitBytes, "GB")],
    ["peak", peak],
    ["verdict", ({ verdict }) => verdict.kind],
    ["left", ({ verdict: { kind, headroomBytes } }) => (kind === "unknown" ? "" : headroom(headroomBytes))],
    ["most of it", ({ verdict: { binding } }) => binding?.name ?? ""],
    ["time", ({ seconds }) => (seconds === undefined ? "" : showFigure(seconds, showTime))],
    [`${unit}s/s`, ({ itemsPerSecond }) => (itemsPerSecond === undefined ? "" : showRate(itemsPerSecond))],
    ["energy", ({ joules }) => (joules === undefined ? "" : showJoules(joules))],
    [
      `${prices.currency ?? "money"}/M ${unit}s`,
      ({ cost }) => (cost === undefined ? "" : Number(cost.perMillionItems.toPrecision(3)).toString()),
    ],
  ];
  const shown = all.filter(([, cell]) => rows.some((row) => cell(row) !== ""));
  return { heads: shown.map(([head]) => head), cells: rows.map((row) => shown.map(([, cell]) => cell(row))) };
}

function peak({ bytes, interval }: Row): string {
  const point = known(bytes);
  if (point === undefined) return "?";
  return interval ? range(interval) : showBytes(point, "GB");
}

/** `12.1 to 13 GB`, the unit once where both ends have it. */
function range([low, high]: readonly [number, number]): string {
  const [from, to] = [showBytes(low, "GB"), showBytes(high, "GB")];
  const [number, unit] = from.split(" ");
  return from === to ? to : to.endsWith(` ${unit}`) ? `${number} to ${to}` : `${from} to ${to}`;
}

function headroom(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  return bytes < 0 ? `-${showBytes(-bytes, "GB")}` : showBytes(bytes, "GB");
}

function largestTexts({ largest, rows, device }: Fits): string[] {
  const least = smallest(rows);
  return [
    ...(least
      ? [`The smallest that it fits is ${least.device.name} (${least.device.id}).`]
      : ["It surely fits none of these."]),
    ...largest.map((one) => largestText(one, device.name)),
  ];
}

function largestText({ along, value, end, at, growing, reason }: Largest, device: string): string {
  const what = along === "batch" ? "batch" : "sequence";
  if (value === undefined) {
    if (end === "unknown") return `Which ${what} fits ${device} is not known: ${reason}.`;
    const most = at.binding ? `; ${at.binding.name} take${at.binding.name.endsWith("s") ? "" : "s"} most` : "";
    return `On ${device} not even a ${what} of 1 surely fits${most}.`;
  }
  const longest = along === "batch" ? "The largest batch" : "The longest sequence";
  const ends = {
    memory: growing ? `; ${growing} grow${growing.endsWith("s") ? "" : "s"} most` : "",
    unknown: `; beyond it nothing is known: ${reason}`,
    search: ", and more, which was not looked for",
  };
  return `${longest} that surely fits ${device} is ${value}${ends[end]}.`;
}

/** What the figures rest on. */
function notes({ rows }: Fits): string[] {
  const percent = Math.round(100 * drawnShare);
  const unknown = rows.find(({ verdict }) => verdict.kind === "unknown");
  return [
    ...(rows.some(({ joules }) => joules !== undefined)
      ? [`Energy assumes ${percent} % of the board's power while it works.`]
      : []),
    ...(rows.some(({ verdict }) => verdict.kind === "may not fit")
      ? ["May not fit: the interval of the peak holds the device's memory."]
      : []),
    ...(rows.some(({ device }) => uncountedBytes(device) > 0)
      ? [
          `Where nobody measured what a process takes of a GPU before its first tensor, ${showBytes(mostContextBytes, "GB")} are left free.`,
        ]
      : []),
    ...(unknown ? [`Not known: ${unknown.verdict.reason}.`] : []),
  ];
}

function fitsJson({ model, device, rows, largest, prices }: Fits) {
  const figure = (value: Row["bytes"] | undefined) => (value === undefined ? null : (known(value) ?? null));
  return {
    name: model.name,
    scenario: model.scenario,
    device: device.id,
    devices: rows.map((row) => ({
      id: row.device.id,
      name: row.device.name,
      verdict: row.verdict.kind,
      limitBytes: row.verdict.limitBytes,
      bytes: figure(row.bytes),
      interval: row.interval ?? null,
      headroomBytes: row.verdict.headroomBytes ?? null,
      binding: row.verdict.binding ?? null,
      seconds: figure(row.seconds),
      [`${row.unit}sPerSecond`]: row.itemsPerSecond ?? null,
      joules: row.joules ?? null,
      cost: row.cost ? { ...row.cost, currency: prices.currency ?? null } : null,
      ...(row.verdict.reason !== undefined && { reason: row.verdict.reason }),
    })),
    smallest: smallest(rows)?.device.id ?? null,
    largest: Object.fromEntries(
      largest.map(({ along, value, end, growing, reason, weighed }) => [
        along,
        { value: value ?? null, end, growing: growing ?? null, reason: reason ?? null, weighed },
      ]),
    ),
    assumed: { drawnShareOfPower: drawnShare },
  };
}

function showRate(rate: number): string {
  return rate < 1000 ? String(Number(rate.toPrecision(3))) : `${Number((rate / 1000).toPrecision(3))} K`;
}

function showJoules(joules: number): string {
  return joules < 1 ? `${Number((1000 * joules).toPrecision(3))} mJ` : `${Number(joules.toPrecision(3))} J`;
}
