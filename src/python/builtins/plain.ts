/** What natives ask of the values they receive. */
import { Unknown } from "../../base/unknown.ts";
import { Float } from "../../tensor/scalar.ts";
import { raise } from "../errors.ts";
import { narrow, plain, textOf } from "../numbers.ts";
import { typeOf } from "../types.ts";
import { PyList, PyTuple, type Value } from "../values.ts";

export { plain, textOf };

/** The text; raises TypeError for anything else. */
export function needText(value: Value): string {
  const text = textOf(value);
  if (text !== undefined) return text;
  raise("TypeError", `expected str, got ${typeOf(value).name}`);
}

/** The elements of a tuple or list, whatever its class. */
export function elements(value: Value): readonly Value[] | undefined {
  return value instanceof PyTuple || value instanceof PyList ? value.items : undefined;
}

/** Checks the receiver of a method: `needs(self, PyList, "list")`. */
export function needs<T extends Value>(value: Value, made: abstract new (...args: never[]) => T, name: string): T {
  if (value instanceof made) return value;
  raise("TypeError", `descriptor requires a '${name}' object but received a '${typeOf(value).name}'`);
}

/** An int from a JavaScript number without fraction: a bigint where a number is not exact. */
export function integerValue(value: number): Value {
  return Number.isSafeInteger(value) ? value : narrow(BigInt(value));
}

/** A float that Python would give for this JavaScript number. */
export const float = (value: number): Float => new Float(value);

/** The first unknown value of some, looked for one level deep: a tuple of arguments holds them directly. */
export function firstUnknown(values: Iterable<Value>): Unknown | undefined {
  for (const value of values) if (value instanceof Unknown) return value;
  return undefined;
}
