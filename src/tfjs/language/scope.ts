/** Names and what they hold. */
import type { Script } from "../../syntax/script/ast.ts";
import type { JsFunction, JsObject, Value } from "./values.ts";

/** The call of a function that names are looked up in; arrow functions have none of their own. */
export interface Frame {
  self: Value;
  /** Whether `super(...)` must still give `this`. */
  waiting: boolean;
  /** The object that the method was defined on: `super.x` is looked up behind it. */
  readonly home: JsObject | undefined;
  readonly func: JsFunction | undefined;
  readonly newTarget: JsFunction | undefined;
  /** What a generator has given so far. */
  readonly yielded: Value[] | undefined;
}

/** The frame of code outside every function. */
export function topFrame(): Frame {
  return {
    self: undefined,
    waiting: false,
    home: undefined,
    func: undefined,
    newTarget: undefined,
    yielded: undefined,
  };
}

export class Scope {
  readonly names = new Map<string, Value>();

  constructor(
    readonly parent: Scope | undefined,
    readonly script: Script,
    readonly frame: Frame,
    /** Whether `var` declares here. */
    readonly isFunction = false,
  ) {}

  /** The scope that holds a name. */
  holder(name: string): Scope | undefined {
    let scope: Scope | undefined = this;
    while (scope && !scope.names.has(name)) scope = scope.parent;
    return scope;
  }

  /** Where `var` declares. */
  get outer(): Scope {
    let scope: Scope = this;
    while (!scope.isFunction && scope.parent) scope = scope.parent;
    return scope;
  }

  inner(): Scope {
    return new Scope(this, this.script, this.frame);
  }
}
