/** Folders of code that is no package of the import path, such as the `modeling_*.py` beside a config: `assay.code_folder`. */
import { namespacePackage } from "../python/imports.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { native } from "../python/native.ts";
import type { Value } from "../python/values.ts";

/** `code_folder(name, path)`: a folder as a package of that dotted name, so that its files import one another. */
export function codeFolderNames(): Record<string, Value> {
  return {
    code_folder: native("code_folder(name, path)", (py, name: Value, path: Value) => {
      addPackage(py, String(name), String(path));
      return null;
    }),
  };
}

function addPackage(py: Interpreter, name: string, path: string): void {
  const parts = name.split(".");
  for (let i = 1; i < parts.length; i++) {
    const parent = parts.slice(0, i).join(".");
    if (!py.modules.has(parent)) namespacePackage(py, parent, path);
  }
  namespacePackage(py, name, path);
}
