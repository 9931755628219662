/** What is watched while a file's code runs: shapes of variables, and the statements that made each layer. */
import type { Place } from "../base/place.ts";
import type { Frame } from "../python/code.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyInstance, type Value } from "../python/values.ts";
import type { Size } from "../tensor/size.ts";
import { isModule } from "../torch/modelTree.ts";
import { TensorObject } from "../torch/tensorObject.ts";

export interface Observed {
  /** Shapes that each variable of the file was given, by the place of its name: `line:column`. */
  readonly shapes: Map<string, { readonly name: string; readonly at: Place; readonly seen: (readonly Size[])[] }>;
  /** Where each layer was put into its parent. */
  readonly madeAt: Map<object, Place>;
  /** What the `__init__` of each of the file's layers was given, by parameter, when it put its first attribute into place. */
  readonly given: Map<object, readonly GivenArgument[]>;
}

export interface GivenArgument {
  readonly name: string;
  readonly value: Value;
  /** Its default in the signature; undefined where the caller gave another. */
  readonly defaultAt: Place | undefined;
}

/** Calls the same variable more often than this say nothing new. */
const mostShapes = 64;

/** Starts watching assignments in a file. */
export function observe(py: Interpreter, path: string): Observed {
  const observed: Observed = { shapes: new Map(), madeAt: new Map(), given: new Map() };
  py.assigned = (frame, target, owner, value) => {
    const { chunk } = frame.code;
    if (owner !== undefined) {
      if (chunk.path === path && frame.code.name === "__init__" && owner instanceof PyInstance) {
        if (!observed.given.has(owner) && frame.slots[0] === owner) observed.given.set(owner, givenTo(frame));
      }
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

/** The values of a call's parameters, the first left out. */
function givenTo({ code, slots, cells }: Frame): GivenArgument[] {
  return (code.node?.args ?? []).slice(1).flatMap(({ name, default: usual, ...span }): GivenArgument[] => {
    const slot = code.slots.indexOf(name);
    const cell = code.cells.indexOf(name);
    const value = slot >= 0 ? slots[slot] : cell >= 0 ? cells[code.free.length + cell]?.value : undefined;
    if (value === undefined) return [];
    const isUsual = usual?.kind === "Int" && usual.value === value;
    return [{ name, value, defaultAt: isUsual ? placed(code.chunk.path, code.chunk.firstLine, span) : undefined }];
  });
}

function placed(
  path: string,
  firstLine: number,
  { line, column, endLine, endColumn }: { line: number; column: number; endLine: number; endColumn: number },
): Place {
  return { path, line: firstLine + line, column, endLine: firstLine + endLine, endColumn };
}
