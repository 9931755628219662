/** What a class was called with, sorted: numbers that may differ from layer to layer, and everything else. */
import { Unknown } from "../../base/unknown.ts";
import { isFollowed } from "../../python/remember/buildTags.ts";
import { type Keywords, PyDict, PyInstance, PyList, PyObject, PyTuple, type Value } from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import type { SymInt } from "../../tensor/size.ts";
import { TensorObject } from "../tensorObject.ts";

export type Numeric = number | Float | SymInt;

export interface Given {
  readonly args: readonly Value[];
  readonly keywords: Keywords;
  /** Texts, flags and the kinds of all others, in order: calls with different ones have nothing to do with each other. */
  readonly key: string;
  readonly numbers: readonly Numeric[];
  readonly objects: readonly Value[];
}

/** Sorts the arguments; undefined where they are of a kind that two calls seldom share: layers, tensors, what is unknown. */
export function givenTo(args: readonly Value[], keywords: Keywords): Given | undefined {
  const numbers: Numeric[] = [];
  const objects: Value[] = [];
  let key = "";
  for (const value of args) {
    const kind = kindOf(value, numbers, objects);
    if (kind === undefined) return undefined;
    key += `${kind},`;
  }
  for (const [name, value] of keywords ?? []) {
    const kind = kindOf(value, numbers, objects);
    if (kind === undefined) return undefined;
    key += `${name}=${kind},`;
  }
  return { args, keywords, key, numbers, objects };
}

function kindOf(value: Value, numbers: Numeric[], objects: Value[]): string | undefined {
  switch (typeof value) {
    case "number":
      numbers.push(value);
      return "i";
    case "string":
      return JSON.stringify(value);
    case "boolean":
    case "bigint":
      return String(value);
  }
  if (value === null) return "None";
  if (value instanceof Float) {
    numbers.push(value);
    return "d";
  }
  if (isFollowed(value)) {
    numbers.push(value);
    return "i";
  }
  if (value instanceof Unknown || holdsLayers(value, 0)) return undefined;
  objects.push(value);
  return "o";
}

function holdsLayers(value: Value, depth: number): boolean {
  if (value instanceof TensorObject || value instanceof Unknown) return true;
  if (value instanceof PyInstance) return value.attrs.get("_modules") instanceof PyDict;
  if (depth > 2 || !(value instanceof PyObject)) return false;
  if (value instanceof PyList || value instanceof PyTuple)
    return value.items.length > 0 && holdsLayers(value.items[0] as Value, depth + 1);
  if (!(value instanceof PyDict)) return false;
  const [first] = value.entries.values();
  return first !== undefined && holdsLayers(first[1], depth + 1);
}

/** The same arguments with other numbers, in their order. */
export function withNumbers({ args, keywords }: Given, numbers: readonly Value[]): Pick<Given, "args" | "keywords"> {
  let next = 0;
  const other = (value: Value): Value => {
    const isNumber = typeof value === "number" || value instanceof Float || isFollowed(value);
    return isNumber ? (numbers[next++] as Value) : value;
  };
  return {
    args: args.map(other),
    keywords: keywords && new Map([...keywords].map(([name, value]) => [name, other(value)] as const)),
  };
}
