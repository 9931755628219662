/** Values of interpreted JavaScript. Numbers, texts and flags are JavaScript's own; a size may carry its expression. */
import type { Unknown } from "../../base/unknown.ts";
import { SymInt } from "../../tensor/size.ts";

export type Value = undefined | null | boolean | number | string | SymInt | Unknown | JsObject;

/** A property that runs code. */
export class Accessor {
  constructor(
    readonly get: JsFunction | undefined,
    readonly set: JsFunction | undefined,
  ) {}
}

/** Symbols are names that no program writes. */
export const iteratorKey = "@@iterator";

export class JsObject {
  readonly props = new Map<string, Value | Accessor>();
  /** What every property is that is not there: a browser's object, of which nothing is known. */
  otherwise: Unknown | undefined;
  /** Set where what a list, map or set holds is not known. */
  opaque: Unknown | undefined;

  constructor(public proto: JsObject | null = null) {}

  /** The property here or along the chain. */
  find(key: string): Value | Accessor {
    let from: JsObject | null = this;
    for (; from; from = from.proto) {
      const found = from.props.get(key);
      if (found !== undefined || from.props.has(key)) return found;
      if (from.otherwise) return from.otherwise;
    }
    return undefined;
  }

  has(key: string): boolean {
    for (let from: JsObject | null = this; from; from = from.proto) if (from.props.has(key)) return true;
    return false;
  }
}

export class JsArray extends JsObject {
  constructor(
    public items: Value[],
    proto: JsObject | null,
  ) {
    super(proto);
  }
}

export type Native = (self: Value, args: readonly Value[], newTarget: JsFunction | undefined) => Value;

export class JsFunction extends JsObject {
  /** Set for classes and plain functions: makes the object that a constructor starts with. */
  construct: ((args: readonly Value[], newTarget: JsFunction) => Value) | undefined;
  /** Its text, where it stands in a program. */
  node: { readonly start: number; readonly end: number } | undefined;
  isClass = false;
  isMethod = false;
  /** How many parameters it must be given; undefined: not written in the program. */
  required: number | undefined;

  constructor(
    public name: string,
    readonly run: Native,
    proto: JsObject | null,
  ) {
    super(proto);
  }
}

/** What an asynchronous function gives: its value is there at once. */
export class JsPromise extends JsObject {
  constructor(
    readonly value: Value,
    proto: JsObject | null,
  ) {
    super(proto);
  }
}

export class JsMap extends JsObject {
  readonly entries = new Map<Value, Value>();
}

export class JsSet extends JsObject {
  readonly members = new Set<Value>();
}

/** A `throw` of the interpreted program. */
export class JsThrow {
  constructor(
    readonly value: Value,
    /** What is shown of it. */
    readonly text: string,
  ) {}
}

export function isObject(value: Value): value is JsObject {
  return value instanceof JsObject;
}

/** The number that a value is in this scenario; undefined where it is none. */
export function numberIn(value: Value): number | undefined {
  if (typeof value === "number") return value;
  return value instanceof SymInt ? value.hint : undefined;
}

export function isNullish(value: Value): value is null | undefined {
  return value === null || value === undefined;
}
