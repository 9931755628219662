import type { Span } from "../base/place.ts";
import type { Chunk, FunctionDef } from "../syntax/ast.ts";
import type { PyError } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import type { Attributes, PyCell, PyFunction, PyModule, Value } from "./values.ts";

/** An expression made ready to run. */
export type Evaluate = (frame: Frame) => Value;
/** A statement made ready to run: how it ended. */
export type Execute = (frame: Frame) => Completion;
/** The forms for functions with `yield` or `await`. */
export type EvaluateGenerator = (frame: Frame) => Generator<Value, Value, Value>;
export type ExecuteGenerator = (frame: Frame) => Generator<Value, Completion, Value>;

/** How a statement ended: on to the next, or out. */
export enum Completion {
  Next = 0,
  Break = 1,
  Continue = 2,
  Return = 3,
}

export interface CodeParameter {
  readonly name: string;
  readonly kind: "positional-only" | "positional" | "var-positional" | "keyword-only" | "var-keyword";
  readonly slot: number;
  /** The cell it lives in, where an inner function uses it. */
  readonly cell: number | undefined;
}

/** A function, class body or module. The body is compiled when it first runs: `prepare` fills what follows it. */
export interface Code {
  readonly name: string;
  readonly chunk: Chunk;
  readonly span: Span;
  /** Where each is kept is known once the body is compiled. */
  parameters: readonly CodeParameter[];
  /** How many parameters take positional arguments, and whether all are plain positional ones. */
  readonly positional: number;
  simple: boolean;
  readonly isAsync: boolean;
  readonly doc: string | null;
  readonly node: FunctionDef | undefined;
  /** Names of the cells taken from outside, first in `frame.cells`. */
  readonly free: readonly string[];
  /** Compiles the body; undefined once that is done. */
  prepare: (() => void) | undefined;
  slots: readonly string[];
  /** Names of the cells it makes, behind the free ones in `frame.cells`. */
  cells: readonly string[];
  run: Execute | undefined;
  runGenerator: ExecuteGenerator | undefined;
}

/** One call in progress. */
export interface Frame {
  readonly py: Interpreter;
  readonly code: Code;
  readonly module: PyModule;
  readonly func: PyFunction | undefined;
  readonly slots: (Value | undefined)[];
  readonly cells: PyCell[];
  /** Names of a class body or a module; undefined in functions. */
  readonly names: Attributes | undefined;
  /** The call or statement being run: where it stands is `code.chunk.firstLine + at.line`. */
  at: Span;
  result: Value;
  /** Values that an unfinished expression holds, for releases. */
  readonly temporaries: (Value | readonly Value[])[];
  /** Objects whose release is watched, made or received by this call (see torch/liveness). */
  owned: unknown[] | undefined;
  /** The exception being handled, for a bare `raise`. */
  handling: PyError | undefined;
  /** The frame that called. */
  readonly back: Frame | undefined;
}
