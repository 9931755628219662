/** What is asked of the pipeline, and what it finds around it. */
import type { Limits } from "../base/budget.ts";
import type { AskedScenario, Scenario } from "../base/scenario.ts";
import type { ScenarioChange } from "../base/settings.ts";
import type { Project } from "../configs/project/project.ts";
import type { Environment, Sources } from "../python/interpreter.ts";
import type { QuantizedConfig } from "./stored.ts";

export interface Asked {
  readonly path: string;
  readonly text: string;
  readonly kind: "python" | "config" | "javascript";
  readonly scenario: AskedScenario;
  /** What of it the person chose just now, which goes before what a model's entry in `assay.json` says. */
  readonly change?: ScenarioChange | undefined;
  /** The class to put first, where the user pinned one. */
  readonly pinned?: string | undefined;
  /** The only model to weigh, by its name; `undefined`: all that the file holds. */
  readonly only?: string | undefined;
  /** Whether every technique of the catalogue is priced on each model: a list of what would help. */
  readonly advise?: boolean | undefined;
}

/** The same with its scenario decided. */
export interface Request extends Omit<Asked, "scenario"> {
  readonly scenario: Scenario;
  readonly project?: Project | undefined;
  /** The values of the config that is weighed. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** The same where its quantization counts. */
  readonly quantized?: QuantizedConfig | undefined;
}

export interface Workspace {
  readonly sources: Sources;
  /** Its roots are library folders, whose files do not change while they are in use. */
  readonly environment: Environment;
  /** Folders of the workspace on the import path, before the libraries. */
  readonly folders?: readonly string[] | undefined;
  /** What the file's `assay.json` says. */
  readonly project?: Project | undefined;
  readonly limits?: Limits | undefined;
  /** Asked every few thousand steps. */
  readonly cancelled?: (() => boolean) | undefined;
}
