import files from "python:src/libraries";
import { Unknown } from "../base/unknown.ts";
import { runModule } from "../python/imports.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { completed } from "../python/library/assay.ts";
import type { PyModule } from "../python/values.ts";
import type { Library } from "../torch/install.ts";

/**
 * A stub of a library that is installed; undefined for what has none, or must come from its own source. A stub in
 * `infrastructure` stands also where the source is at hand, and what it leaves out is read from there.
 */
export const library: Library = (py, name) => {
  const [top = name] = name.split(".");
  if (!py.environment.installed.has(top) && top !== shared) return undefined;
  const path = name.replaceAll(".", "/");
  const source = sourceOf(py, top);
  const infrastructure = stub(
    py,
    name,
    `infrastructure/${path}`,
    source === undefined ? undefined : `${source}${path.slice(top.length)}`,
  );
  if (source !== undefined) return infrastructure && completed(infrastructure);
  const own = infrastructure ?? stub(py, name, path, undefined);
  // The library has more than its stub: what is not there is unknown, not missing.
  if (own) own.open ??= new Unknown(`${name} has more than is modelled, and its source was not found`);
  return own;
};

/** The package that only stubs import: what several of them share. */
const shared = "_libraries";

/** Runs a stub. A package's other modules are looked for in `folder`, where the library has its own. */
function stub(py: Interpreter, name: string, path: string, folder: string | undefined): PyModule | undefined {
  const own = [`${path}.py`, `${path}/__init__.py`].find((file) => file in files);
  const tree = own === undefined ? undefined : files[own];
  return tree && runModule(py, name, tree, own?.endsWith("__init__.py") ? (folder ?? name) : undefined);
}

/** The folder of a library's own source on the import path, which goes before most stubs of ours. */
function sourceOf({ environment, sources }: Interpreter, top: string): string | undefined {
  return environment.roots.map((root) => (root ? `${root}/${top}` : top)).find((folder) => sources.folder(folder));
}
