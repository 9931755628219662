/** What is watched while a file's code runs: shapes of variables, and the statements that made each layer. */
import type { Place } from "../base/place.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyInstance, type PyObject } from "../python/values.ts";
import type { Size } from "../tensor/size.ts";
import { isModule } from "../torch/modelTree.ts";
import { TensorObject } from "../torch/tensorObject.ts";

export interface Observed {
  /** Shapes that each variable of the file was given, by the place of its name: `line:column`. */
  readonly shapes: Map<string, { readonly name: string; readonly at: Place; readonly seen: (readonly Size[])[] }>;
  /** Where each layer was put into its parent. */
  readonly madeAt: Map<PyObject, Place>;
}

/** Calls the same variable more often than this say nothing new. */
const mostShapes = 64;

/** Starts watching assignments in a file. */
export function observe(py: Interpreter, path: string): Observed {
  const observed: Observed = { shapes: new Map(), madeAt: new Map() };
  py.assigned = (frame, target, owner, value) => {
    const { chunk } = frame.code;
    if (owner !== undefined) {
      if (isModule(value) && owner instanceof PyInstance && !observed.madeAt.has(value))
        observed.madeAt.set(value, placed(chunk.path, chunk.firstLine, target));
      return;
    }
    if (target.kind !== "Name" || !(value instanceof TensorObject) || chunk.path !== path || !frame.func) return;
    const at = placed(path, chunk.firstLine, target);
    const key = `${at.line}:${at.column}`;
    const entry = observed.shapes.get(key) ?? { name: target.id, at, seen: [] };
    observed.shapes.set(key, entry);
    if (entry.seen.length < mostShapes) entry.seen.push(value.value.shape);
  };
  return observed;
}

function placed(
  path: string,
  firstLine: number,
  { line, column, endLine, endColumn }: { line: number; column: number; endLine: number; endColumn: number },
): Place {
  return { path, line: firstLine + line, column, endLine: firstLine + endLine, endColumn };
}
