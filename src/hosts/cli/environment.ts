/** Which libraries a file may import, found by looking at folders; nothing is run and nothing is written. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Environment } from "../../python/interpreter.ts";
import { packagesIn, sitePackages } from "../server/environment.ts";

/** What is taken as installed where no environment is found. */
const usual: Environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

/** The folders given, else those of a virtual environment beside the file or above it, else of the active one. */
export function environmentFor(file: string, given: readonly string[], active = process.env.VIRTUAL_ENV): Environment {
  const roots =
    given.length > 0
      ? given.map((folder) => path.resolve(folder))
      : (foldersAbove(file) ?? (active ? sitePackages(active) : []));
  const packages = roots.map(packagesIn);
  return {
    roots,
    installed: new Set([...usual.installed, ...packages.flatMap(({ names }) => names)]),
    versions: Object.assign({}, usual.versions, ...packages.toReversed().map(({ versions }) => versions)),
  };
}

/** The library folders of the nearest `.venv` or `venv`; undefined where there is none. */
function foldersAbove(file: string): string[] | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    for (const name of [".venv", "venv"]) {
      const inside = path.join(folder, name);
      const found = existsSync(inside) ? sitePackages(inside) : [];
      if (found.length > 0) return found;
    }
    if (folder === path.dirname(folder)) return undefined;
  }
}
