/** What can be called or stands in for an attribute: functions, methods, descriptors, `super()`. */
import type { Code } from "./code.ts";
import type { Interpreter } from "./interpreter.ts";
import { type PyClass, PyObject, run, type Value } from "./objects.ts";
import type { PyModule } from "./values.ts";

/** A variable shared between a function and the functions inside it. */
export class PyCell {
  /** As an object's. */
  readonly born = ++run.made;
  value: Value | undefined = undefined;
}

export class PyFunction extends PyObject {
  static type: PyClass;
  readonly cls = PyFunction.type;
  name: string;
  qualname: string;
  /** Gives its annotations, for whoever asks first. */
  annotate: (() => Value) | undefined = undefined;
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
  /** Whether every parameter is a plain positional one, so that as many arguments need no binding. */
  readonly simple: boolean;
  constructor(
    readonly name: string,
    readonly parameters: readonly NativeParameter[],
    /** Nothing stands for None. */
    readonly run: (py: Interpreter, ...args: Value[]) => Value | void,
    /** Takes unknown arguments as they are; otherwise one unknown argument makes the result unknown. */
    readonly lenient: boolean,
  ) {
    super();
    this.simple = parameters.every((one) => one.kind === "positional");
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
