import { Unknown } from "../../base/unknown.ts";
import { call } from "../calls.ts";
import { compare } from "../comparisons.ts";
import type { Interpreter } from "../interpreter.ts";
import { isTrue } from "../operators.ts";
import type { Value } from "../values.ts";
import { firstUnknown } from "./plain.ts";

/**
 * The values in order, equal ones as they stood. Where a key is not known the order is not either: as many unknown
 * values.
 */
export function sorted(py: Interpreter, values: readonly Value[], key: Value, reverse: Value): Value[] {
  const keys = key === null ? values : values.map((value) => call(py, key, [value]));
  const unknown = firstUnknown(keys);
  if (unknown) return values.length === 1 ? [...values] : values.map(() => unknown);
  const order = values.map((_, i) => i);
  const before = (i: number, j: number) => less(py, keys[i] as Value, keys[j] as Value);
  const sign = isTrue(py, reverse) ? -1 : 1;
  order.sort((i, j) => (before(i, j) ? -sign : before(j, i) ? sign : 0));
  return order.map((i) => values[i] as Value);
}

function less(py: Interpreter, a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  const answer = compare(py, "<", a, b);
  return answer instanceof Unknown ? false : isTrue(py, answer);
}
