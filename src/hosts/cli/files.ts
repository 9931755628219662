import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sources } from "../../python/interpreter.ts";
import type { Module } from "../../syntax/ast.ts";
import { loadPythonParser, type PythonParser } from "../../syntax/parser.ts";

/** The parser, its WebAssembly read from beside the program. */
export async function openParser(): Promise<PythonParser> {
  const folder = typeof __dirname === "string" ? __dirname : dirname(fileURLToPath(import.meta.url));
  const read = (name: string) => readFileSync(join(folder, name));
  return loadPythonParser({ runtime: read("web-tree-sitter.wasm"), python: read("tree-sitter-python.wasm") });
}

/** Trees of longer texts than this in all are not kept: who uses a tree holds it. */
const mostCharacters = 20_000_000;

/** The file system as the interpreter's sources; each file is read and parsed once. */
export function fileSources(parser: PythonParser): Sources {
  const modules = new Map<string, { readonly tree: Module | undefined; readonly characters: number }>();
  let characters = 0;
  const folders = new Map<string, boolean>();
  const text = (path: string) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };
  return {
    module: (path) => {
      let known = modules.get(path);
      if (!known) {
        const source = existsSync(path) ? text(path) : undefined;
        known = {
          tree: source === undefined ? undefined : parser.parseOnce(path, source),
          characters: source?.length ?? 0,
        };
        modules.set(path, known);
        characters += known.characters;
        for (const [oldest, { characters: fewer }] of modules) {
          if (characters <= mostCharacters) break;
          modules.delete(oldest);
          characters -= fewer;
        }
      }
      return known.tree;
    },
    folder: (path) => {
      let is = folders.get(path);
      if (is === undefined) {
        is = existsSync(path) && statSync(path).isDirectory();
        folders.set(path, is);
      }
      return is;
    },
    text,
    scripts: (near) => siblings(near),
    parse: (path, source) => parser.parse(path, source),
  };
}

/** The Python files in a file's own folder. */
function siblings(near: string): string[] {
  const folder = dirname(near);
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".py"))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
