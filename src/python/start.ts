import { Budget } from "../base/budget.ts";
import { installBuiltins } from "./builtins/index.ts";
import { type Environment, type Hooks, Interpreter, type Sources } from "./interpreter.ts";

/** A program with no sources around it. */
export const noSources: Sources = {
  module: () => undefined,
  folder: () => false,
  text: () => undefined,
  parse: (path) => ({ path, statements: [], problems: [], directives: [] }),
};

export const bareEnvironment: Environment = { roots: [], installed: new Set(), versions: { python: "3.12" } };

/** Hooks for Python alone: unknown calls give unknowns and are noted. */
export const bareHooks: Hooks = {
  unknownCall: (py, callee) => {
    py.note("unknown-call", callee.reason);
    return callee;
  },
  unknownAttribute: () => {},
  library: () => undefined,
  moment: () => 0,
};

/** An interpreter with the built-in functions in place. */
export function startPython(
  sources: Sources = noSources,
  environment: Environment = bareEnvironment,
  hooks: Hooks = bareHooks,
  budget: Budget = new Budget(),
): Interpreter {
  const py = new Interpreter(sources, environment, hooks, budget);
  installBuiltins(py);
  return py;
}
