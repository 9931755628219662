/**
 * What a piece of work read of the world before it: objects older than it, and of each what was looked at. That is the key
 * under which the work is remembered (twins.ts asks whether another place looks the same). An old object may be read, never
 * written: whatever writes to one, and whatever else a replay could not repeat, ends the reading with a reason.
 */
import { Unknown } from "../../base/unknown.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { SymInt } from "../../tensor/size.ts";
import { ellipsis, notImplemented } from "../types.ts";
import {
  BoundMethod,
  NativeFunction,
  NativeProperty,
  PyBytes,
  PyCell,
  PyClass,
  PyClassMethod,
  PyDict,
  PyFunction,
  PyGenerator,
  PyInstance,
  PyIterator,
  PyList,
  PyModule,
  PyObject,
  PyProperty,
  PyRange,
  PySet,
  PySlice,
  PyStaticMethod,
  PyTuple,
  run,
  type Value,
} from "../values.ts";

/** How another layer's objects take part: tensors, dtypes. */
export interface Look {
  /** What an object of its kind holds that its reader may see; undefined where that cannot be said. */
  take(object: PyObject, reading: Reading): object | undefined;
  /** Whether it still holds that. */
  unchanged(object: PyObject, taken: object): boolean;
}

/** What an old object held when it was first seen. */
export type Held =
  /** Its own attributes are read one by one: `names` are those that were; `all` when each was. */
  | {
      readonly kind: "named";
      readonly names: Map<string, Value | undefined>;
      readonly before: ReadonlyMap<string, Value> | undefined;
      readonly payload: unknown;
      all: boolean;
    }
  | { readonly kind: "items"; readonly items: readonly Value[] }
  | { readonly kind: "entries"; readonly entries: readonly (readonly [Value, Value])[] }
  | { readonly kind: "cell"; readonly value: Value | undefined }
  /** Functions and methods: what they are made of was seen too. */
  | { readonly kind: "function" }
  /** The object itself is all there is to it. */
  | { readonly kind: "itself" }
  | { readonly kind: "foreign"; readonly taken: object };

export interface Reading {
  /** Objects made up to this serial are older than the work. */
  readonly start: number;
  readonly look: Look;
  readonly seen: Map<PyObject | PyCell, Held>;
  /** Why the work cannot be remembered. */
  failure: string | undefined;
  readonly outer: Reading | undefined;
}

/** The innermost reading in progress; interpreters never run side by side. */
export const reading: { now: Reading | undefined } = { now: undefined };

/** More items than this in the containers that were seen are not compared. */
const mostItems = 20_000;

export function beginReading(look: Look): Reading {
  const begun: Reading = { start: run.made, look, seen: new Map(), failure: undefined, outer: reading.now };
  reading.now = begun;
  return begun;
}

/**
 * Ends a reading, and those begun inside it that were left by an exception. Its `failure` says whether it can be used; the
 * reading around it has read what it read.
 */
export function endReading(ended: Reading): void {
  while (reading.now && reading.now !== ended) endOne(reading.now);
  if (reading.now === ended) endOne(ended);
}

function endOne(ended: Reading): void {
  const { outer } = ended;
  reading.now = outer;
  if (ended.failure === undefined) {
    for (const [object, held] of ended.seen) {
      if (stillHolds(ended, object, held)) continue;
      ended.failure = `an older ${describe(object)} was changed`;
      break;
    }
  }
  if (outer && outer.failure === undefined) for (const [object, held] of ended.seen) adopt(outer, object, held);
}

/** What the inner reading saw, the outer one has seen. */
function adopt(outer: Reading, object: PyObject | PyCell, held: Held): void {
  if (object.born > outer.start) return;
  const known = outer.seen.get(object);
  if (!known) outer.seen.set(object, held.kind === "named" ? { ...held, names: new Map(held.names) } : held);
  else if (known.kind === "named" && held.kind === "named") {
    for (const [name, value] of held.names) if (!known.names.has(name)) known.names.set(name, value);
    known.all ||= held.all;
  }
}

/** Says that the work in progress cannot be remembered: something happened that a replay would not repeat. */
export function unrepeatable(reason: string): void {
  for (let one = reading.now; one; one = one.outer) one.failure ??= reason;
}

/** Says that an object is about to be changed: what began after it was made cannot be remembered. */
export function wrote(object: PyObject | PyCell): void {
  const { now } = reading;
  if (!now || object.born > now.start) return;
  forbid(object, `an older ${describe(object)} is written to`);
  if (object instanceof PyCell) readCell(object);
  else see(now, object);
}

/** Ends the readings that an object is older than. What they read goes on to be written down: others may lie around them. */
function forbid(object: PyObject | PyCell, reason: string): void {
  for (let one = reading.now; one; one = one.outer) if (object.born <= one.start) one.failure ??= reason;
}

/** Says that an object's own attribute was looked for (`undefined`: it has none of that name). */
export function readAttribute(object: PyObject, name: string, value: Value | undefined): void {
  const { now } = reading;
  if (!now || object.born > now.start) return;
  // Whoever has a list has been seen with it; asking it for a method does not look into it.
  if (object.attrs === undefined && !(object instanceof PyInstance)) return;
  see(now, object);
  const held = now.seen.get(object);
  if (held?.kind === "function" && value !== undefined) forbid(object, "an attribute of a function is read");
  if (held?.kind !== "named" || held.names.has(name)) return;
  held.names.set(name, value);
  if (value instanceof PyObject) see(now, value);
}

