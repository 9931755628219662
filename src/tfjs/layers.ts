/** What a program made: layers, where they were applied, and models. */
import type { Place } from "../base/place.ts";
import type { JsObject, Value } from "./language/values.ts";

export interface Applied {
  readonly layer: JsObject;
  readonly at: Place;
  /** One shape for each output; an axis that is left open is null. */
  readonly shape: readonly (readonly Value[])[];
}

export interface MadeModel {
  readonly model: JsObject;
  /** The call that made it, in the user's own text. */
  readonly at: Place | undefined;
  /** The calls around it, innermost first. */
  readonly calls: readonly Place[];
  /** How many remarks there were when a layer was last put into it. */
  remarks: number;
}

export interface Layers {
  /** Where each layer was made. */
  readonly made: Map<JsObject, Place | undefined>;
  /** In order. */
  readonly applied: Applied[];
  readonly models: MadeModel[];
}

export function noLayers(): Layers {
  return { made: new Map(), applied: [], models: [] };
}
