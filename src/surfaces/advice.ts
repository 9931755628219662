/** What the catalogue says of one model, as plain data for pages and pickers: figures printed, knobs with their ranges. */
import { advise } from "../advice/advise.ts";
import type { Subject } from "../advice/subject.ts";
import type { Knob, Paper, Technique } from "../advice/techniques/technique.ts";
import { techniques } from "../advice/techniques.ts";
import { whatIf } from "../advice/whatIf.ts";
import type { AppliedTechnique } from "../base/scenario.ts";
import type { AdviceReport, WhatIfReport } from "../cost/figuresAfter.ts";
import { costRows, savingText } from "./whatIf.ts";

/** A technique that fits, priced alone with its knobs at their defaults. */
export interface AdviceChoice extends AdviceReport {
  readonly kind: Technique["kind"];
  readonly paper: Paper | undefined;
  readonly knobs: Readonly<Record<string, Knob>>;
  /** `peak memory 24.6 GB → 18.2 GB, 26 % less.` */
  readonly saving: string;
}

export interface AdviceView {
  /** The model's name in its report. */
  readonly model: string;
  /** What saves most first. */
  readonly choices: readonly AdviceChoice[];
  /** What was looked at and does not fit or does not pay, a sentence each. */
  readonly considered: readonly { readonly id: string; readonly name: string; readonly why: string }[];
}

/** Techniques together, with the figures of both sides printed. */
export interface WhatIfView extends WhatIfReport {
  readonly model: string;
  readonly rows: ReturnType<typeof costRows>;
}

/** Every technique of the catalogue on a model; `wanted` may leave some out. */
export function adviceView(subject: Subject, wanted?: (technique: Technique) => boolean): AdviceView {
  const { fitting, considered } = advise(subject, wanted);
  return {
    model: subject.name,
    choices: fitting.flatMap((report) => {
      const technique = techniques.get(report.id);
      if (!technique) return [];
      const { kind, paper, knobs } = technique;
      return [{ ...report, kind, paper, knobs, saving: savingText(report) }];
    }),
    considered: considered.map(({ id, why }) => ({ id, name: techniques.get(id)?.name ?? id, why })),
  };
}

export function whatIfView(subject: Subject, wanted: readonly AppliedTechnique[]): WhatIfView {
  const report = whatIf(subject, wanted);
  return { ...report, model: subject.name, rows: costRows(report.before, report.after) };
}
