/** The commands that judge models: `diff`, `check` and `compare`. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { explanation } from "../../advice/explain.ts";
import type { Limits } from "../../base/budget.ts";
import { sarifLog } from "../../surfaces/sarif.ts";
import type { View } from "../../surfaces/view.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import { type Check, check, lineReader } from "./check.ts";
import { compare } from "./compare.ts";
import { increases, readDiff } from "./diff.ts";
import { rootOf } from "./git.ts";
import { printCheck } from "./printCheck.ts";
import { printCompare } from "./printCompare.ts";
import { printDiff } from "./printDiff.ts";
import { paint } from "./printing.ts";
import { Fault } from "./read.ts";
import type { ReviewCommand } from "./reviewWords.ts";

export interface Reviewing {
  readonly parser: PythonParser;
  readonly limits: Limits;
  readonly version: string;
  readonly colour: boolean;
  readonly view: View;
}

/** What a run writes, and its exit code. */
interface Output {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

export function review(command: ReviewCommand, { parser, limits, version, colour, view }: Reviewing): Output {
  const brush = paint(colour && command.wish.colour);
  switch (command.kind) {
    case "diff": {
      const diff = readDiff(command.words, command.wish, parser, limits);
      if (diff instanceof Fault) return failed(diff);
      const grown = increases(diff, command.failing);
      const what = grown.map(({ model, figure }) => `assay: ${model} has more ${figure} than at ${diff.since}.`);
      const out = printDiff(diff, command.wish.format, view, brush);
      return { code: grown.length > 0 ? 1 : 0, out, error: lines([...diff.problems, ...what]) };
    }
    case "check": {
      const checked = check(command, parser, limits);
      if (checked instanceof Fault) return failed(checked);
      const { sarif } = command;
      const fault = sarif === undefined ? undefined : writeSarif(sarif, checked, version);
      const out = printCheck(checked, command.wish.format, view, brush);
      return {
        code: checked.failed || fault ? 1 : 0,
        out,
        error: lines([...checked.problems, ...(fault ? [fault] : [])]),
      };
    }
    case "compare": {
      const compared = compare(command.sides, command.wish, parser, limits);
      if (compared instanceof Fault) return failed(compared);
      const out = printCompare(compared, command.wish.format, view, brush);
      return { code: 0, out, error: lines(compared.problems) };
    }
  }
}

/** Writes the findings of a check; gives why it could not. */
function writeSarif(file: string, { all }: Check, version: string): string | undefined {
  const root = rootOf(process.cwd()) ?? process.cwd();
  const relative = (one: string) => path.relative(root, one).replaceAll("\\", "/");
  const findings = all.filter(({ at }) => !at.path.startsWith("assay:/"));
  const help = (id: string) => {
    const found = explanation(id);
    return "markdown" in found ? found.markdown : undefined;
  };
  const log = sarifLog({ version, findings, help, relative, lineOf: lineReader() });
  try {
    writeFileSync(file, `${JSON.stringify(log, null, 2)}\n`);
    return undefined;
  } catch (error) {
    return `assay: ${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? error}.`;
  }
}

function failed({ text }: Fault): Output {
  return { code: 1, out: "", error: `${text}\n` };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
