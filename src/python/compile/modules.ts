/** Running a module's top-level statements. */

import { Unknown } from "../../base/unknown.ts";
import type { Chunk, Statement } from "../../syntax/ast.ts";
import { type Code, Completion, type Execute, type Frame } from "../code.ts";
import { PyError } from "../errors.ts";
import { type Interpreter, placeOf } from "../interpreter.ts";
import { exceptionTypes } from "../types.ts";
import type { PyClass, PyModule } from "../values.ts";
import { moduleBlock } from "./scan.ts";
import { type Layout, Scope } from "./scope.ts";
import { compileStatement } from "./statements.ts";

interface Compiled {
  readonly run: Execute;
  readonly code: Code;
  /** Names that it binds. */
  readonly bound: ReadonlySet<string>;
}

/** A top-level statement is compiled once, whoever runs it: an unchanged one keeps its tree, and so its code. */
const compiled = new WeakMap<Statement, Compiled>();

function compile(node: Statement, chunk: Chunk): Compiled {
  const before = compiled.get(node);
  if (before) return before;
  const block = moduleBlock([node]);
  const layout: Layout = { slots: [], cells: [], free: [], chunk };
  const run = compileStatement(node, new Scope(block, undefined, layout));
  const code: Code = {
    name: "<module>",
    chunk,
    span: node,
    parameters: [],
    positional: 0,
    simple: true,
    isAsync: false,
    doc: null,
    node: undefined,
    free: [],
    prepare: undefined,
    slots: layout.slots,
    cells: layout.cells,
    run,
    runGenerator: undefined,
  };
  const made = { run, code, bound: block.bound };
  compiled.set(node, made);
  return made;
}

/**
 * Runs statements in a module. One that raises leaves its names unknown and the next ones are run, since what it needs may
 * be what we do not know; `failed` is told. An ImportError that somebody is prepared for goes on up.
 */
export function runStatements(
  py: Interpreter,
  module: PyModule,
  statements: readonly { chunk: Chunk; node: Statement }[],
  failed?: (error: PyError, node: Statement, chunk: Chunk) => void,
): void {
  const back = py.frame;
  for (const { chunk, node } of statements) {
    const { run, code, bound } = compile(node, chunk);
    const frame: Frame = {
      py,
      code,
      module,
      func: undefined,
      slots: new Array(code.slots.length).fill(undefined),
      cells: [],
      names: module.attrs,
      at: node,
      result: null,
      temporaries: [],
      owned: undefined,
      handling: undefined,
      back,
    };
    py.frame = frame;
    py.budget.step();
    py.budget.enter();
    try {
      const how = run(frame);
      if (how !== Completion.Next) return;
    } catch (error) {
      if (!(error instanceof PyError)) throw error;
      error.trace.push(placeOf(frame));
      if (py.importGuards > 0 && error.type.isSubclassOf(exceptionTypes.get("ImportError") as PyClass)) throw error;
      for (const name of bound)
        if (!module.attrs.has(name)) module.attrs.set(name, new Unknown(error.text, error.trace[0]));
      failed?.(error, node, chunk);
    } finally {
      py.budget.leave();
      py.frame = back;
    }
  }
}
