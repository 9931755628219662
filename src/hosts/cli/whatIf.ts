/** `assay what-if` and `assay advise`: techniques of the catalogue on a file's model. */

import { advise } from "../../advice/advise.ts";
import { parseBudget, search } from "../../advice/search.ts";
import type { Subject } from "../../advice/subject.ts";
import { parseApplied, techniques } from "../../advice/techniques.ts";
import { whatIf } from "../../advice/whatIf.ts";
import type { Limits } from "../../base/budget.ts";
import { adviceText, whatIfText } from "../../surfaces/whatIf.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Format, Wish } from "./arguments.ts";
import { inColumns } from "./printing.ts";
import { Fault, open } from "./read.ts";

/** What is printed, and whether a budget that was asked for is met. */
export interface Told {
  readonly out: string;
  readonly met: boolean;
  readonly problems: readonly string[];
}

export function tellWhatIf(wish: Wish, apply: string, parser: PythonParser, limits: Limits): Told | Fault {
  const applied = parseApplied(apply);
  if ("reason" in applied) return new Fault(`assay: ${applied.reason}.`);
  const found = subjectFor(wish, parser, limits);
  if (found instanceof Fault) return found;
  const report = whatIf(found.subject, applied);
  const text = wish.format === "json" ? JSON.stringify(report, null, 2) : inColumns(whatIfText(report));
  return { out: `${fenced(text, wish.format)}\n`, met: report.refused.length === 0, problems: found.problems };
}

export function tellAdvice(wish: Wish, budget: string | undefined, parser: PythonParser, limits: Limits): Told | Fault {
  const asked = budget === undefined ? undefined : parseBudget(budget);
  if (asked && "reason" in asked) return new Fault(`assay: ${asked.reason}.`);
  const found = subjectFor(wish, parser, limits);
  if (found instanceof Fault) return found;
  if (!asked) {
    const { fitting, considered } = advise(found.subject);
    const text =
      wish.format === "json"
        ? JSON.stringify({ advice: fitting, considered }, null, 2)
        : inColumns(adviceText(fitting, considered));
    return { out: `${text}\n`, met: true, problems: found.problems };
  }
  const { met, result, reasons, tried } = search(found.subject, asked);
  if (wish.format === "json")
    return { out: `${JSON.stringify({ met, reasons, tried, ...result }, null, 2)}\n`, met, problems: found.problems };
  const head = met
    ? reasons.length === 0
      ? `The budget is met as it is.`
      : `The budget is met with ${reasons.map(({ id }) => id).join(", ")}.`
    : `No set of techniques here meets the budget; the nearest is ${reasons.map(({ id }) => id).join(", ") || "none"}.`;
  const why = reasons.map((one) => `  ${one.id} ${one.why}.`).join("\n");
  return {
    out: `${inColumns([head, why, whatIfText(result)].filter((part) => part !== "").join("\n\n"))}\n`,
    met,
    problems: found.problems,
  };
}

/** The catalogue, a line for each technique. */
export function tellTechniques(format: Format): string {
  const all = [...techniques.values()];
  if (format === "json")
    return `${JSON.stringify(
      all.map(({ id, name, kind, paper, what, price, demands, exact, knobs }) => ({
        id,
        name,
        kind,
        paper,
        what,
        price,
        demands,
        exact,
        knobs,
      })),
      null,
      2,
    )}\n`;
  const knobs = (one: (typeof all)[0]) =>
    Object.entries(one.knobs)
      .map(([name, knob]) => `${name}=${knob.default}`)
      .join(",");
  return all
    .map((one) =>
      [
        `${one.id}${knobs(one) && `[${knobs(one)}]`}`,
        inColumns(`  ${one.what}`),
        inColumns(`  Price: ${one.price}`),
        "",
      ].join("\n"),
    )
    .join("");
}

function fenced(text: string, format: Format): string {
  return format === "markdown" ? `\`\`\`\n${text}\n\`\`\`` : text;
}

function subjectFor(
  wish: Wish,
  parser: PythonParser,
  limits: Limits,
): { subject: Subject; problems: readonly string[] } | Fault {
  const opened = open(wish, parser, limits);
  if (opened instanceof Fault) return opened;
  const subjects = opened.subjects({ scenario: opened.scenario, change: wish.change, pinned: wish.model });
  const subject = subjects.find(({ name }) => name === wish.model) ?? subjects[0];
  if (!subject || (wish.model !== undefined && subject.name !== wish.model))
    return new Fault(`assay: ${wish.file} has no model that can be run. Write \`assay ${wish.file}\` to see why.`);
  return { subject, problems: opened.problems };
}
