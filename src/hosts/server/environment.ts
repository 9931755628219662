/** Finds the Python libraries that the workspace's code may import, by looking at folders; nothing is run. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { usualEnvironment } from "../usualEnvironment.ts";
import type { FindEnvironment } from "./session.ts";

/** The import path for a workspace, and whether any folder of installed libraries is on it. */
export const findEnvironment: FindEnvironment = ({ roots, libraryPaths, interpreter }) => {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const prefixes = [
    ...(interpreter ? [prefixOf(interpreter)] : []),
    ...roots.flatMap((root) => [".venv", "venv", "env"].map((name) => `${root}/${name}`)),
    ...(VIRTUAL_ENV ? [VIRTUAL_ENV] : []),
    ...(CONDA_PREFIX ? [CONDA_PREFIX] : []),
  ];
  const given = libraryPaths.filter((folder) => existsSync(folder));
  const libraries = [...new Set([...given, ...prefixes.flatMap(sitePackages)])].map(forward);
  const packages = libraries.map(packagesIn);
  return {
    found: libraries.length > 0,
    folders: roots.flatMap((root) => [root, ...(existsSync(`${root}/src`) ? [`${root}/src`] : [])]),
    environment: {
      roots: libraries,
      installed: new Set([...usualEnvironment.installed, ...packages.flatMap(({ names }) => names)]),
      versions: Object.assign({}, usualEnvironment.versions, ...packages.toReversed().map(({ versions }) => versions)),
    },
  };
};

/** The folder of an environment from its interpreter: `/x/.venv/bin/python` and `C:\x\venv\Scripts\python.exe`. */
function prefixOf(interpreter: string): string {
  const folder = path.dirname(interpreter);
  return /^(bin|scripts)$/i.test(path.basename(folder)) ? path.dirname(folder) : folder;
}

/** The folders of an environment in which libraries are installed. */
export function sitePackages(prefix: string): string[] {
  const versions = entries(`${prefix}/lib`).filter((name) => /^python3/.test(name));
  const folders = [
    ...versions.flatMap((name) => [`${prefix}/lib/${name}/site-packages`, `${prefix}/lib/${name}/dist-packages`]),
    `${prefix}/Lib/site-packages`,
  ];
  return folders.filter((folder) => existsSync(folder));
}

/** The top-level packages of a folder, and the versions that their installer noted. */
export function packagesIn(folder: string): { names: string[]; versions: Record<string, string> } {
  const names: string[] = [];
  const versions: Record<string, string> = {};
  for (const name of entries(folder)) {
    const [, distribution, version] = /^(.+?)-(\d[^-]*)\.(?:dist|egg)-info$/.exec(name) ?? [];
    if (distribution && version) versions[distribution.toLowerCase().replaceAll("_", "-")] = version;
    else if (/^[A-Za-z_]\w*$/.test(name)) names.push(name);
    else if (/^[A-Za-z_]\w*\.py$/.test(name)) names.push(name.slice(0, -3));
  }
  return { names, versions };
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const forward = (folder: string) => folder.replaceAll("\\", "/");
