import files from "python:src/libraries";
import { runModule } from "../python/imports.ts";
import type { Library } from "../torch/install.ts";

/** A stub of a library that is installed; undefined for what has none, or must come from its own source. */
export const library: Library = (py, name) => {
  const [top = name] = name.split(".");
  if (!py.environment.installed.has(top)) return undefined;
  const path = name.replaceAll(".", "/");
  const own = [`${path}.py`, `${path}/__init__.py`].find((file) => file in files);
  const tree = own === undefined ? undefined : files[own];
  if (!tree || hasSource(py, top)) return undefined;
  return runModule(py, name, tree, own?.endsWith("__init__.py") ? name : undefined);
};

/** A library's own source goes before our stub of it. */
function hasSource({ environment, sources }: Parameters<Library>[0], top: string): boolean {
  return environment.roots.some((root) => sources.folder(`${root}/${top}`));
}
