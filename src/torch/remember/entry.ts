/** One building that is remembered, and whether it stands for another. */
import type { Frame } from "../../python/code.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { classesNow } from "../../python/objects.ts";
import { answersAlike, asked, isFollowed, type Question, valueOf } from "../../python/remember/buildTags.ts";
import type { Held, Look, Reading } from "../../python/remember/reads.ts";
import { type Likeness, type Pairs, twins } from "../../python/remember/twins.ts";
import {
  type PyCell,
  type PyDict,
  PyInstance,
  type PyList,
  type PyModule,
  type PyObject,
  type PySet,
  PyTuple,
  type Value,
} from "../../python/values.ts";
import type { Expression } from "../../syntax/ast.ts";
import { Float } from "../../tensor/scalar.ts";
import { DeviceObject, DTypeObject, tracerOf } from "../tensorObject.ts";
import type { Given, Numeric } from "./given.ts";
import type { Template } from "./template.ts";

/** What is asked of a number: to be this one, or to answer alike. */
export type NumberRule = { readonly value: number } | { readonly questions: readonly Question[] };

/** A layer that was put into an attribute on the way, by its place in the template. */
export interface Assigned {
  readonly frame: Frame;
  readonly target: Expression;
  readonly owner: number;
  readonly value: number;
}

export interface Entry {
  readonly given: Given;
  readonly rules: readonly NumberRule[];
  readonly seen: Reading["seen"];
  /** Those of `seen` that may have changed since. */
  readonly checks: readonly (readonly [PyObject | PyCell, Held])[];
  readonly around: readonly unknown[];
  readonly template: Template;
  readonly assigned: readonly Assigned[];
  readonly steps: number;
  readonly elements: number;
  /** How deep its calls nest. */
  readonly depth: number;
}

/** State that is nobody's attribute and that building may depend on. */
export function aroundNow(py: Interpreter): readonly unknown[] {
  const { gradEnabled, autocast, defaultDtype, defaultDevice, slices } = tracerOf(py);
  return [gradEnabled, autocast, defaultDtype, defaultDevice, slices, classesNow(), py.modules.size];
}

/** Tensors from before are not followed; dtypes and devices never change. */
export const look: Look = {
  take: (object) => (object instanceof DTypeObject || object instanceof DeviceObject ? object : undefined),
  unchanged: () => true,
};

const likeness: Likeness = {
  same: (taken, here) =>
    taken === here || (taken instanceof DeviceObject && here instanceof DeviceObject && taken.text === here.text),
};

/** Objects and variables of `seen` that are not for ever what they were. */
export function changeable(seen: Reading["seen"]): Entry["checks"] {
  return [...seen].filter(([object, { kind }]) => {
    if (kind === "items") return !(object instanceof PyTuple);
    return kind === "named" || kind === "entries" || kind === "cell";
  });
}

/** The arguments whose numbers another call would need to be other ones: none where the rules hold for it. */
export function misfits(
  { rules }: Pick<Entry, "rules">,
  numbers: readonly Numeric[],
  never: ReadonlySet<number>,
): number[] {
  const wrong: number[] = [];
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as NumberRule;
    const given = numbers[i] as Numeric;
    const number = valueOf(given);
    const fits =
      "value" in rule
        ? Object.is(number, rule.value) && (!isFollowed(given) || never.has(i))
        : answersAlike(rule.questions, number);
    if (!fits) wrong.push(i);
  }
  return wrong;
}

/** Tells buildings around this one what was asked of numbers that they follow. */
export function askAgain({ rules }: Entry, numbers: readonly Numeric[]): void {
  rules.forEach((rule, i) => {
    const given = numbers[i];
    if (!isFollowed(given)) return;
    // Reading it ties whoever follows it to its value.
    if ("value" in rule) given instanceof Float ? given.value : given.hint;
    else for (const { ask, answer } of rule.questions) asked(given.origin, ask, answer);
  });
}

/** What stands here for what was read there: "same" where each object is itself; undefined where something differs. */
export function placesOf(py: Interpreter, entry: Entry, objects: readonly Value[]): Pairs | "same" | undefined {
  const { given, seen, checks } = entry;
  if (aroundNow(py).some((one, i) => one !== entry.around[i])) return undefined;
  if (objects.every((one, i) => one === given.objects[i]))
    return checks.every(([object, held]) => remains(object, held)) ? "same" : undefined;
  return twins(
    seen,
    objects.map((one, i) => [given.objects[i] as Value, one] as const),
    likeness,
  );
}

/** Whether an older object still is what the building saw of it. */
function remains(object: PyObject | PyCell, held: Held): boolean {
  switch (held.kind) {
    case "cell":
      return (object as PyCell).value === held.value;
    case "items": {
      const { items } = object as PyList;
      return items.length === held.items.length && items.every((item, i) => item === held.items[i]);
    }
    case "entries":
      return sameEntries(object as PyDict | PySet, held.entries);
    case "named": {
      const { attrs } = object as PyInstance | PyModule;
      for (const [name, value] of held.names) if (attrs.get(name) !== value) return false;
      if (object instanceof PyInstance && object.payload !== held.payload) return false;
      return !held.all || sameOrder(held.names, attrs);
    }
    default:
      return true;
  }
}

function sameEntries(dict: PyDict | PySet, then: readonly (readonly [Value, Value])[]): boolean {
  if (dict.entries.size !== then.length) return false;
  let i = 0;
  for (const entry of dict.entries.values()) {
    const [key, value] = then[i++] as readonly [Value, Value];
    const same = Array.isArray(entry) ? entry[0] === key && entry[1] === value : entry === key;
    if (!same) return false;
  }
  return true;
}

function sameOrder(names: ReadonlyMap<string, Value | undefined>, attrs: ReadonlyMap<string, Value>): boolean {
  const present = [...names].filter(([, value]) => value !== undefined).map(([name]) => name);
  return present.length === attrs.size;
}
