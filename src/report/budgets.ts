/** Budgets of a project against the models of a file, each weighed for its budget's own scenario. */

import type { Saving } from "../advice/savings.ts";
import { showAmount } from "../base/amounts.ts";
import type { Place } from "../base/place.ts";
import { type AskedScenario, defaultScenario } from "../base/scenario.ts";
import type { ScenarioChange } from "../base/settings.ts";
import { showFigure } from "../base/units.ts";
import { known, Unknown } from "../base/unknown.ts";
import { limitWords } from "../configs/project/limits.ts";
import type { Limit, Project, ProjectBudget } from "../configs/project/project.ts";
import type { Finding, ModelReport } from "../cost/report.ts";
import { pathOf } from "../evidence/project.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import { largestParts, type Part } from "./parts.ts";
import { type Total, totalOf } from "./totals.ts";

/** One limit and the figure that it is about. */
export interface Verdict {
  readonly budget: ProjectBudget;
  readonly limit: Limit;
  readonly model: ModelReport;
  /** Undefined where the model has no such figure. */
  readonly total: Total | undefined;
  /** `undecided`: what is known of the figure keeps the limit, and something of it is not known. */
  readonly outcome: "kept" | "broken" | "undecided";
  /** What most of a broken figure is. */
  readonly parts: readonly Part[];
  /** What would lower the figure, what saves most first; empty where nobody asked. */
  readonly savings: readonly Saving[];
}

/** How the models of one file keep their budgets. */
export interface BudgetReport {
  readonly path: string;
  readonly verdicts: readonly Verdict[];
  /** Budgets that name a model that is not there, at their place in the project's file. */
  readonly problems: readonly Finding[];
}

/** Models of the file in a scenario; `only` the one of that name. */
export type Weigh = (
  scenario: AskedScenario,
  change: ScenarioChange,
  only: string | undefined,
) => readonly {
  readonly report: ModelReport;
  /** Undefined where the model could not be run. */
  readonly tree: BuiltLayer | undefined;
  readonly savings: (limit: Limit) => readonly Saving[];
}[];

/**
 * The verdicts on a file's models. The scenario is the project's and the budget's alone, never a person's settings: a budget
 * is kept or broken by everybody alike. `change` is what somebody asks for in place of both.
 */
export function checkedBudgets(
  path: string,
  project: Project | undefined,
  weigh: Weigh,
  change: ScenarioChange = {},
): BudgetReport {
  const verdicts: Verdict[] = [];
  const problems: Finding[] = [];
  const weighed = new Map<string, ReturnType<Weigh>>();
  for (const budget of project ? budgetsOf(project, path) : []) {
    const asked = { ...budget.scenario, ...change };
    const key = JSON.stringify([asked, budget.model]);
    const scenario = { ...defaultScenario, ...project?.scenario, ...asked } as AskedScenario;
    const models = weighed.get(key) ?? weigh(scenario, asked, budget.model);
    weighed.set(key, models);
    if (models.length === 0) problems.push(nothingFor(budget, project as Project, path));
    for (const model of models) for (const limit of budget.limits) verdicts.push(verdict(budget, limit, model));
  }
  return { path, verdicts, problems };
}

/** The budgets of a project that are about a file. */
export function budgetsOf(project: Project, path: string): ProjectBudget[] {
  return project.budgets.filter(({ file }) => pathOf(project, file) === path);
}

function verdict(budget: ProjectBudget, limit: Limit, { report: model, tree, savings }: ReturnType<Weigh>[0]): Verdict {
  const total = totalOf(model, limit.figure);
  const value = total && known(total.value);
  const outcome = outcomeOf(model, total, limit.most);
  const isBroken = outcome === "broken" && value !== undefined;
  const parts = isBroken ? largestParts(model, limit.figure, tree) : [];
  return { budget, limit, model, total, outcome, parts, savings: isBroken ? savings(limit) : [] };
}

function outcomeOf(model: ModelReport, total: Total | undefined, most: number): Verdict["outcome"] {
  // A model that is whole and lacks a figure, such as a cache, has nothing of it.
  if (!total) return model.unknowns.length > 0 ? "undecided" : "kept";
  if (total.value instanceof Unknown) return "undecided";
  if (total.value > most) return "broken";
  return total.worth === "at least" ? "undecided" : "kept";
}

