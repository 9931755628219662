/** A weighed model, as techniques see it. */
import type { Scenario } from "../base/scenario.ts";
import type { Known } from "../base/unknown.ts";
import type { MemoryReport, TimeReport } from "../cost/report.ts";
import type { CacheRecord } from "../evidence/caches.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Trace } from "../trace/trace.ts";
import type { Weighed } from "./rules/rule.ts";

export interface WeighedPass {
  readonly memory: MemoryReport;
  /** Undefined where it is not known, or where it is of another form of the program than the trace. */
  readonly time: TimeReport | undefined;
}

export interface Subject extends Weighed {
  /** The model's name in its report. */
  readonly name: string;
  /** The values of the config that describes the model, where one does. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  /** A training pass: forward, and in the phase of training loss and backward; undefined where none could be run. */
  readonly step: Trace | undefined;
  /** The pass that the scenario asks for: one of the two, or one token behind a filled cache. */
  readonly pass: Trace;
  /** What that pass was given. */
  readonly inputs: readonly Tensor[];
  /** Memory and time of that pass, as its report has them: those of one rank where several share the work. */
  readonly weighed?: WeighedPass | undefined;
  /** Keys and values that layers said they cache, layer by layer. */
  readonly kvCaches: readonly (readonly Tensor[])[];
  readonly caches?: CacheRecord | undefined;
  /** The model interpreted again from other text, another config or in another scenario; undefined where nobody can. */
  readonly again?: ((change: Again) => Known<Subject>) | undefined;
}

/** What is changed before the model is interpreted again. */
export interface Again {
  readonly text?: string | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly scenario?: Partial<Scenario> | undefined;
}
