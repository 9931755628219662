import { PyObject, run, type Value } from "./values.ts";

/** An object whose release is watched: it must know when something other than a variable may hold it. */
export interface Watched {
  stored: boolean;
}

/** Objects older than the present run, or settled in it, that were given something since: what they hold stays alive. */
export const holders = { of: -1, all: new Set<PyObject>() };

/**
 * Says that a value was put where it may outlive the variables of the running call: a container, an attribute, a cell
 * (`into`, where it is an object). Releases of such values are found by a full walk, of others by a look at the running
 * call alone.
 */
export function stored(value: Value, into?: PyObject): void {
  if (!(value instanceof PyObject)) return;
  if ("stored" in value) (value as PyObject & Watched).stored = true;
  if (into && (into.born < run.number || into.settled === run.number)) {
    if (holders.of !== run.number) {
      holders.all.clear();
      holders.of = run.number;
    }
    holders.all.add(into);
  }
}
