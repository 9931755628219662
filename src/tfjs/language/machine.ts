/** One run of a program: its budget, its files, and what was not understood on the way. */
import type { Budget } from "../../base/budget.ts";
import type { Place } from "../../base/place.ts";
import { Unknown } from "../../base/unknown.ts";
import type { Note } from "../../python/interpreter.ts";
import type { Ranged, Script } from "../../syntax/script/ast.ts";
import type { Tracer } from "../../trace/tracer.ts";
import type { Scope } from "./scope.ts";
import { type Accessor, JsArray, JsFunction, JsObject, JsPromise, JsThrow, type Native, type Value } from "./values.ts";

/** The files that a program may import. */
export interface Files {
  /** Undefined where there is no such file. */
  text(path: string): string | undefined;
  parse(path: string, text: string): Script;
}

/** What was assumed or not followed, as the interpreter of Python says it. */
export type Remark = Note;

/** Objects that every program starts with. */
export interface Prototypes {
  readonly object: JsObject;
  readonly function: JsObject;
  readonly array: JsObject;
  readonly string: JsObject;
  readonly number: JsObject;
  readonly boolean: JsObject;
  readonly promise: JsObject;
  readonly map: JsObject;
  readonly set: JsObject;
  readonly error: JsObject;
  readonly tensor: JsObject;
}

export class Machine {
  readonly prototypes: Prototypes;
  readonly globals = new Map<string, Value | Accessor>();
  /** The exports of each file that was imported, by its path; those of one that is being run are filled as it runs. */
  readonly modules = new Map<string, JsObject>();
  /** The top level of each file that was run, by its path. */
  readonly scopes = new Map<string, Scope>();
  readonly remarks: Remark[] = [];
  /** What layers and operations refused, in order; some of it was caught by the program. */
  readonly refusals: { readonly message: string; readonly at: Place | undefined }[] = [];
  /** The calls in progress, innermost last. */
  readonly calls: { readonly script: Script; readonly node: Ranged }[] = [];
  /** Told of each value that a name of the program is given. */
  assigned: ((scope: Scope, name: string, at: Ranged, value: Value) => void) | undefined;
  /** Functions and classes that were called. */
  readonly called = new Set<JsFunction>();
  /** Told of each function that the program defines. */
  defined: ((func: JsFunction, script: Script) => void) | undefined;
  /** Gives a new object the fields of a class. */
  readonly fieldsOf = new Map<JsFunction, (self: Value) => void>();
  /** Where the name of each class stands. */
  readonly classes = new Map<JsFunction, Place>();
  /** Why it was not known whether the code goes on behind the last `if` that may leave a loop. */
  undecidedExit: Unknown | undefined;
  /** Objects that something was to be done to that was not followed, and why. */
  readonly tainted = new Map<JsObject, string>();
  /** What `import` gives for a package that is known. */
  readonly packages = new Map<RegExp, () => Value>();

  constructor(
    readonly files: Files,
    readonly budget: Budget,
    readonly tracer: Tracer,
  ) {
    const object = new JsObject(null);
    const plain = () => new JsObject(object);
    this.prototypes = {
      object,
      function: plain(),
      array: plain(),
      string: plain(),
      number: plain(),
      boolean: plain(),
      promise: plain(),
      map: plain(),
      set: plain(),
      error: plain(),
      tensor: plain(),
    };
  }

  object(entries: Iterable<readonly [string, Value]> = []): JsObject {
    const made = new JsObject(this.prototypes.object);
    for (const [key, value] of entries) made.props.set(key, value);
    return made;
  }

  array(items: readonly Value[]): JsArray {
    this.budget.allocate(items.length);
    return new JsArray([...items], this.prototypes.array);
  }

  native(name: string, run: Native): JsFunction {
    return new JsFunction(name, run, this.prototypes.function);
  }

  promise(value: Value): JsPromise {
    return value instanceof JsPromise ? value : new JsPromise(value, this.prototypes.promise);
  }

  /** Where the program stands: the innermost call in a file of the user's. */
  get place(): Place | undefined {
    const call = this.calls.findLast(({ script }) => !isLibrary(script));
    return call && placeOf(call.script, call.node);
  }

  unknown(reason: string): Unknown {
    return new Unknown(reason, this.place);
  }

  remark(kind: Remark["kind"], reason: string, at = this.place): void {
    if (this.remarks.length < 500) this.remarks.push({ kind, reason, at, moment: this.tracer.events.length });
  }

  /** Throws for something that cannot be run on what it is given: a finding for the user. */
  refuse(message: string): never {
    this.refusals.push({ message, at: this.place });
    return this.fail(message, "ValueError");
  }

  /** Throws an exception of the program's. */
  fail(text: string, name = "Error"): never {
    const error = new JsObject(this.prototypes.error);
    error.props.set("message", text).set("name", name);
    throw new JsThrow(error, text);
  }
}

/** Whether a script is our own. */
export function isLibrary({ path }: Script): boolean {
  return path.startsWith("assay:/");
}

export function placeOf(script: Script, { start, end }: Ranged): Place {
  const [line, column] = position(script, start);
  const [endLine, endColumn] = position(script, end);
  return { path: script.path, line, column, endLine, endColumn };
}

function position({ lineStarts }: Script, index: number): [number, number] {
  let [low, high] = [0, lineStarts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= index) low = middle;
    else high = middle - 1;
  }
  return [low, index - (lineStarts[low] as number)];
}
