/** Whether another place in the world looks to a piece of work as the one did that it was remembered from. */
import { Unknown } from "../../base/unknown.ts";
import { show } from "../../tensor/expression.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { SymInt } from "../../tensor/size.ts";
import {
  BoundMethod,
  PyCell,
  PyDict,
  PyFunction,
  PyInstance,
  PyList,
  PyModule,
  PyObject,
  PySet,
  PyTuple,
  type Value,
} from "../values.ts";
import { type Held, type Reading, readAttribute, readAttributes, readCell, reading, readValue } from "./reads.ts";

/** Objects of the remembered work, and what stands in their place here. One to one: what was one object there is one here. */
export type Pairs = ReadonlyMap<object, object>;

/** How another layer's objects are compared. */
export interface Likeness {
  /** Whether an object here is to its readers what was `taken` of the one there. `pair` ties parts of the two to each other. */
  same(taken: object, here: PyObject, pair: (there: object, here: object) => boolean): boolean;
}

/**
 * The pairs under which everything the work read is the same here; undefined where something differs. `roots` are what it
 * was given: there, here.
 */
export function twins(
  seen: Reading["seen"],
  roots: readonly (readonly [Value, Value])[],
  likeness: Likeness,
): Pairs | undefined {
  const match = new Match(seen, likeness);
  for (const [there, here] of roots) if (!match.same(there, here)) return undefined;
  // Modules and variables are found by name, not through the arguments.
  for (const object of seen.keys()) {
    if (object instanceof PyModule && !match.same(object, object)) return undefined;
  }
  // What came another way (a class's attribute, a default, a closure's variable) is the same object in both places.
  for (const object of seen.keys()) {
    if (match.pairs.has(object)) continue;
    const same = object instanceof PyCell ? match.sameCell(object, object) : match.same(object, object);
    if (!same) return undefined;
  }
  return match.pairs;
}

/** Tells the reading in progress what a replay here would have read. */
export function readAgain(seen: Reading["seen"], pairs: Pick<Pairs, "get">): void {
  if (!reading.now) return;
  for (const [there, held] of seen) {
    const here = pairs.get(there);
    if (here instanceof PyCell) readCell(here);
    if (!(here instanceof PyObject)) continue;
    readValue(here);
    if (held.kind !== "named") continue;
    for (const name of held.names.keys()) readAttribute(here, name, here.attrs?.get(name));
    if (held.all) readAttributes(here);
  }
}

class Match {
  readonly pairs = new Map<object, object>();
  private readonly taken = new Set<object>();

  constructor(
    private readonly seen: Reading["seen"],
    private readonly likeness: Likeness,
  ) {}

  /** Ties two objects to each other; false where one of them is tied to another. */
  readonly pair = (there: object, here: object): boolean => {
    const before = this.pairs.get(there);
    if (before !== undefined) return before === here;
    if (this.taken.has(here)) return false;
    this.pairs.set(there, here);
    this.taken.add(here);
    return true;
  };

  same(there: Value | undefined, here: Value | undefined): boolean {
    if (!(there instanceof PyObject)) return samePlain(there, here);
    if (!(here instanceof PyObject)) return false;
    const before = this.pairs.get(there);
    if (before !== undefined) return before === here;
    const held = this.seen.get(there);
    if (!held || there.cls !== here.cls || !this.pair(there, here)) return false;
    return this.sameHeld(held, there, here);
  }

  private sameHeld(held: Held, there: PyObject, here: PyObject): boolean {
    switch (held.kind) {
      case "items":
        return (here instanceof PyList || here instanceof PyTuple) && this.sameItems(held.items, here.items);
      case "entries":
        return (here instanceof PyDict || here instanceof PySet) && this.sameEntries(held.entries, here.entries);
      case "named":
        return this.sameNames(held, here);
      case "function":
        return this.sameFunction(there, here);
      case "foreign":
        return this.likeness.same(held.taken, here, this.pair);
      default:
        return there === here;
    }
  }

  private sameItems(there: readonly Value[], here: readonly Value[]): boolean {
    if (there.length !== here.length) return false;
    for (let i = 0; i < there.length; i++) if (!this.same(there[i], here[i])) return false;
    return true;
  }

  /** In order; a set's elements stand alone. */
  private sameEntries(
    there: readonly (readonly [Value, Value])[],
    here: ReadonlyMap<unknown, Value | readonly [Value, Value]>,
  ): boolean {
    if (there.length !== here.size) return false;
    let i = 0;
    for (const entry of here.values()) {
      const [key, value] = there[i++] as readonly [Value, Value];
      const same = Array.isArray(entry)
        ? this.same(key, entry[0]) && this.same(value, entry[1])
        : this.same(key, entry as Value);
      if (!same) return false;
    }
    return true;
  }

  private sameNames(held: Held & { kind: "named" }, here: PyObject): boolean {
    for (const [name, value] of held.names) if (!this.same(value, here.attrs?.get(name))) return false;
    if (held.all && !sameNamesInOrder(held.names, here)) return false;
    if (!(here instanceof PyInstance)) return here instanceof PyModule;
    if (Array.isArray(held.payload)) return Array.isArray(here.payload) && this.sameItems(held.payload, here.payload);
    return this.same(held.payload as Value | undefined, here.payload as Value | undefined);
  }

  private sameFunction(there: PyObject, here: PyObject): boolean {
    if (there instanceof BoundMethod && here instanceof BoundMethod)
      return this.same(there.self, here.self) && this.same(there.func, here.func);
    if (!(there instanceof PyFunction && here instanceof PyFunction)) return false;
    if (there.code !== here.code || there.module !== here.module || there.cells.length !== here.cells.length)
      return false;
    for (const [i, value] of there.defaults.entries()) if (!this.same(value, here.defaults[i])) return false;
    return there.cells.every((cell, i) => this.sameCell(cell, here.cells[i] as PyCell));
  }

  sameCell(there: PyCell, here: PyCell): boolean {
    if (this.pairs.get(there) === here) return true;
    const held = this.seen.get(there);
    // A variable that was not read is nobody's business.
    if (held?.kind !== "cell") return true;
    return this.pair(there, here) && this.same(held.value, here.value);
  }
}

function sameNamesInOrder(names: ReadonlyMap<string, Value | undefined>, { attrs }: PyObject): boolean {
  const there = [...names].filter(([, value]) => value !== undefined).map(([name]) => name);
  const here = [...(attrs?.keys() ?? [])];
  return there.length === here.length && here.every((name) => names.has(name));
}

/** Whether two values that are no objects are the same to whoever reads them. */
export function samePlain(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a instanceof Float) return b instanceof Float && Object.is(a.value, b.value);
  if (a instanceof SymInt) return b instanceof SymInt && a.hint === b.hint && show(a.expr) === show(b.expr);
  if (a instanceof Complex) return b instanceof Complex && Object.is(a.re, b.re) && Object.is(a.im, b.im);
  if (a instanceof Unknown) return b instanceof Unknown && sameUnknown(a, b);
  return Object.is(a, b);
}

function sameUnknown(a: Unknown, b: Unknown): boolean {
  if (a.reason !== b.reason || a.plain !== b.plain) return false;
  return a.at?.path === b.at?.path && a.at?.line === b.at?.line && a.at?.column === b.at?.column;
}
