/** What a package exports, read from its files' texts: for packages that import their parts lazily. */
import { detached } from "../../syntax/source.ts";
import type { Sources } from "../interpreter.ts";

const found = new WeakMap<Sources, Map<string, ReadonlyMap<string, string>>>();

/** Each exported name with its module, relative to the package; from the star imports that its `__init__.py` lists, with or without a dot. */
export function exportedNames(sources: Sources, folder: string, prefix: string): ReadonlyMap<string, string> {
  const known = found.get(sources) ?? new Map<string, ReadonlyMap<string, string>>();
  found.set(sources, known);
  const key = `${folder} ${prefix}`;
  const names = known.get(key) ?? readExports(sources, folder, prefix);
  known.set(key, names);
  return names;
}

function readExports(sources: Sources, folder: string, prefix: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [, part = ""] of (sources.text(`${folder}/__init__.py`) ?? "").matchAll(/^\s*from \.?(\w+) import \*/gm)) {
    const path = prefix ? `${prefix}.${part}` : part;
    if (sources.folder(`${folder}/${part}`)) {
      for (const [name, module] of readExports(sources, `${folder}/${part}`, path)) names.set(name, module);
      continue;
    }
    const list = /^__all__ = \[([^\]]*)\]/m.exec(sources.text(`${folder}/${part}.py`) ?? "")?.[1] ?? "";
    for (const [, name = ""] of list.matchAll(/["'](\w+)["']/g)) names.set(detached(name), path);
  }
  return names;
}
