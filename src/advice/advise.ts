/** Every technique of the catalogue priced on one model by itself: what would help, and what was considered. */
import { Unknown } from "../base/unknown.ts";
import type { AdviceReport, CostName, Costs } from "../cost/figuresAfter.ts";
import { costsOf, priced } from "./pricing.ts";
import type { Subject } from "./subject.ts";
import type { Change, Knobs, Site, Technique } from "./techniques/technique.ts";
import { techniques } from "./techniques.ts";
import { appliedReport } from "./whatIf.ts";

export interface Advice {
  /** What saves most first. */
  readonly fitting: readonly AdviceReport[];
  readonly considered: readonly { readonly id: string; readonly why: string }[];
}

/** Prices techniques with their knobs at the defaults. `wanted` says which; all of them where it is left out. */
export function advise(subject: Subject, wanted: (technique: Technique) => boolean = () => true): Advice {
  const before = costsOf(subject);
  const fitting: AdviceReport[] = [];
  const considered: { id: string; why: string }[] = [];
  for (const technique of techniques.values()) {
    if (!wanted(technique)) continue;
    const { sites, why } = technique.find(subject);
    if (sites.length === 0) {
      if (why) considered.push({ id: technique.id, why });
      continue;
    }
    const one = adviceOf(subject, technique, sites, before);
    if (one instanceof Unknown) considered.push({ id: technique.id, why: one.reason });
    else fitting.push(one);
  }
  return { fitting: fitting.sort(byWorth), considered };
}

/** One technique at its places; unknown where the changed model cannot be weighed. */
export function adviceOf(
  subject: Subject,
  technique: Technique,
  sites: readonly Site[],
  before: Costs = costsOf(subject),
  knobs: Knobs = defaultsOf(technique),
): AdviceReport | Unknown {
  const change = technique.change(subject, sites, knobs);
  const result = pricedAgain(subject, change, before);
  if (result instanceof Unknown) return result;
  const fix = technique.edit?.(subject, sites, knobs) ?? { reason: "" };
  return {
    ...appliedReport(technique, sites),
    what: technique.what,
    exact: technique.exact,
    before,
    after: result.after,
    shows: result.shows,
    remarks: [...result.remarks, ...("reason" in fix && fix.reason ? [`Not written for you: ${fix.reason}.`] : [])],
    saves: headline(before, result.after),
    fix: "reason" in fix ? undefined : fix,
    ...("reason" in fix && { unwritten: fix.reason || "it is a change of more than this file's text" }),
  };
}

/** A change alone: interpreted again where it asks for that. */
function pricedAgain(subject: Subject, change: Change, before: Costs) {
  const { scenario, text, config } = change;
  if (!scenario && text === undefined && !config) return priced(subject, [change], before);
  const again = subject.again?.({ scenario, text, config });
  if (!again) return new Unknown("the model cannot be interpreted again here");
  if (again instanceof Unknown) return again;
  return priced(again, [{ terms: change.terms, shows: change.shows, remarks: change.remarks }], before);
}

export function defaultsOf({ knobs }: Technique): Knobs {
  return Object.fromEntries(Object.entries(knobs).map(([name, knob]) => [name, knob.default]));
}

/** What a person pays for, in groups by what it is worth: of one group the largest saving is told. */
const wantedSmall: readonly (readonly CostName[])[] = [
  ["peakBytes", "eagerSeconds", "seconds"],
  ["kvBytes", "weightBytes"],
  ["activationBytes", "optimizerBytes"],
  ["stepFlops", "flops"],
  ["params"],
  ["trainableParams"],
];

/** Shares that a saving must reach: to stand for others where any does, and to be told at all. */
const worthLeading = 0.05;
const worthSaying = 0.005;

function worthOf(figure: CostName): number {
  return wantedSmall.findIndex((group) => group.includes(figure));
}

/** Savings of what is worth more before others, and the larger share first. */
function byWorth({ saves: a }: AdviceReport, { saves: b }: AdviceReport): number {
  if (!a || !b) return Number(!a) - Number(!b);
  return worthOf(a.figure) - worthOf(b.figure) || b.share - a.share;
}

/** The saving that stands for the others: the largest of the first group in which there is one that counts. */
function headline(before: Costs, after: Costs): AdviceReport["saves"] {
  return leading(before, after, worthLeading) ?? leading(before, after, worthSaying);
}

function leading(before: Costs, after: Costs, least: number): AdviceReport["saves"] {
  // Nobody trains in inference.
  const isTrained = before.stepFlops !== undefined;
  for (const group of wantedSmall) {
    const savings = group.flatMap((figure) => {
      const [was, is] = [before[figure], after[figure]];
      if (!was || is === undefined || (figure === "trainableParams" && !isTrained)) return [];
      const share = 1 - is / was;
      return share > least ? [{ figure, share }] : [];
    });
    const [first] = savings.sort((a, b) => b.share - a.share);
    if (first) return first;
  }
  return undefined;
}
