/** What is worked out behind a file's report, once that is shown: its budgets, and the same file at the last commit. */
import { projectOfThen } from "../../configs/project/read.ts";
import type { FileReport } from "../../cost/report.ts";
import { type BudgetNote, budgetsOf } from "../../report/budgets.ts";
import { fileChange, type ModelChange } from "../../report/change.ts";
import type { Analyses } from "./analyses.ts";
import type { Job } from "./thread.ts";

/** The commit that files are compared with. */
export interface Base {
  /** `HEAD`. */
  readonly name: string;
  /** Files that read otherwise now: their text at the commit, null where there was none. */
  readonly texts: ReadonlyMap<string, string | null>;
}

/** How a file's models changed since a commit. */
export interface Changes {
  readonly since: string;
  readonly models: readonly ModelChange[];
}

interface Kept {
  /** What the base's report was asked with. */
  key: string;
  before: FileReport | undefined;
  /** The newest. */
  report: FileReport;
  notes: readonly BudgetNote[];
  changes: Changes | undefined;
}

export class Behind {
  private base: Base | undefined;
  /** Counts what reports of the base rest on. */
  private version = 0;
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly analyses: Analyses,
    /** Told where a file's budgets or changes are others now. */
    private readonly changed: (path: string) => void,
  ) {}

  /** Takes another commit, or other files that differ from it; undefined where files are compared with none. */
  setBase(base: Base | undefined): void {
    this.base = base && base.texts.size > 0 ? base : undefined;
    this.version++;
  }

  /** Something that every report rests on is another. */
  again(): void {
    this.version++;
  }

  /** A file is analysed no more. */
  drop(path: string): void {
    this.kept.delete(path);
  }

  /** Asks for what belongs to a report that has just been finished. */
  follow(job: Job, report: FileReport): void {
    const kept = this.compareAgain(job, report);
    const hasBudgets = job.project !== undefined && budgetsOf(job.project, job.path).length > 0;
    if (hasBudgets) void this.analyses.budgets(job).then((notes) => this.takeNotes(job.path, kept, notes));
    else kept.notes = [];
  }

  /** Asks for what a report changed since the base. */
  compareAgain(job: Job, report: FileReport): Kept {
    const kept: Kept = this.kept.get(job.path) ?? { key: "", before: undefined, report, notes: [], changes: undefined };
    this.kept.set(job.path, kept);
    kept.report = report;
    kept.changes = this.changesOf(kept.before, report);
    this.compare(job, kept);
    return kept;
  }

  /** The changes of a file's models; undefined where nothing is compared or nothing changed. */
  changes(path: string): Changes | undefined {
    return this.kept.get(path)?.changes;
  }

  /** A report with what its budgets found, each finding at its model's line. */
  completed(report: FileReport): FileReport {
    const notes = this.kept.get(report.path)?.notes ?? [];
    if (notes.length === 0) return report;
    const placed = notes.flatMap(({ model, finding }) => {
      const at = report.models.find(({ name }) => name === model)?.at ?? finding.at;
      return [{ ...finding, at }];
    });
    return {
      ...report,
      findings: [...(report.findings ?? []), ...placed.filter(({ rule }) => rule !== "assay-project")],
      problems: [...report.problems, ...placed.filter(({ rule }) => rule === "assay-project")],
    };
  }

  private takeNotes(path: string, kept: Kept, notes: readonly BudgetNote[] | undefined): void {
    if (!notes || this.kept.get(path) !== kept) return;
    const isOther = JSON.stringify(notes) !== JSON.stringify(kept.notes);
    kept.notes = notes;
    if (isOther) this.changed(path);
  }

  private compare(job: Job, kept: Kept): void {
    const { base } = this;
    const then = base && base.texts.get(job.path);
    if (!base || then === null) {
      // A file that is new has nothing to be compared with.
      kept.before = undefined;
      kept.changes = undefined;
      kept.key = "";
      return;
    }
    const text = then ?? job.text;
    const key = JSON.stringify([this.version, then === undefined, text, job.scenario, job.change, job.project]);
    if (kept.key === key) return;
    kept.key = key;
    const project = job.project && projectOfThen(job.project, base.texts.get(job.project.path));
    void this.analyses.base({ ...job, text, project }, base.texts).then((before) => {
      if (this.kept.get(job.path) !== kept || kept.key !== key) return;
      if (!before) {
        kept.key = "";
        return;
      }
      kept.before = before;
      kept.changes = this.changesOf(before, kept.report);
      this.changed(job.path);
    });
  }

  private changesOf(before: FileReport | undefined, report: FileReport): Changes | undefined {
    const models = before && this.base ? fileChange(before.models, report.models) : [];
    return models.some(({ kind }) => kind !== "same") ? { since: this.base?.name ?? "HEAD", models } : undefined;
  }
}
