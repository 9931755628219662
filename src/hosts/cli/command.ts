/** One run of `assay`, apart from the process around it. */
import path from "node:path";
import { explained, explanation } from "../../advice/explain.ts";
import type { Limits } from "../../base/budget.ts";
import { deviceList } from "../../cost/deviceList.ts";
import { csv, layerTable } from "../../surfaces/csv.ts";
import { pictureSvg } from "../../surfaces/svg.ts";
import type { View } from "../../surfaces/view.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import { help, readCommand, type Wish } from "./arguments.ts";
import { tellCode } from "./code.ts";
import { withEngine, writtenEngine } from "./engine.ts";
import { readFits } from "./fits.ts";
import { printJson } from "./json.ts";
import { printMarkdown } from "./markdown.ts";
import { inOrder, printText } from "./print.ts";
import { isCheckpoint, printCheckpoint } from "./printCheckpoint.ts";
import { printDevices } from "./printDevices.ts";
import { printFits } from "./printFits.ts";
import { inColumns } from "./printing.ts";
import { projectFor } from "./project.ts";
import { Fault, type Read, readReport } from "./read.ts";
import { review } from "./review.ts";
import { tellAdvice, tellTechniques, tellWhatIf } from "./whatIf.ts";

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
    case "devices": {
      const { project, problems } = projectFor(path.resolve("assay.json"));
      return { code: 0, out: printDevices(deviceList(project), command.format), error: lines(problems) };
    }
    case "explain": {
      if (command.id === undefined) return { code: 0, out: lines(explained()), error: "" };
      const found = explanation(command.id);
      if ("markdown" in found) return { code: 0, out: inColumns(found.markdown, 0), error: "" };
      return { code: 1, out: "", error: `assay: ${found.reason}. Write \`assay explain\` for all.\n` };
    }
    case "techniques":
      return { code: 0, out: tellTechniques(command.format), error: "" };
    case "diff":
    case "check":
    case "compare":
      return review(command, { parser: await parser(), limits, version, colour, view: { units: "GB", shorten } });
    case "what-if":
    case "advise": {
      const asked = withEngine(command.wish);
      if (asked instanceof Fault) return failed(asked);
      const told =
        command.kind === "what-if"
          ? tellWhatIf(asked.wish, command.apply, await parser(), limits)
          : tellAdvice(asked.wish, command.budget, await parser(), limits);
      if (told instanceof Fault) return failed(told);
      return { code: told.met ? 0 : 1, out: told.out, error: lines([...asked.notes, ...told.problems]) };
    }
    case "engine": {
      const written = writtenEngine(command.engine, command.asked, command.change);
      if (written instanceof Fault) return failed(written);
      return { code: 0, out: written.text, error: lines(written.notes) };
    }
    case "code": {
      const told = tellCode(command.wish, await parser(), limits);
      return told instanceof Fault ? failed(told) : { code: 0, out: told, error: "" };
    }
    case "fits": {
      const asked = withEngine(command.wish);
      if (asked instanceof Fault) return failed(asked);
      const fits = readFits(asked.wish, command.devices, await parser(), limits);
      if (fits instanceof Fault) return failed(fits);
      return { code: 0, out: printFits(fits, asked.wish.format), error: lines([...asked.notes, ...fits.problems]) };
    }
    case "file": {
      if (isCheckpoint(command.wish.file)) {
        const told = printCheckpoint(command.wish, { units: "GB", shorten });
        return told instanceof Fault ? failed(told) : { code: 0, out: told, error: "" };
      }
      const asked = withEngine(command.wish);
      if (asked instanceof Fault) return failed(asked);
      const read = readReport(asked.wish, await parser(), limits);
      if (read instanceof Fault) return failed(read);
      const out = printed(read, asked.wish, colour);
      if (out instanceof Fault) return failed(out);
      return { code: 0, out, error: lines([...asked.notes, ...read.problems]) };
    }
  }
}

function failed({ text }: Fault): Output {
  return { code: 1, out: "", error: `${text}\n` };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

function printed({ report }: Read, wish: Wish, colour: boolean): string | Fault {
  const view: View = { units: "GB", shorten };
  if (wish.format === "json") return printJson(report, inOrder(report, wish), view);
  const [model] = inOrder(report, wish);
  if (wish.format === "csv") return model ? csv(layerTable(model, view)) : "";
  if (wish.format === "svg")
    return (
      (model && pictureSvg(model, wish.picture, view)) ?? new Fault(`assay: ${wish.file} has nothing to draw here.`)
    );
  return wish.format === "markdown"
    ? printMarkdown(report, wish, view)
    : printText(report, wish, view, colour && wish.colour);
}

/** A path as it would be typed here: relative where the file lies below this folder. */
function shorten(file: string): string {
  const relative = path.relative(process.cwd(), file).replaceAll("\\", "/");
  return relative === "" || relative.startsWith("../../") || file.startsWith("assay:/") ? file : relative;
}
