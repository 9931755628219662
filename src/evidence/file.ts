/** Running a file as the module it is. */

import { definitions } from "../python/compile/classes.ts";
import { runStatements } from "../python/compile/modules.ts";
import type { PyError } from "../python/errors.ts";
import { importModule } from "../python/imports.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { type PyClass, PyList, PyModule, type Value } from "../python/values.ts";
import type { Chunk, Module, Statement } from "../syntax/ast.ts";
import { guarded, isFailure } from "../torch/session.ts";
import { isModuleClass } from "./inputs.ts";

export interface RunFile {
  readonly module: PyModule;
  /** The file's own nn.Module classes, in the order of their definitions. */
  readonly classes: readonly PyClass[];
  readonly errors: readonly PyError[];
  /** Why it was not read to its end. */
  readonly stopped: string | undefined;
}

/** Where a file stands on the import path: its dotted name, and the folder above its outermost package. */
export function moduleName(path: string, exists: (path: string) => boolean): { name: string; root: string } {
  const parts = path.split("/");
  const stem = (parts.pop() ?? "").replace(/\.py$/, "");
  const names = stem === "__init__" ? [] : [stem];
  while (parts.length > 1 && exists([...parts, "__init__.py"].join("/"))) names.unshift(parts.pop() as string);
  return { name: names.join(".") || stem, root: parts.join("/") };
}

/** Runs a file's top-level statements, its packages first. What fails leaves its names unknown. */
export function runFile(py: Interpreter, tree: Module, name: string): RunFile {
  const errors: PyError[] = [];
  const module = new PyModule(
    name,
    tree.path,
    new Map<string, Value>([
      ["__name__", name],
      ["__file__", tree.path],
      ["__doc__", null],
      ["__package__", name.split(".").slice(0, -1).join(".")],
    ]),
  );
  if (tree.path.endsWith("__init__.py"))
    module.attrs.set("__path__", new PyList([tree.path.slice(0, tree.path.lastIndexOf("/"))]));
  const run = guarded(py, () => {
    const parent = name.split(".").slice(0, -1).join(".");
    if (parent) importModule(py, parent);
    py.modules.set(name, module);
    runStatements(py, module, tree.statements, (error) => errors.push(error));
    return null;
  });
  const classes = [...new Set([...module.attrs.values()].filter(isModuleClass))].filter(
    (cls) => definitions.get(cls)?.chunk.path === tree.path,
  );
  const line = (cls: PyClass) => {
    const definition = definitions.get(cls);
    return definition ? definition.chunk.firstLine + definition.node.line : 0;
  };
  return {
    module,
    classes: classes.sort((a, b) => line(a) - line(b)),
    errors,
    stopped: isFailure(run) ? run.reason : undefined,
  };
}

/** The statements of the file's `if __name__ == "__main__":` blocks. */
export function mainBlock(tree: Module): { chunk: Chunk; node: Statement }[] {
  return tree.statements.flatMap(({ chunk, node }) => {
    if (node.kind !== "If" || node.test.kind !== "Compare") return [];
    const { left } = node.test;
    return left.kind === "Name" && left.id === "__name__" ? node.body.map((one) => ({ chunk, node: one })) : [];
  });
}
