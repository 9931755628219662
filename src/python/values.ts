/**
 * Python's values. `None` is null, bool is boolean, int is a number (a bigint beyond 2^53, a SymInt where it has an
 * expression), float is a Float, str is a string; everything else is a PyObject. Unknown is a value like any other.
 */
import type { Unknown } from "../base/unknown.ts";
import type { Complex, Float } from "../tensor/scalar.ts";
import type { SymInt } from "../tensor/size.ts";
import type { Code, Frame } from "./code.ts";
import type { Interpreter } from "./interpreter.ts";

export type Value = null | boolean | number | bigint | string | Float | Complex | SymInt | Unknown | PyObject;
export type Attributes = Map<string, Value>;
export type Keywords = ReadonlyMap<string, Value> | null;

/** Counts the runs whose releases are watched: an object made before the present one is held by something outside it. */
export const run = { number: 0 };

/** Anything with a class and, where it has any, attributes of its own. Tensors are PyObjects made elsewhere. */
export abstract class PyObject {
  attrs: Attributes | undefined = undefined;
  /** The run in which it was made. */
  readonly born = run.number;
  /** The last walk over references that reached it. */
  seen = 0;
  abstract readonly cls: PyClass;
}

/** What an instance holds natively: decided by the built-in class it descends from. */
export type Layout = "object" | "dict" | "list" | "tuple" | "set" | "str" | "int" | "float" | "type" | "exception" | "foreign";

/** Raised by every change to a class, so that look-ups may be remembered. */
let classVersion = 0;

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

export class PyTuple extends PyObject {
  static type: PyClass;
  constructor(
    readonly items: readonly Value[],
    readonly cls: PyClass = PyTuple.type,
  ) {
    super();
  }
}

export class PyList extends PyObject {
  static type: PyClass;
  constructor(
    readonly items: Value[] = [],
    readonly cls: PyClass = PyList.type,
  ) {
    super();
  }
}

/** Insertion-ordered, keyed by `keyOf` (keys.ts): JavaScript primitives for Python's, so that `1 == 1.0 == True` meet. */
export class PyDict extends PyObject {
  static type: PyClass;
  constructor(
    readonly entries: Map<unknown, readonly [Value, Value]> = new Map(),
    readonly cls: PyClass = PyDict.type,
  ) {
    super();
  }
}

export class PySet extends PyObject {
  static type: PyClass;
  static frozenType: PyClass;
  constructor(
    readonly entries: Map<unknown, Value> = new Map(),
    readonly cls: PyClass = PySet.type,
  ) {
    super();
  }
}

/** One character of `text` is one byte. */
export class PyBytes extends PyObject {
  static type: PyClass;
  readonly cls = PyBytes.type;
  constructor(readonly text: string) {
    super();
  }
}

export class PySlice extends PyObject {
  static type: PyClass;
  readonly cls = PySlice.type;
  constructor(
    readonly start: Value,
    readonly stop: Value,
    readonly step: Value,
  ) {
    super();
  }
}

/** Bounds keep their expressions; iteration uses the integers. */
export class PyRange extends PyObject {
  static type: PyClass;
  readonly cls = PyRange.type;
  constructor(
    readonly start: number | SymInt,
    readonly stop: number | SymInt,
    readonly step: number,
  ) {
    super();
  }
}

/** A variable shared between a function and the functions inside it. */
export class PyCell {
  value: Value | undefined = undefined;
}

export class PyFunction extends PyObject {
  static type: PyClass;
  readonly cls = PyFunction.type;
  name: string;
  qualname: string;
  constructor(
    readonly code: Code,
    readonly module: PyModule,
    /** By parameter; `undefined` where it has none. */
    readonly defaults: readonly (Value | undefined)[],
    readonly cells: readonly PyCell[],
    qualname: string,
  ) {
    super();
    this.name = code.name;
    this.qualname = qualname;
  }
}

export type Native = (py: Interpreter, ...args: never[]) => Value;

/** A function of ours. `parameters` is parsed from a signature as Python writes it; see native.ts. */
export class NativeFunction extends PyObject {
  static type: PyClass;
  readonly cls = NativeFunction.type;
  constructor(
    readonly name: string,
    readonly parameters: readonly NativeParameter[],
    readonly run: (py: Interpreter, ...args: Value[]) => Value,
    /** Takes unknown arguments as they are; otherwise one unknown argument makes the result unknown. */
    readonly lenient: boolean,
  ) {
    super();
  }
}

export interface NativeParameter {
  readonly name: string;
  readonly kind: "positional" | "var-positional" | "keyword-only" | "var-keyword";
  /** `undefined`: required. */
  readonly default: Value | undefined;
  /** Other keywords that it takes. */
  readonly aliases?: readonly string[];
}

export class BoundMethod extends PyObject {
  static type: PyClass;
  readonly cls = BoundMethod.type;
  constructor(
    readonly self: Value,
    readonly func: PyObject,
  ) {
    super();
  }
}

export class PyProperty extends PyObject {
  static type: PyClass;
  constructor(
    readonly getter: Value,
    readonly setter: Value,
    readonly deleter: Value,
    readonly cls: PyClass = PyProperty.type,
  ) {
    super();
  }
}

export class PyStaticMethod extends PyObject {
  static type: PyClass;
  readonly cls = PyStaticMethod.type;
  constructor(readonly func: Value) {
    super();
  }
}

export class PyClassMethod extends PyObject {
  static type: PyClass;
  readonly cls = PyClassMethod.type;
  constructor(readonly func: Value) {
    super();
  }
}

/** A property of a native class: `get` gives the value for an instance. */
export class NativeProperty extends PyObject {
  static type: PyClass;
  readonly cls = NativeProperty.type;
  constructor(
    readonly get: (py: Interpreter, self: Value) => Value,
    readonly set?: (py: Interpreter, self: Value, value: Value) => void,
  ) {
    super();
  }
}

export class PySuper extends PyObject {
  static type: PyClass;
  readonly cls = PySuper.type;
  constructor(
    /** The look-up begins behind this class in the MRO. */
    readonly after: PyClass,
    readonly self: Value,
    /** The class whose MRO is walked. */
    readonly start: PyClass,
  ) {
    super();
  }
}

export class PyModule extends PyObject {
  static type: PyClass;
  override attrs: Attributes;
  /** Set where names may exist that could not be read (a star import of something unknown): missing ones are unknown then. */
  open: Unknown | undefined = undefined;
  constructor(
    public name: string,
    /** The file, as sources name it; "" for native modules. */
    readonly path: string,
    attrs: Attributes = new Map(),
    readonly cls: PyClass = PyModule.type,
  ) {
    super();
    this.attrs = attrs;
  }
}

/** Any iterator: `next` gives `undefined` at its end. */
export class PyIterator extends PyObject {
  static type: PyClass;
  constructor(
    readonly next: () => Value | undefined,
    /** What it walks: for releases. */
    readonly over: Value = null,
    readonly cls: PyClass = PyIterator.type,
  ) {
    super();
  }
}

export class PyGenerator extends PyObject {
  static type: PyClass;
  readonly cls = PyGenerator.type;
  finished = false;
  running = false;
  constructor(
    readonly body: Generator<Value, Value, Value>,
    readonly frame: Frame,
  ) {
    super();
  }
}

export function isObject(value: Value): value is PyObject {
  return value instanceof PyObject;
}
