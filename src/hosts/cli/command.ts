/** One run of `assay`, apart from the process around it. */
import path from "node:path";
import type { Limits } from "../../base/budget.ts";
import type { View } from "../../surfaces/view.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import { deviceOf } from "../server/devices.ts";
import { help, readCommand, type Wish } from "./arguments.ts";
import { printJson } from "./json.ts";
import { printMarkdown } from "./markdown.ts";
import { inOrder, printText } from "./print.ts";
import { Fault, readReport } from "./read.ts";

/** What a run writes, and its exit code. */
export interface Output {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

export interface Surroundings {
  readonly parser: () => Promise<PythonParser>;
  readonly version: string;
  readonly limits: Limits;
  /** Whether standard output is a terminal that shows colours. */
  readonly colour: boolean;
}

/** The answer to the words of a command line; undefined for `batch`, which answers as it goes. */
export async function answer(
  words: readonly string[],
  { parser, version, limits, colour }: Surroundings,
): Promise<Output | undefined> {
  const command = readCommand(words);
  switch (command.kind) {
    case "batch":
      return undefined;
    case "help":
      return { code: 0, out: help, error: "" };
    case "version":
      return { code: 0, out: `assay ${version}\n`, error: "" };
    case "fault":
      return { code: 2, out: "", error: `${command.text}\n` };
    case "file": {
      const report = readReport(command.wish, await parser(), limits);
      if (report instanceof Fault) return { code: 1, out: "", error: `${report.text}\n` };
      return { code: 0, out: printed(report, command.wish, colour), error: "" };
    }
  }
}

function printed(report: Parameters<typeof printText>[0], wish: Wish, colour: boolean): string {
  const view: View = { units: "GB", device: deviceOf(wish.scenario.device), shorten };
  if (wish.format === "json") return printJson(report, inOrder(report, wish), view);
  return wish.format === "markdown"
    ? printMarkdown(report, wish, view)
    : printText(report, wish, view, colour && wish.colour);
}

/** A path as it would be typed here: relative where the file lies below this folder. */
function shorten(file: string): string {
  const relative = path.relative(process.cwd(), file).replaceAll("\\", "/");
  return relative === "" || relative.startsWith("../../") || file.startsWith("assay:/") ? file : relative;
}
