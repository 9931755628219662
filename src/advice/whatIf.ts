/** Several techniques together on one model: what it costs before and after. */
import type { AppliedTechnique } from "../base/scenario.ts";
import { Unknown } from "../base/unknown.ts";
import type { AppliedReport, WhatIfReport } from "../cost/figuresAfter.ts";
import { costsOf, priced } from "./pricing.ts";
import type { Subject } from "./subject.ts";
import type { Change, Knobs, Site, Technique } from "./techniques/technique.ts";
import { asked } from "./techniques.ts";

/**
 * Techniques that need the model interpreted again (another scenario, edited text) come first; the others are found in what
 * they leave and costed on one trace.
 */
export function whatIf(subject: Subject, wanted: readonly AppliedTechnique[]): WhatIfReport {
  const before = costsOf(subject);
  const applied: AppliedReport[] = [];
  const refused: { id: string; reason: string }[] = [];
  const changes: Change[] = [];
  let now = subject;
  const waiting: { technique: Technique; knobs: Knobs }[] = [];
  for (const one of wanted) {
    const found = asked(one);
    if ("reason" in found) {
      refused.push({ id: one.id, reason: found.reason });
      continue;
    }
    const { technique, knobs } = found;
    const { sites, why } = technique.find(now);
    if (sites.length === 0) {
      refused.push({ id: one.id, reason: why ?? "it fits nowhere in this model" });
      continue;
    }
    const change = technique.change(now, sites, knobs);
    if (!change.scenario && change.text === undefined && !change.config) {
      waiting.push({ technique, knobs });
      continue;
    }
    const again = now.again?.({ scenario: change.scenario, text: change.text, config: change.config });
    if (!again || again instanceof Unknown) {
      refused.push({ id: one.id, reason: again?.reason ?? "the model cannot be interpreted again here" });
      continue;
    }
    now = again;
    applied.push(appliedReport(technique, sites));
    changes.push({ terms: change.terms, shows: change.shows, remarks: change.remarks });
  }
  for (const { technique, knobs } of waiting) {
    const { sites, why } = technique.find(now);
    if (sites.length === 0) {
      refused.push({ id: technique.id, reason: why ?? "it fits nowhere in the changed model" });
      continue;
    }
    applied.push(appliedReport(technique, sites));
    changes.push(technique.change(now, sites, knobs));
  }
  const result = priced(now, changes, before);
  if (result instanceof Unknown)
    return {
      before,
      after: {},
      applied: [],
      refused: [...refused, ...applied.map(({ id }) => ({ id, reason: result.reason }))],
      shows: [],
      remarks: [],
    };
  return { before, after: result.after, applied, refused, shows: result.shows, remarks: result.remarks };
}

/** A technique at its places, as plain data. */
export function appliedReport({ id, name, price, demands }: Technique, sites: readonly Site[]): AppliedReport {
  return { id, name, price, demands, sites: sites.map(({ at, what }) => ({ at, what })) };
}