/** What stands at the model's line: an error for a broken budget, a warning for one that cannot be decided. */
export function budgetFindings(report: BudgetReport): Finding[] {
  return budgetNotes(report).map(({ finding }) => finding);
}

/** A finding, and the model that it is about; none for one about the project's file. */
export interface BudgetNote {
  readonly model: string | undefined;
  readonly finding: Finding;
}

/** The findings with the models that they are about, so that they can follow these to other lines. */
export function budgetNotes({ verdicts, problems }: BudgetReport): BudgetNote[] {
  return [
    ...verdicts.flatMap((one) => {
      const finding = budgetFinding(one);
      return finding ? [{ model: one.model.name, finding }] : [];
    }),
    ...problems.map((finding) => ({ model: undefined, finding })),
  ];
}

/** The finding on a limit that is not kept for sure; undefined where it is. */
export function budgetFinding(one: Verdict): Finding | undefined {
  if (one.outcome === "kept") return undefined;
  const { limit, model, total } = one;
  const show = (value: number) => (total ? showAmount(value, total.unit, "GB") : String(value));
  const label = total?.label ?? limit.figure;
  const is = total ? showFigure(total.value, show, total.worth) : "?";
  const of = `${model.name} (${scenarioText(model)})`;
  if (one.outcome === "undecided") {
    const [unknown] = total?.value instanceof Unknown ? [total.value] : model.unknowns;
    return finding(
      "undecided-budget",
      "warning",
      model.at,
      `Whether the budget of ${limitText(limit)} for ${label} of ${of} is kept cannot be decided: what is known is ${is}.`,
      unknown ? `Not known: ${unknown.reason}${unknown.at ? ` (line ${unknown.at.line + 1})` : ""}.` : "",
    );
  }
  const value = (total as Total).value as number;
  const parts = one.parts.map(({ name, amount, cut }) => {
    const less = cut && ` (${cut.atMost ? "up to " : ""}${show(cut.by)} less with ${cut.how})`;
    return `${name} ${show(amount)}${less ?? ""}`;
  });
  const savings = one.savings.map(({ id, amount, demands }) => {
    const price = demands === "nothing" ? "" : ` (demands ${demands})`;
    return `${id} takes off ${show(amount)}${price}`;
  });
  return finding(
    "over-budget",
    "error",
    model.at,
    `${capital(label)} of ${of}: ${is}, ${show(value - limit.most)} over the budget of ${limitText(limit)}.`,
    [
      parts.length > 0 ? `Most is ${parts.join(", ")}.` : "",
      savings.length > 0 ? `What would help: ${savings.join("; ")}.` : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
  );
}

/** A limit as it is written; a bare number in the figure's unit. */
export function limitText({ figure, written, most }: Limit): string {
  return /[a-zµ]/i.test(written.replace(/e[+-]?\d+/i, "")) ? written : showAmount(most, limitWords[figure].unit, "GB");
}

/** `train B8 T1024 bf16 on RTX 4090`. */
export function scenarioText({ scenario, uses, device }: ModelReport): string {
  const { phase, batch, sequence, imageSize, dtype } = scenario;
  const sizes = [
    `B${batch}`,
    ...(uses.sequence ? [`T${sequence}`] : []),
    ...(uses.image ? [`${imageSize}²`] : []),
    dtype,
  ];
  return `${phase} ${sizes.join(" ")} on ${device?.name ?? scenario.device}`;
}

function nothingFor({ model, file, span }: ProjectBudget, project: Project, path: string): Finding {
  const at: Place = { path: project.path, ...span };
  const what =
    model === undefined ? `${file} has no model that a budget could be about.` : `${file} has no model ${model}.`;
  return finding(
    "assay-project",
    "error",
    at,
    what,
    `No budget of ${path.split("/").at(-1)} is checked by this entry.`,
  );
}

function finding(rule: string, severity: Finding["severity"], at: Place, what: string, why: string): Finding {
  return { rule, severity, at, what, why, price: "", fixes: [] };
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
