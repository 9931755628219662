/** What is asked of the pipeline, and what it finds around it. */
import type { Limits } from "../base/budget.ts";
import type { AskedScenario, Scenario } from "../base/scenario.ts";
import type { Environment, Sources } from "../python/interpreter.ts";

export interface Asked {
  readonly path: string;
  readonly text: string;
  readonly kind: "python" | "config";
  readonly scenario: AskedScenario;
  /** The class to put first, where the user pinned one. */
  readonly pinned?: string | undefined;
}

/** The same with its scenario decided. */
export interface Request extends Omit<Asked, "scenario"> {
  readonly scenario: Scenario;
}

export interface Workspace {
  readonly sources: Sources;
  /** Its roots are library folders, whose files do not change while they are in use. */
  readonly environment: Environment;
  /** Folders of the workspace on the import path, before the libraries. */
  readonly folders?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  /** Asked every few thousand steps. */
  readonly cancelled?: (() => boolean) | undefined;
}
