/** The contract of a rule: a folder of records, one file each. */
import type { Place } from "../../base/place.ts";
import type { Scenario } from "../../base/scenario.ts";
import type { Unknown } from "../../base/unknown.ts";
import type { Figures } from "../../cost/figures.ts";
import type { Complete, Finding } from "../../cost/report.ts";
import type { Module } from "../../syntax/ast.ts";
import type { Trace } from "../../trace/trace.ts";

/** One weighed model, as rules see it. */
export interface Weighed {
  /** The file that is being looked at: findings stand in it. */
  readonly file: Module;
  readonly text: string;
  readonly trace: Trace;
  readonly figures: Figures;
  readonly scenario: Scenario;
  readonly complete: Complete;
  /** What was met and not understood: reasons, and where each was needed. */
  readonly unknowns: readonly Unknown[];
  /** The folder in which the user's own stubs of libraries are looked for. */
  readonly stubFolder: string;
  /** The statement that put a layer's module into its parent. */
  readonly madeAt: (module: object) => Place | undefined;
}

export interface Rule {
  /** The file's name in kebab-case; it names the fault. */
  readonly id: string;
  check(model: Weighed): Iterable<Omit<Finding, "rule">>;
}
