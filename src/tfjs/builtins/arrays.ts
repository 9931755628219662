import { Unknown } from "../../base/unknown.ts";
import { call, listed } from "../language/calls.ts";
import type { Machine } from "../language/machine.ts";
import { get } from "../language/members.ts";
import { binary, toText, truth } from "../language/operators.ts";
import {
  isNullish,
  iteratorKey,
  JsArray,
  JsFunction,
  JsObject,
  type Native,
  numberIn,
  type Value,
} from "../language/values.ts";
import { arrayParts } from "./arrayParts.ts";
import { methods, nativeClass } from "./globals.ts";

/** `Array` and what arrays do with functions. */
export function installArrays(machine: Machine): void {
  const { array } = machine.prototypes;
  const make: Native = (_, args) => {
    const [length] = args.map(numberIn);
    if (args.length !== 1 || length === undefined) return args[0] instanceof Unknown ? args[0] : machine.array(args);
    if (!Number.isInteger(length) || length < 0) return machine.fail("Invalid array length", "RangeError");
    machine.budget.allocate(length);
    return machine.array(new Array<Value>(length).fill(undefined));
  };
  const cls = nativeClass(machine, "Array", array, make, (args, newTarget) => {
    const made = make(undefined, args, newTarget);
    const prototype = newTarget.find("prototype");
    if (made instanceof JsArray && prototype instanceof JsObject) made.proto = prototype;
    return made;
  });
  methods(machine, cls, {
    isArray: (_, [value]) => (value instanceof Unknown ? value : value instanceof JsArray),
    of: (_, args) => machine.array(args),
    from: (_, [from, each]) => {
      const items = itemsOf(machine, from);
      if (items instanceof Unknown) return items;
      return machine.array(
        each instanceof JsFunction ? items.map((item, i) => call(machine, each, undefined, [item, i])) : items,
      );
    },
  });
  methods(machine, array, { ...arrayParts(machine), ...withFunctions(machine) });
}

/** What can be gone over, or is like an array: `{length: 3}`. */
function itemsOf(machine: Machine, from: Value): readonly Value[] | Unknown {
  if (!(from instanceof JsObject) || from instanceof JsArray || from.has(iteratorKey) || !from.has("length"))
    return listed(machine, from);
  const length = get(machine, from, "length");
  if (length instanceof Unknown) return length;
  const count = Math.max(0, Math.floor(numberIn(length) ?? 0));
  machine.budget.allocate(count);
  return Array.from({ length: count }, (_, i) => get(machine, from, String(i)));
}

function withFunctions(machine: Machine): Record<string, Native> {
  /** Calls a function with each item; stops and gives what is unknown where a decision is. */
  const each =
    (use: (items: readonly Value[], ask: (item: Value, i: number) => Value, rest: readonly Value[]) => Value): Native =>
    (self, [func, ...rest]) => {
      if (!(self instanceof JsArray)) return listedSelf(machine, self);
      if (self.opaque) return self.opaque;
      const items = [...self.items];
      return use(items, (item, i) => call(machine, func, rest[0], [item, i, self]), rest);
    };
  const find = (last: boolean, give: (item: Value, i: number) => Value, none: Value) =>
    each((items, ask) => {
      const order = items.map((_, i) => (last ? items.length - 1 - i : i));
      for (const i of order) {
        const found = truth(ask(items[i], i));
        if (found instanceof Unknown) return found;
        if (found) return give(items[i], i);
      }
      return none;
    });
  const quantified = (stop: boolean) =>
    each((items, ask) => {
      for (const [i, item] of items.entries()) {
        const found = truth(ask(item, i));
        if (found instanceof Unknown) return found;
        if (found === stop) return stop;
      }
      return !stop;
    });
  const folded =
    (backwards: boolean): Native =>
    (self, args) => {
      if (!(self instanceof JsArray)) return listedSelf(machine, self);
      if (self.opaque) return self.opaque;
      const order = self.items.map((item, i) => [item, i] as const);
      if (backwards) order.reverse();
      const [func] = args;
      if (args.length < 2 && order.length === 0)
        return machine.fail("Reduce of empty array with no initial value", "TypeError");
      let total = args.length > 1 ? args[1] : order.shift()?.[0];
      for (const [item, i] of order) total = call(machine, func, undefined, [total, item, i, self]);
      return total;
    };
  return {
    map: each((items, ask) => machine.array(items.map(ask))),
    forEach: each((items, ask) => {
      items.forEach(ask);
      return undefined;
    }),
    filter: each((items, ask) => {
      const kept: Value[] = [];
      for (const [i, item] of items.entries()) {
        const wanted = truth(ask(item, i));
        if (wanted instanceof Unknown) return wanted;
        if (wanted) kept.push(item);
      }
      return machine.array(kept);
    }),
    flatMap: each((items, ask) =>
      machine.array(
        items.flatMap((item, i) => {
          const one = ask(item, i);
          return one instanceof JsArray ? one.items : [one];
        }),
      ),
    ),
    find: find(false, (item) => item, undefined),
    findIndex: find(false, (_, i) => i, -1),
    findLast: find(true, (item) => item, undefined),
    some: quantified(true),
    every: quantified(false),
    reduce: folded(false),
    reduceRight: folded(true),
    sort: (self, [func]) => {
      if (self instanceof JsArray) self.items.sort((a, b) => order(machine, func, a, b));
      return self;
    },
  };
}

function order(machine: Machine, func: Value, a: Value, b: Value): number {
  if (func instanceof JsFunction) return numberIn(call(machine, func, undefined, [a, b])) ?? 0;
  if (isNullish(a) || isNullish(b)) return 0;
  return binary("<", toText(a), toText(b)) === true ? -1 : 1;
}

/** What a method of arrays gives on what is none. */
export function listedSelf(machine: Machine, self: Value): Value {
  return self instanceof Unknown ? self : machine.fail("this is not an array", "TypeError");
}