/** Says that all of an object's own attributes were looked at, their order too. */
export function readAttributes(object: PyObject): void {
  const { now } = reading;
  if (!now || object.born > now.start) return;
  for (const [name, value] of object.attrs ?? []) readAttribute(object, name, value);
  see(now, object);
  const held = now.seen.get(object);
  if (held?.kind === "named") held.all = true;
}

/** Says that a variable of an enclosing function was read. */
export function readCell(cell: PyCell): void {
  const { now } = reading;
  if (!now || cell.born > now.start || now.seen.has(cell)) return;
  now.seen.set(cell, { kind: "cell", value: cell.value });
  if (cell.value instanceof PyObject) see(now, cell.value);
}

/** Says that a value came into the work's hands: an argument, a class's attribute, a default. */
export function readValue(value: Value | undefined): void {
  const { now } = reading;
  if (now && value instanceof PyObject) see(now, value);
}

/** Writes down what an old object holds, and whatever is in it. */
function see(now: Reading, first: PyObject): void {
  if (first.born > now.start || now.seen.has(first)) return;
  const waiting: Value[] = [first];
  let items = 0;
  for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
    if (!(object instanceof PyObject) || object.born > now.start || now.seen.has(object)) continue;
    const held = holding(now, object);
    if (!held) {
      forbid(object, `a ${describe(object)} from before`);
      continue;
    }
    now.seen.set(object, held);
    const inside = insideOf(object, held);
    for (const one of inside) waiting.push(one);
    items += inside.length;
    if (items > mostItems) return unrepeatable("a container too large to compare");
  }
}

function holding(now: Reading, object: PyObject): Held | undefined {
  if (object instanceof PyList || object instanceof PyTuple) return { kind: "items", items: [...object.items] };
  if (object instanceof PyDict) return { kind: "entries", entries: [...object.entries.values()] };
  if (object instanceof PySet)
    return { kind: "entries", entries: [...object.entries.values()].map((one) => [one, null] as const) };
  if (object instanceof PyInstance) {
    const { payload } = object;
    return isPlain(payload) || object.cls.layout === "exception"
      ? { kind: "named", names: new Map(), before: new Map(object.attrs), payload, all: false }
      : undefined;
  }
  if (object instanceof PyModule)
    return { kind: "named", names: new Map(), before: undefined, payload: undefined, all: false };
  if (object instanceof PyFunction || object instanceof BoundMethod) return { kind: "function" };
  const fixed =
    object instanceof PyClass ||
    object instanceof NativeFunction ||
    object instanceof PySlice ||
    object instanceof PyRange ||
    object instanceof PyBytes ||
    object instanceof PyProperty ||
    object instanceof NativeProperty ||
    object instanceof PyStaticMethod ||
    object instanceof PyClassMethod ||
    object === ellipsis ||
    object === notImplemented;
  if (fixed) return { kind: "itself" };
  // What an iterator will give next is hidden in it.
  if (object instanceof PyIterator || object instanceof PyGenerator) return undefined;
  const taken = now.look.take(object, now);
  return taken && { kind: "foreign", taken };
}

/** Whether a native payload is a value like others, which nothing changes behind its back. */
function isPlain(payload: unknown): boolean {
  if (typeof payload !== "object" || payload === null || payload instanceof PyObject) return true;
  return [Unknown, Float, Complex, SymInt].some((kind) => payload instanceof kind);
}

function insideOf(object: PyObject, held: Held): readonly Value[] {
  if (held.kind === "items") return held.items;
  if (held.kind === "entries") return held.entries.flat();
  if (object instanceof BoundMethod) return [object.self, object.func];
  if (object instanceof PyFunction) return object.defaults.filter((one) => one !== undefined);
  if (object instanceof PyInstance) {
    const { payload } = object;
    return Array.isArray(payload) ? payload : payload instanceof PyObject ? [payload] : [];
  }
  return [];
}

function stillHolds(now: Reading, object: PyObject | PyCell, held: Held): boolean {
  switch (held.kind) {
    case "cell":
      return object instanceof PyCell && object.value === held.value;
    case "items":
      return sameItems((object as PyList).items, held.items);
    case "entries": {
      const { entries } = object as PyDict | PySet;
      if (entries.size !== held.entries.length) return false;
      let i = 0;
      for (const entry of entries.values()) {
        const [key, value] = held.entries[i++] as readonly [Value, Value];
        const same = Array.isArray(entry) ? entry[0] === key && entry[1] === value : entry === key;
        if (!same) return false;
      }
      return true;
    }
    case "named": {
      const { attrs } = object as PyInstance | PyModule;
      for (const [name, value] of held.names) if (attrs.get(name) !== value) return false;
      if (!held.before) return true;
      if (held.before.size !== attrs.size || (object as PyInstance).payload !== held.payload) return false;
      for (const [name, value] of held.before) if (attrs.get(name) !== value) return false;
      return true;
    }
    case "foreign":
      return now.look.unchanged(object as PyObject, held.taken);
    default:
      return true;
  }
}

function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function describe(object: PyObject | PyCell): string {
  return object instanceof PyCell ? "variable" : object.cls.name;
}
