/** `assay model.gguf`: a checkpoint by itself, from its header alone. */
import { statSync } from "node:fs";
import path from "node:path";
import { showBytes } from "../../base/units.ts";
import { checkpointOf } from "../../configs/checkpoints/find.ts";
import type { Sources } from "../../python/interpreter.ts";
import { bitsText, checkpointView, typeRows } from "../../surfaces/checkpointText.ts";
import type { View } from "../../surfaces/view.ts";
import { binaryFile } from "../binaryFile.ts";
import type { Wish } from "./arguments.ts";
import { Fault } from "./read.ts";

export function isCheckpoint(file: string): boolean {
  return /\.(gguf|safetensors)$/i.test(file);
}

/** What a checkpoint's header says, or why it cannot be read. */
export function printCheckpoint({ file, format }: Wish, view: View): string | Fault {
  const whole = path.resolve(file).replaceAll("\\", "/");
  if (!statSync(whole, { throwIfNoEntry: false })?.isFile())
    return new Fault(`${file}:1:1: There is no such file. Check its name and the folder you are in.`);
  const checkpoint = checkpointOf(whole, bare);
  if (typeof checkpoint === "string")
    return new Fault(`${file}:1:1: Its header cannot be read: ${checkpoint}. Download it again.`);
  const { heading, rows, types, faults } = checkpointView(checkpoint, view);
  if (format === "svg") return new Fault(`assay: ${file} has nothing to draw here.`);
  if (format === "json") {
    const { tensors = [], about, ...rest } = checkpoint;
    const params = tensors.reduce((sum, one) => sum + one.elements, 0);
    const told = { ...rest, params, about: Object.fromEntries(about), types: typeRows(checkpoint), tensors };
    return `${JSON.stringify(told, null, 2)}\n`;
  }
  const heads = ["type", "tensors", "parameters", "bytes", "bits each"];
  const cells = types.map(({ type, tensors, elements, bytes, bitsEach }) => [
    type,
    String(tensors),
    String(elements),
    format === "csv" ? String(bytes) : showBytes(bytes, view.units),
    bitsText(bitsEach),
  ]);
  if (format === "csv") return `${[heads, ...cells].map((row) => row.join(",")).join("\n")}\n`;
  if (format === "markdown") {
    const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
    const totals = rows.map(({ label, value, note }) => `- ${[label, value, note].filter(Boolean).join(" · ")}`);
    const table = [heads, [":--", "--:", "--:", "--:", "--:"], ...cells].map(line);
    return `${[`## ${path.basename(file)}`, heading, ...totals, "", ...table, "", ...faults].join("\n").trimEnd()}\n`;
  }
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((row) => (row[i] as string).length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  const totals = rows.map(({ label, value, note }) => `${label.padEnd(12)}${value.padEnd(10)}${note}`.trimEnd());
  return `${[`${path.basename(file)}  ${heading}`, "", ...totals, "", ...[heads, ...cells].map(line), ...faults.map((fault) => `\n${fault}.`)].join("\n")}\n`;
}

/** Files alone: a checkpoint needs no library. */
const bare: Sources = {
  module: () => undefined,
  folder: () => false,
  text: () => undefined,
  binary: binaryFile,
  parse: (file) => ({ path: file, statements: [], problems: [], directives: [] }),
};
