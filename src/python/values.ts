/**
 * Python's values. `None` is null, bool is boolean, int is a number (a bigint beyond 2^53, a SymInt where it has an
 * expression), float is a Float, str is a string; everything else is a PyObject. Unknown is a value like any other.
 */
import type { Unknown } from "../base/unknown.ts";
import type { SymInt } from "../tensor/size.ts";
import type { Frame } from "./code.ts";
import { type Attributes, type PyClass, PyObject, type Value } from "./objects.ts";

export * from "./callables.ts";
export * from "./objects.ts";

export class PyTuple extends PyObject {
  static type: PyClass;
  /** What it is found under in dicts, once somebody has asked (keys.ts). */
  key: string | undefined = undefined;
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
