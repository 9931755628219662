/** Objects and classes: what every Python value that is no JavaScript primitive descends from. */
import type { Unknown } from "../base/unknown.ts";
import type { Complex, Float } from "../tensor/scalar.ts";
import type { SymInt } from "../tensor/size.ts";

export type Value = null | boolean | number | bigint | string | Float | Complex | SymInt | Unknown | PyObject;
export type Attributes = Map<string, Value>;
export type Keywords = ReadonlyMap<string, Value> | null;

/**
 * `made` counts objects; `number` is where it stood when the present run began, whose releases are watched: an object made
 * before that is held by something outside the run.
 */
export const run = { number: 0, made: 0 };

/** Anything with a class and, where it has any, attributes of its own. Tensors are PyObjects made elsewhere. */
export abstract class PyObject {
  attrs: Attributes | undefined = undefined;
  /** Its place in the order in which objects were made. */
  readonly born = ++run.made;
  /** The last walk over references that reached it. */
  seen = 0;
  /** The run in which it was found to hold nothing that can die in it, nor do those that it holds: as if it were older. */
  settled = -1;
  abstract readonly cls: PyClass;
}

/** What an instance holds natively: decided by the built-in class it descends from. */
export type Layout =
  | "object"
  | "dict"
  | "list"
  | "tuple"
  | "set"
  | "str"
  | "int"
  | "float"
  | "type"
  | "exception"
  | "foreign";

/** Raised by every change to a class, so that look-ups may be remembered. */
let classVersion = 0;

/** Differs where a class has changed in between. */
export const classesNow = () => classVersion;

export class PyClass extends PyObject {
  readonly dict: Attributes;
  /** C3 order, itself first. */
  mro: readonly PyClass[] = [this];
  /** Its metaclass; `type` unless given. */
  cls: PyClass;
  /** Set where a base could not be known: attributes that are not found are unknown then. */
  unknownBase: Unknown | undefined = undefined;
  private found = new Map<string, Value | undefined>();
  private foundVersion = -1;

  constructor(
    public name: string,
    readonly bases: readonly PyClass[],
    public layout: Layout,
    dict: Attributes = new Map(),
    metaclass?: PyClass,
    /** The module's name, as `__module__`. */
    public module = "builtins",
    public qualname = name,
  ) {
    super();
    this.dict = dict;
    this.attrs = dict;
    this.cls = metaclass ?? (PyClass.type as PyClass);
  }

  /** The class `type`, set when the built-in classes are made. */
  static type: PyClass | undefined;

  /** The attribute in the first class of the MRO that has it. */
  lookup(name: string): Value | undefined {
    if (this.foundVersion !== classVersion) {
      this.found.clear();
      this.foundVersion = classVersion;
    }
    const before = this.found.get(name);
    if (before !== undefined || this.found.has(name)) return before;
    let value: Value | undefined;
    for (const cls of this.mro) {
      value = cls.dict.get(name);
      if (value !== undefined) break;
    }
    this.found.set(name, value);
    return value;
  }

  set(name: string, value: Value): void {
    this.dict.set(name, value);
    classVersion++;
  }

  delete(name: string): boolean {
    classVersion++;
    return this.dict.delete(name);
  }

  isSubclassOf(other: PyClass): boolean {
    return this.mro.includes(other);
  }
}

/** An instance of a class written in Python (or of a simple native one). `payload` is a native layout's value. */
export class PyInstance extends PyObject {
  override attrs: Attributes;
  constructor(
    public cls: PyClass,
    attrs: Attributes = new Map(),
    /** For subclasses of str, int and float: the plain value. For exceptions: their arguments. Natives may keep theirs here. */
    public payload: unknown = undefined,
  ) {
    super();
    this.attrs = attrs;
  }
}

export function isObject(value: Value): value is PyObject {
  return value instanceof PyObject;
}
