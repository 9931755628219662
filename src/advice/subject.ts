/** A weighed model, as techniques and rules see it. */
import type { Place } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import type { Known, Unknown } from "../base/unknown.ts";
import type { Device } from "../cost/devices/device.ts";
import type { Figures } from "../cost/figures.ts";
import type { Complete } from "../cost/report.ts";
import type { Module } from "../syntax/ast.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Trace } from "../trace/trace.ts";

export interface Subject {
  /** The file that is being looked at: findings stand in it. A config's has no statements. */
  readonly file: Module;
  readonly text: string;
  /** The values of the config that describes the model, where one does. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  readonly figures: Figures;
  /** One forward pass in inference. */
  readonly inference: Trace;
  /** One training step: forward, loss, backward; undefined where none could be run. */
  readonly step: Trace | undefined;
  /** The pass that the scenario asks for: one of the two, or one token behind a filled cache. */
  readonly pass: Trace;
  /** What that pass was given. */
  readonly inputs: readonly Tensor[];
  /** Keys and values that layers said they cache, layer by layer. */
  readonly kvCaches: readonly (readonly Tensor[])[];
  readonly scenario: Scenario;
  readonly device: Device | undefined;
  readonly complete: Complete;
  /** What was met and not understood. */
  readonly unknowns: readonly Unknown[];
  /** The folder in which the user's own stubs of libraries are looked for. */
  readonly stubFolder: string;
  /** The statement that put a layer's module into its parent. */
  readonly madeAt: (module: object) => Place | undefined;
  /** The model interpreted again from other text, another config or in another scenario; undefined where nobody can. */
  readonly again?: ((change: Again) => Known<Subject>) | undefined;
}

/** What is changed before the model is interpreted again. */
export interface Again {
  readonly text?: string | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly scenario?: Partial<Scenario> | undefined;
}
