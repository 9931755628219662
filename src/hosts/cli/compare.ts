/** `assay compare A B`: two models or configs side by side, weighed for one scenario. */
import type { Limits } from "../../base/budget.ts";
import type { ModelReport } from "../../cost/report.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Wish } from "./arguments.ts";
import { fileSources } from "./files.ts";
import { Fault, open } from "./read.ts";

export interface Compared {
  readonly sides: readonly [Side, Side];
  readonly problems: readonly string[];
}

/** A model and the file that it is of, as it was typed. */
export interface Side {
  readonly file: string;
  readonly model: ModelReport;
}

/** Weighs both; each side is `FILE` or `FILE:MODEL`. */
export function compare(
  [first, second]: readonly [string, string],
  wish: Wish,
  parser: PythonParser,
  limits: Limits,
): Compared | Fault {
  const sources = fileSources(parser);
  const problems = new Set<string>();
  const side = (word: string): Side | Fault => {
    const { file, model: name = wish.model } = partsOf(word);
    const opened = open({ ...wish, file }, parser, limits, sources);
    if (opened instanceof Fault) return opened;
    for (const problem of opened.problems) problems.add(problem);
    const { models } = opened.analyzed({ scenario: opened.scenario, change: wish.change, pinned: name });
    const model = name === undefined ? models[0] : models.find((one) => one.name === name);
    if (model) return { file, model };
    const held = models.map((one) => one.name).join(", ");
    const what = name === undefined ? "No model is here to weigh." : `No model is called ${name} here.`;
    return new Fault(`${file}:1:1: ${what} ${held === "" ? "Name a file with one." : `Its models are ${held}.`}`);
  };
  const a = side(first);
  if (a instanceof Fault) return a;
  const b = side(second);
  if (b instanceof Fault) return b;
  return { sides: [a, b], problems: [...problems] };
}

/** `net.py:Net` as its parts. A drive's colon is no such one. */
function partsOf(word: string): { file: string; model?: string | undefined } {
  const [, file, model] = /^(.+\.[a-z]+):([^:/\\]+)$/i.exec(word) ?? [];
  return file === undefined ? { file: word } : { file, model };
}
