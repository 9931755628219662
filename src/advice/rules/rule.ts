/** The contract of a rule: a folder of records, one file each. */
import type { Place } from "../../base/place.ts";
import type { Scenario } from "../../base/scenario.ts";
import type { Unknown } from "../../base/unknown.ts";
import type { NamedConfig } from "../../configs/named.ts";
import type { Device } from "../../cost/devices/device.ts";
import type { Figures } from "../../cost/figures.ts";
import type { Complete, Finding, ModelReport } from "../../cost/report.ts";
import type { Module } from "../../syntax/ast.ts";
import type { Trace } from "../../trace/trace.ts";

/** One weighed model, as rules see it. */
export interface Weighed {
  /** The file that is being looked at: findings stand in it. */
  readonly file: Module;
  readonly text: string;
  /** A training step, or the inference pass where none could be run. */
  readonly trace: Trace;
  /** One forward pass in inference. */
  readonly inference: Trace;
  readonly figures: Figures;
  readonly scenario: Scenario;
  readonly device: Device | undefined;
  readonly complete: Complete;
  /** What was met and not understood: reasons, and where each was needed. */
  readonly unknowns: readonly Unknown[];
  /** The folder in which the user's own stubs of libraries are looked for. */
  readonly stubFolder: string;
  /** The statement that put a layer's module into its parent. */
  readonly madeAt: (module: object) => Place | undefined;
}

/** A file's text, which may define no model: a training script. */
export interface Written {
  readonly file: Module;
  readonly text: string;
  /** The models of the file, weighed. */
  readonly models: readonly ModelReport[];
  readonly scenario: Scenario;
  /** The config of a model by the name that code gives it, where it lies in the workspace; without a name, of the file's own folder. */
  readonly configOf: (name?: string) => NamedConfig | undefined;
}

/** A finding, without what its record says of all of them. */
export type Fault = Omit<Finding, "rule" | "price"> & { readonly price?: string };

export interface Rule {
  /** The file's name in kebab-case; it names the fault. */
  readonly id: string;
  /** What it costs to follow the advice, where no finding says its own. */
  readonly price?: string;
  /** Faults of a weighed model. */
  check?(model: Weighed): Iterable<Fault>;
  /** Faults of a file's code, seen once. */
  read?(code: Written): Iterable<Fault>;
}
