/** A built model as a tree of layers. */

import type { Place } from "../base/place.ts";
import { definitions } from "../python/compile/classes.ts";
import { PyDict, PyInstance, type PyObject, type Value } from "../python/values.ts";
import type { Chunk } from "../syntax/ast.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { TensorObject } from "./tensorObject.ts";

export interface BuiltLayer {
  /** As `named_modules()` gives it. */
  readonly path: string;
  readonly className: string;
  /** By identity. */
  readonly module: object;
  /** Its own, without its children's; a shared one stands in each. */
  readonly parameters: readonly { readonly name: string; readonly tensor: Tensor }[];
  readonly buffers: readonly { readonly name: string; readonly tensor: Tensor }[];
  readonly children: readonly BuiltLayer[];
  /** Where its class is defined; undefined for PyTorch's own. */
  readonly classAt: Place | undefined;
}

export function isModule(value: Value): value is PyInstance {
  return value instanceof PyInstance && value.attrs.get("_modules") instanceof PyDict;
}

/** The tree of a model; a module reached twice stands where it is reached first, as in `named_modules`. */
export function modelTree(model: PyInstance): BuiltLayer {
  const seen = new Set<PyObject>();
  const walk = (module: PyInstance, path: string): BuiltLayer => {
    seen.add(module);
    const children: BuiltLayer[] = [];
    for (const [name, child] of entries(module, "_modules")) {
      if (isModule(child) && !seen.has(child)) children.push(walk(child, path ? `${path}.${name}` : name));
    }
    const definition = definitions.get(module.cls);
    return {
      path,
      className: module.cls.name,
      module,
      parameters: tensors(module, "_parameters"),
      buffers: tensors(module, "_buffers"),
      children,
      classAt: definition && placeIn(definition.chunk, definition.node.nameSpan),
    };
  };
  return walk(model, "");
}

function entries(module: PyInstance, name: string): [string, Value][] {
  const dict = module.attrs.get(name);
  return dict instanceof PyDict
    ? [...dict.entries.values()].flatMap(([key, value]) =>
        typeof key === "string" ? [[key, value] as [string, Value]] : [],
      )
    : [];
}

function tensors(module: PyInstance, kind: "_parameters" | "_buffers"): { name: string; tensor: Tensor }[] {
  return entries(module, kind).flatMap(([name, value]) =>
    value instanceof TensorObject ? [{ name, tensor: value.value }] : [],
  );
}

function placeIn(
  { path, firstLine }: Chunk,
  span: { line: number; column: number; endLine: number; endColumn: number },
): Place | undefined {
  if (path.startsWith("assay:/")) return undefined;
  return {
    path,
    line: firstLine + span.line,
    column: span.column,
    endLine: firstLine + span.endLine,
    endColumn: span.endColumn,
  };
}
