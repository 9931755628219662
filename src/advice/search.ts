/** The cheapest set of techniques that meets a budget: least demanded of the user first, then fewest. */
import { readAmount } from "../base/amounts.ts";
import type { AppliedTechnique } from "../base/scenario.ts";
import { type LimitWord, limitWords } from "../configs/project/limits.ts";
import type { CostName, Demand, WhatIfReport } from "../cost/figuresAfter.ts";
import { advise } from "./advise.ts";
import type { Subject } from "./subject.ts";
import { techniques } from "./techniques.ts";
import { whatIf } from "./whatIf.ts";

export interface Budgeted {
  readonly figure: CostName;
  readonly most: number;
}

export interface Found {
  /** Whether the budget is met with what is applied. */
  readonly met: boolean;
  readonly result: WhatIfReport;
  /** Why each was taken, in order. */
  readonly reasons: readonly { readonly id: string; readonly why: string }[];
  /** How many sets were costed. */
  readonly tried: number;
}

/** What a demand weighs against another: training again is dearer than anything that can be done without. */
const weights: Readonly<Record<Demand, number>> = { nothing: 1, calibration: 4, "fine-tuning": 16, training: 64 };
/** So many sets are costed at most. */
const mostTried = 120;

/**
 * Best-first search over sets of the techniques that lower the figure by themselves; where none meets the budget, the set
 * that comes nearest.
 */
export function search(subject: Subject, { figure, most }: Budgeted): Found {
  const { fitting } = advise(subject);
  const useful = fitting.filter(
    ({ before, after }) => (after[figure] ?? Number.POSITIVE_INFINITY) < (before[figure] ?? 0),
  );
  const price = (ids: readonly string[]) =>
    ids.reduce((sum, id) => sum + weights[techniques.get(id)?.demands ?? "training"], 0);
  const queue: string[][] = [[]];
  const seen = new Set<string>([""]);
  let best: { result: WhatIfReport; ids: readonly string[]; value: number } | undefined;
  let tried = 0;
  while (queue.length > 0 && tried < mostTried) {
    queue.sort((a, b) => price(a) - price(b) || a.length - b.length);
    const ids = queue.shift() as string[];
    const result = whatIf(subject, applying(ids));
    tried++;
    const applied = result.applied.map(({ id }) => id);
    const value = (ids.length === 0 ? result.before : result.after)[figure] ?? Number.POSITIVE_INFINITY;
    if (applied.length < ids.length) continue;
    if (!best || value < best.value) best = { result, ids, value };
    if (value <= most) return { met: true, result, reasons: reasonsFor(subject, ids, figure, result), tried };
    for (const { id } of useful) {
      if (ids.includes(id)) continue;
      const next = [...ids, id].sort();
      const key = next.join(",");
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  const nearest = best as NonNullable<typeof best>;
  return {
    met: false,
    result: nearest.result,
    reasons: reasonsFor(subject, nearest.ids, figure, nearest.result),
    tried,
  };
}

/** What each takes off the figure when it is added behind those before it; `whole` is all of them together. */
function reasonsFor(
  subject: Subject,
  ids: readonly string[],
  figure: CostName,
  whole: WhatIfReport,
): { id: string; why: string }[] {
  let was = whole.before[figure] ?? 0;
  return ids.map((id, i) => {
    const { after } = i === ids.length - 1 ? whole : whatIf(subject, applying(ids.slice(0, i + 1)));
    const is = after[figure] ?? was;
    const share = was > 0 ? Math.round(100 * (1 - is / was)) : 0;
    was = after[figure] ?? 0;
    const demands = techniques.get(id)?.demands ?? "training";
    return { id, why: `takes ${share} % off, and demands ${demands}` };
  });
}

function applying(ids: readonly string[]): AppliedTechnique[] {
  return ids.map((id) => ({ id }));
}

/** `peak <= 24GB`, `time <= 30ms`, `params <= 7e9` as a budget; a sentence where it cannot be read. */
export function parseBudget(text: string): Budgeted | { reason: string } {
  const [, word = "", amount = ""] = /^\s*([a-zA-Z]+)\s*(?:<=?|:)\s*(.*)$/.exec(text) ?? [];
  const name = word.toLowerCase() === "memory" ? "peak" : word.toLowerCase();
  const figure = costNames[name as LimitWord];
  if (!figure)
    return { reason: `a budget is written "peak <= 24GB"; figures are ${Object.keys(costNames).join(", ")}` };
  const most = readAmount(amount, limitWords[name as LimitWord].unit);
  return typeof most === "number" ? { figure, most } : most;
}

/** The figures of budgets that techniques change. */
export const costNames: Readonly<Partial<Record<LimitWord, CostName>>> = {
  peak: "peakBytes",
  weights: "weightBytes",
  kv: "kvBytes",
  activations: "activationBytes",
  gradients: "gradientBytes",
  optimizer: "optimizerBytes",
  time: "eagerSeconds",
  kernels: "seconds",
  params: "params",
  trained: "trainableParams",
  flops: "flops",
};
