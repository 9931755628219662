import { Unknown } from "../../base/unknown.ts";
import type { Machine } from "../language/machine.ts";
import { binary, toText } from "../language/operators.ts";
import { iteratorKey, JsArray, type Native, numberIn, type Value } from "../language/values.ts";
import { listedSelf } from "./arrays.ts";

/** What arrays do with their items alone. */
export function arrayParts(machine: Machine): Record<string, Native> {
  const on =
    (use: (array: JsArray, args: readonly Value[]) => Value): Native =>
    (self, args) =>
      self instanceof JsArray ? (self.opaque ?? use(self, args)) : listedSelf(machine, self);
  const position = (array: JsArray, value: Value) =>
    array.items.findIndex((item) => binary("===", item, value) === true);
  return {
    push: on((array, args) => {
      machine.budget.allocate(args.length);
      array.items.push(...args);
      return array.items.length;
    }),
    pop: on((array) => array.items.pop()),
    shift: on((array) => array.items.shift()),
    unshift: on((array, args) => array.items.unshift(...args)),
    slice: on(({ items }, [from, to]) => {
      if (from instanceof Unknown || to instanceof Unknown) return from instanceof Unknown ? from : to;
      return machine.array(items.slice(numberIn(from) ?? 0, to === undefined ? items.length : numberIn(to)));
    }),
    splice: on((array, [from, count, ...more]) => {
      const start = numberIn(from) ?? 0;
      return machine.array(
        array.items.splice(start, count === undefined ? array.items.length : (numberIn(count) ?? 0), ...more),
      );
    }),
    concat: on(({ items }, args) => {
      const unknown = args.find((arg) => arg instanceof Unknown);
      return (
        unknown ?? machine.array([...items, ...args.flatMap((arg) => (arg instanceof JsArray ? arg.items : [arg]))])
      );
    }),
    join: on(({ items }, [mark]) => {
      const texts = items.map((item) => (item === undefined || item === null ? "" : toText(item)));
      const between = mark === undefined ? "," : toText(mark);
      return texts.find((text) => text instanceof Unknown) ?? texts.join(between instanceof Unknown ? "," : between);
    }),
    reverse: on((array) => {
      array.items.reverse();
      return array;
    }),
    toReversed: on(({ items }) => machine.array(items.toReversed())),
    indexOf: on((array, [value]) => position(array, value)),
    lastIndexOf: on(({ items }, [value]) => items.findLastIndex((item) => binary("===", item, value) === true)),
    includes: on((array, [value]) => (value instanceof Unknown ? value : position(array, value) >= 0)),
    fill: on((array, [value, from, to]) => {
      array.items.fill(value, numberIn(from) ?? 0, numberIn(to) ?? array.items.length);
      return array;
    }),
    at: on(({ items }, [index]) => items.at(numberIn(index) ?? 0)),
    flat: on(({ items }, [depth]) => machine.array(flat(items, numberIn(depth) ?? 1))),
    keys: on(({ items }) => machine.array(items.map((_, i) => i))),
    values: on(({ items }) => machine.array(items)),
    entries: on(({ items }) => machine.array(items.map((item, i) => machine.array([i, item])))),
    toString: on((array) => toText(array)),
    [iteratorKey]: on((array) => array),
  };
}

function flat(items: readonly Value[], depth: number): Value[] {
  return items.flatMap((item) => (item instanceof JsArray && depth > 0 ? flat(item.items, depth - 1) : [item]));
}
