import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sources } from "../../python/interpreter.ts";
import type { Module } from "../../syntax/ast.ts";
import { loadPythonParser, type PythonParser } from "../../syntax/parser.ts";
import { binaryFile } from "../binaryFile.ts";

/** The parser, its WebAssembly read from beside the program. */
export async function openParser(): Promise<PythonParser> {
  const folder = typeof __dirname === "string" ? __dirname : dirname(fileURLToPath(import.meta.url));
  const read = (name: string) => readFileSync(join(folder, name));
  return loadPythonParser({
    runtime: read("web-tree-sitter.wasm"),
    python: read("tree-sitter-python.wasm"),
    typescript: read("tree-sitter-typescript.wasm"),
    tsx: read("tree-sitter-tsx.wasm"),
  });
}

/** Trees of longer texts than this in all are not kept: who uses a tree holds it. */
const mostCharacters = 20_000_000;

/** Texts in place of files' own, by path; null for a file that is not there. */
export type Overlay = ReadonlyMap<string, string | null>;

export interface FileSources extends Sources {
  /** Runs something as if some files read otherwise. */
  during<Result>(overlay: Overlay, run: () => Result): Result;
}

/** The file system as the interpreter's sources; each file is read and parsed once. */
export function fileSources(parser: PythonParser): FileSources {
  const modules = new Map<string, { readonly tree: Module | undefined; readonly characters: number }>();
  let characters = 0;
  const folders = new Map<string, boolean>();
  let overlay: Overlay = new Map();
  const isThere = (path: string) => {
    const laid = overlay.get(path);
    return laid === undefined ? existsSync(path) : laid !== null;
  };
  const text = (path: string) => {
    const laid = overlay.get(path);
    if (laid !== undefined) return laid ?? undefined;
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
        const source = isThere(path) ? text(path) : undefined;
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
        const isLaid = [...overlay].some(([file, laid]) => laid !== null && file.startsWith(`${path}/`));
        is = isLaid || (existsSync(path) && statSync(path).isDirectory());
        folders.set(path, is);
      }
      return is;
    },
    text,
    binary: binaryFile,
    filesIn: (folder) =>
      existsSync(folder)
        ? readdirSync(folder)
            .sort()
            .map((name) => `${folder}/${name}`)
        : [],
    scripts: (near) => siblings(near).filter(isThere),
    parse: (path, source) => parser.parse(path, source),
    script: (path, source) => parser.scripts?.parse(path, source),
    during: (laid, run) => {
      const forget = () => {
        for (const path of laid.keys()) modules.delete(path);
        folders.clear();
      };
      forget();
      overlay = laid;
      try {
        return run();
      } finally {
        overlay = new Map();
        forget();
      }
    },
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
