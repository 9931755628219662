/** Questions about techniques, on the analysing side. */
import type { Subject } from "../../advice/subject.ts";
import { asked } from "../../advice/techniques.ts";
import type { AppliedTechnique } from "../../base/scenario.ts";
import type { Fix } from "../../cost/report.ts";
import { type AdviceView, adviceView, type WhatIfView, whatIfView } from "../../surfaces/advice.ts";
import type { GrowthView } from "../../surfaces/pictures/growth.ts";
import { growthOf } from "../../surfaces/pictures/growthOf.ts";
import type { Job } from "./thread.ts";

export type Question =
  | { readonly kind: "advice" }
  /** Some of the catalogue alone, by their ids. */
  | { readonly kind: "some"; readonly ids: readonly string[] }
  | { readonly kind: "growth"; readonly uses: { readonly sequence: boolean } }
  | { readonly kind: "what-if"; readonly apply: readonly AppliedTechnique[] }
  | { readonly kind: "fix"; readonly technique: AppliedTechnique };

/** What is told of techniques; each kind of question has its own. */
export interface Told {
  readonly advice: AdviceView;
  readonly some: AdviceView;
  readonly growth: GrowthView | undefined;
  readonly "what-if": WhatIfView;
  readonly fix: Fix | { readonly reason: string };
}

/** A job, and the model of its file that is asked about: the file's first where it is left out. */
export interface ModelJob extends Job {
  readonly model?: string | undefined;
}

/** Answers questions of one thread. The model weighed last is kept: toggles ask about the same one again and again. */
export class Advising {
  private kept: { readonly key: string; readonly subject: Subject } | undefined;

  constructor(
    private readonly weigh: (job: ModelJob) => readonly Subject[],
    private readonly cancelled: () => boolean,
  ) {}

  /** Something that was read may read otherwise now. */
  forget(): void {
    this.kept = undefined;
  }

  /** Nothing where the file holds no such model, or the question was given up. */
  answer(job: ModelJob, question: Question): Told[Question["kind"]] | undefined {
    const subject = this.subject(job);
    if (!subject || this.cancelled()) return undefined;
    switch (question.kind) {
      case "advice":
        return adviceView(subject, () => !this.cancelled());
      case "some":
        return adviceView(subject, ({ id }) => question.ids.includes(id) && !this.cancelled());
      case "growth":
        return growthOf(subject, question.uses, this.cancelled);
      case "what-if":
        return whatIfView(subject, question.apply);
      case "fix":
        return fixOf(subject, question.technique);
    }
  }

  private subject(job: ModelJob): Subject | undefined {
    const key = JSON.stringify([job.path, job.text, job.scenario, job.change, job.project, job.model]);
    if (this.kept?.key === key) return this.kept.subject;
    const subjects = this.weigh(job);
    const subject = job.model === undefined ? subjects[0] : subjects.find(({ name }) => name === job.model);
    if (subject && !this.cancelled()) this.kept = { key, subject };
    return subject;
  }
}

function fixOf(subject: Subject, wanted: AppliedTechnique): Told["fix"] {
  const found = asked(wanted);
  if ("reason" in found) return found;
  const { technique, knobs } = found;
  if (!technique.edit) return { reason: `${technique.name} is not written for you` };
  const { sites, why } = technique.find(subject);
  if (sites.length === 0) return { reason: why ?? "it fits nowhere in this model" };
  return technique.edit(subject, sites, knobs);
}
