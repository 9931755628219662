/** Totals of the configs that are kept analysed: there soon after a keystroke, ahead of the report, and the largest batch behind it. */
import type { FamilyFacts } from "../../configs/completion.ts";
import { familiesOf } from "../../configs/families.ts";
import type { LargestBatch } from "../../report/configCost.ts";
import type { ModelTotals } from "../../report/modelTotals.ts";
import type { AdviceChoice, AdviceView } from "../../surfaces/advice.ts";
import type { Analyses } from "./analyses.ts";
import { configTechniques } from "./configActions.ts";
import type { Job } from "./thread.ts";

type Values = Readonly<Record<string, unknown>>;

interface Kept {
  /** What the totals are of. */
  readonly key: string;
  readonly text: string;
  totals?: ModelTotals | undefined;
  batch?: LargestBatch | undefined;
  /** Whether the largest batch is asked for or known. */
  asked: boolean;
}

/** A question that others overtook is asked so often again. */
const mostTries = 4;

export class ConfigTotals {
  private readonly kept = new Map<string, Kept>();
  private readonly rewritten = new Map<string, { key: string; asked: Promise<AdviceView | undefined> }>();
  private readonly families = new Map<string, Promise<FamilyFacts | undefined>>();

  constructor(
    private readonly analyses: Analyses,
    /** Something that a lens shows is known now. */
    private readonly changed: () => void,
  ) {}

  /** Asks for the totals of a text that is new. */
  ask(job: Job): void {
    const key = keyOf(job);
    if (this.kept.get(job.path)?.key === key) return;
    const kept: Kept = { key, text: job.text, asked: false };
    this.kept.set(job.path, kept);
    void this.analyses.totals(job).then((totals) => {
      if (!totals || this.kept.get(job.path) !== kept) return;
      kept.totals = totals;
      this.changed();
    });
  }

  /** Asks for the largest batch, now that the report is there. */
  follow(job: Job, tries = mostTries): void {
    const kept = this.kept.get(job.path);
    if (!kept || kept.key !== keyOf(job) || (kept.asked && tries === mostTries)) return;
    kept.asked = true;
    void this.analyses.largestBatch(job).then((batch) => {
      if (this.kept.get(job.path) !== kept) return;
      if (batch === undefined && tries > 1) return this.follow(job, tries - 1);
      kept.batch = batch ?? undefined;
      if (batch) this.changed();
    });
  }

  /** What is known of a text as it stands now. */
  of(path: string, text: string): { totals: ModelTotals; batch: LargestBatch | undefined } | undefined {
    const { totals, batch, text: of } = this.kept.get(path) ?? {};
    return totals && of === text ? { totals, batch } : undefined;
  }

  /** What is known of a config's family, asked for once; undefined where the question was given up. */
  async family(path: string, config: Values): Promise<FamilyFacts | undefined> {
    const families = familiesOf(config);
    const key = JSON.stringify(families);
    const asked = this.families.get(key) ?? this.analyses.family(path, families);
    this.families.set(key, asked);
    const found = await asked;
    // What was given up is asked again next time.
    if (found === undefined) this.families.delete(key);
    return found;
  }

  /** What rewrites of a config's model would save, asked for once for each text; none where that is not known. */
  async rewrites(job: Job): Promise<readonly AdviceChoice[]> {
    const key = keyOf(job);
    const before = this.rewritten.get(job.path);
    const asked =
      before?.key === key ? before.asked : this.analyses.techniques(job, { kind: "some", ids: configTechniques });
    this.rewritten.set(job.path, { key, asked });
    const found = await asked;
    if (!found && this.rewritten.get(job.path)?.key === key) this.rewritten.delete(job.path);
    return found?.choices ?? [];
  }

  drop(path: string): void {
    this.kept.delete(path);
    this.rewritten.delete(path);
  }
}

function keyOf({ text, scenario, change, project }: Job): string {
  return JSON.stringify([text, scenario, change, project]);
}
