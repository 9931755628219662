import type { BinaryFile } from "../base/binary.ts";
import { Budget } from "../base/budget.ts";
import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import type { Expression, Module } from "../syntax/ast.ts";
import type { Script } from "../syntax/script/ast.ts";
import type { Code, Completion, Frame } from "./code.ts";
import { unrepeatable } from "./remember/reads.ts";
import {
  type Attributes,
  type Keywords,
  type NativeFunction,
  type PyClass,
  type PyModule,
  PyObject,
  type Value,
} from "./values.ts";

/** Where Python sources are read from: the host's files, editor buffers, libraries. Paths are opaque to the interpreter. */
export interface Sources {
  /** The tree of a file, or undefined where there is none. Parsed once per text. */
  module(path: string): Module | undefined;
  /** Whether a folder exists. */
  folder(path: string): boolean;
  /** A text file's contents (JSON, YAML), or undefined. */
  text(path: string): string | undefined;
  /** A file of bytes to be read in parts; undefined where there is none. Absent where files can only be read whole. */
  binary?(path: string): BinaryFile | undefined;
  /** The files directly in a folder, whole paths. Absent where folders cannot be listed. */
  filesIn?(folder: string): readonly string[];
  /** Python files of the workspace that may use a file, nearest first. */
  scripts?(near: string): readonly string[];
  /** The tree of a text that is no file, such as an expression that somebody typed. */
  parse(path: string, text: string): Module;
  /** The tree of a JavaScript or TypeScript text; undefined where scripts are not parsed. */
  script?(path: string, text: string): Script | undefined;
}

/** What the interpreted program finds around it. */
export interface Environment {
  /** Folders on the import path, first wins. */
  readonly roots: readonly string[];
  /** Folders of the user's own stubs, which go before everything. */
  readonly stubs?: readonly string[] | undefined;
  /** Top-level packages that are installed, whether or not their source is at hand. */
  readonly installed: ReadonlySet<string>;
  /** Their versions. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Something that the answer rests on and that nobody said: a branch chosen, a loop of unknown length, a call not understood. */
export interface Note {
  readonly kind: "assumption" | "unknown-call" | "unknown-loop" | "failure";
  readonly reason: string;
  readonly at: Place | undefined;
  /** Position in the trace when it happened. */
  readonly moment: number;
}

/** A loop's variables, by their slots: what its body may read, what it assigns, and lists that it only appends to. */
export interface LoopPlan {
  readonly read: readonly number[];
  readonly assigned: readonly number[];
  readonly collecting: readonly number[];
}

/** A loop in progress whose rounds may be alike. */
export interface Loop {
  /** Runs a round, or does again what a round like it did. `item` is what `for` takes next. */
  round(item: Value, run: (item: Value) => Completion): Completion;
}

/** How a library layer takes part: PyTorch's layer listens to what it needs to know. */
export interface Hooks {
  /** A call whose callee is not known; `args` are its arguments, for tensors and modules among them. Gives the call's value. */
  unknownCall(py: Interpreter, callee: Unknown, args: readonly Value[]): Value;
  /** An unknown was stored as an attribute. */
  unknownAttribute(py: Interpreter, target: PyObject, name: string, value: Unknown): void;
  /** A module of a library that is provided natively or as a stub; asked before the import path. */
  library(py: Interpreter, name: string): PyModule | undefined;
  /** Where the trace stands. */
  moment(): number;
  /** A loop begins whose rounds may be alike. */
  loop?(frame: Frame, plan: LoopPlan): Loop | undefined;
  /** Told of each class that is called: gives the instance, by `make` or from what came of it before. */
  instance?(py: Interpreter, cls: PyClass, args: readonly Value[], keywords: Keywords, make: Make): Value;
}

/** Makes an instance of a class, as `type.__call__` does. */
export type Make = (py: Interpreter, cls: PyClass, args: readonly Value[], keywords: Keywords) => Value;

/** A native call: its arguments, and how many watched objects its frame had when it began. */
export interface NativeCall {
  readonly frame: Frame | undefined;
  readonly args: readonly Value[];
  mark: number;
  readonly back: NativeCall | undefined;
}

/** One interpretation: its modules, its budget, where it is, and what it had to assume. */
export class Interpreter {
  readonly modules = new Map<string, PyModule>();
  readonly builtins: Attributes = new Map();
  readonly notes: Note[] = [];
  /** The call in progress. */
  frame: Frame | undefined;
  /** The native function in progress, innermost first: what it was given and has made is alive until it returns. */
  native: NativeCall | undefined;
  /** How many `try` blocks that catch ImportError are being run: then a missing import raises. */
  importGuards = 0;
  /** Told of each variable and attribute set by an assignment, where somebody wants to know. */
  assigned: ((frame: Frame, target: Expression, owner: Value | undefined, value: Value) => void) | undefined;
  /** How often the body of each function was run, where somebody counts. */
  bodies: Map<Code, number> | undefined;
  /** Slots that library layers keep their own state in. */
  readonly extensions = new Map<string, unknown>();

  constructor(
    readonly sources: Sources,
    public environment: Environment,
    readonly hooks: Hooks,
    public budget: Budget = new Budget(),
  ) {}

  /** Where the interpreted program stands. */
  place(): Place | undefined {
    return this.frame ? placeOf(this.frame) : undefined;
  }

  /** `plain`: a number, a flag or text, whatever its value. */
  unknown(reason: string, plain = false): Unknown {
    return new Unknown(reason, this.place(), plain);
  }

  note(kind: Note["kind"], reason: string, at = this.place()): void {
    unrepeatable(reason);
    this.notes.push({ kind, reason, at, moment: this.hooks.moment() });
  }

  /** What a native gives for an unknown argument: the unknown itself; a call that receives objects besides counts as an unknown call. */
  unknownArgument(func: NativeFunction, unknown: Unknown, args: readonly Value[]): Value {
    return args.some((arg) => arg instanceof PyObject && arg.cls.layout === "object" && arg !== func)
      ? this.hooks.unknownCall(this, unknown, args)
      : unknown;
  }
}

/** Where a frame stands. */
export function placeOf({ code, at }: Frame): Place {
  const { firstLine, path } = code.chunk;
  const line = firstLine + at.line;
  // The trees of our own library keep lines alone (esbuild.mjs).
  if (at.endLine === undefined) return { path, line, column: 0, endLine: line, endColumn: 0 };
  return { path, line, column: at.column, endLine: firstLine + at.endLine, endColumn: at.endColumn };
}
