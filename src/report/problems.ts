/** What is wrong with the text itself, and what the reader should know before the figures. */
import type { Place } from "../base/place.ts";
import type { Finding } from "../cost/report.ts";
import type { RunFile } from "../evidence/file.ts";
import type { Call } from "../evidence/models.ts";
import type { Pass } from "../evidence/run.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { Module } from "../syntax/ast.ts";

export function syntaxFindings(tree: Module): Finding[] {
  return tree.problems.map(({ message, span }) => ({
    rule: "syntax",
    severity: "warning",
    at: { path: tree.path, ...span },
    what: `This part does not parse: ${message}.`,
    why: "What it does is not known; the rest of the file is answered without it.",
    price: "",
    fixes: [],
  }));
}

export function problemFinding(rule: string, at: Place, what: string): Finding {
  return { rule, severity: "warning", at, what, why: "", price: "", fixes: [] };
}

/** Libraries that were not found, budgets that ran out, statements that failed. */
export function remarksOf(py: Interpreter, file: RunFile): string[] {
  const remarks: string[] = [];
  if (file.stopped) remarks.push(`The file was not read to its end: ${file.stopped}.`);
  for (const error of file.errors.slice(0, 3)) remarks.push(`${error.where.split("/").at(-1)}: ${error.text}.`);
  if (py.environment.installed.size === 0)
    remarks.push("No Python libraries were found; answers rest on Assay's own torch.");
  return remarks;
}

/**
 * Operations that refused their inputs and so ended the pass. Where the inputs were guessed it is no more than a warning, and
 * nothing where the guess may be what does not fit.
 */
export function mismatchFindings(
  pass: Pass,
  refused: readonly { message: string; rule: string; at: Place | undefined }[],
  path: string,
  call: Call | undefined,
  guesses: readonly string[],
): Finding[] {
  const isGuessed = call?.guessed === true;
  if (guesses.length > 0 || (isGuessed && call.args.length > 1)) return [];
  const error = pass.failure?.error;
  if (!pass.failure || !error || !("trace" in error)) return [];
  // Other inputs that were tried may have been refused later.
  const last = refused.findLast(({ message }) => error.text.includes(message));
  if (!last || (isGuessed && !isOfCode(last.message, pass))) return [];
  const at = error.trace.find((place) => place.path === path) ?? last.at;
  if (!at) return [];
  return [
    {
      rule: last.rule,
      severity: isGuessed ? "warning" : "error",
      at,
      what: `${last.message[0]?.toUpperCase()}${last.message.slice(1)}.`,
      why: `The forward pass cannot run past this point${isGuessed ? `, given ${call.text}` : ""}; figures stop here.`,
      price: "",
      fixes: [],
    },
  ];
}

/**
 * Whether sizes that the code alone decides do not fit: a layer with weights has run, so that what the first layer takes was
 * guessed right, and no size of the guessed image or sequence is among those that differ.
 */
function isOfCode(message: string, { trace }: Pass): boolean {
  const isWeighted = trace.events.some((event) => event.kind === "operation" && event.macs !== 0);
  const differing = message.slice(message.lastIndexOf("]: ") + 1);
  return isWeighted && !/\b[THW]\b/.test(differing);
}
