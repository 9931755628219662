/** Where in the user's code each layer was built: the call of its class. */
import type { Place } from "../base/place.ts";
import type { PyObject } from "../python/values.ts";

const places = new WeakMap<object, Place>();

/** The call that built a layer; undefined where a library's own code did. */
export function builtAt(module: object): Place | undefined {
  return places.get(module);
}

export function noteBuilt(module: PyObject, at: Place | undefined): void {
  if (at && !at.path.startsWith("assay:/")) places.set(module, at);
}
