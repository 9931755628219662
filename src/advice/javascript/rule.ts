/** The contract of a rule for JavaScript and TypeScript. */
import type { Place } from "../../base/place.ts";
import type { LayerReport, ModelReport } from "../../cost/report.ts";
import type { CallNode, Ranged, Script } from "../../syntax/script/ast.ts";
import type { PipelineUse } from "../../tfjs/pipelines.ts";
import type { Fault } from "../rules/rule.ts";

export type { Fault };

/** A weighed model and the script that makes it. */
export interface WeighedScript {
  readonly script: Script;
  readonly model: ModelReport;
  /** Its layers in the order in which they run, those inside others too. */
  readonly layers: readonly LayerReport[];
  /** The call in this script that made a layer; undefined where it stands elsewhere or made several. */
  readonly callOf: (layer: LayerReport) => CallNode | undefined;
  /** The call that stands at a place. */
  readonly callAt: (place: Place) => CallNode | undefined;
  readonly placeOf: (range: Ranged) => Place;
  /** How transformers.js loads it; undefined for a model of TensorFlow.js. */
  readonly pipeline: PipelineUse | undefined;
}

/** A script's text, whatever models it makes. */
export interface WrittenScript {
  readonly script: Script;
  readonly placeOf: (range: Ranged) => Place;
}

export interface ScriptRule {
  /** The file's name in kebab-case; it names the fault. */
  readonly id: string;
  /** What it costs to follow the advice, where no finding says its own. */
  readonly price?: string;
  /** Faults of a weighed model. */
  check?(weighed: WeighedScript): Iterable<Fault>;
  /** Faults of a script's code, seen once. */
  read?(written: WrittenScript): Iterable<Fault>;
}
