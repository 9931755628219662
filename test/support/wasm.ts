import { readFileSync } from "node:fs";
import type { Grammars } from "../../src/syntax/parser.ts";

/** The WebAssembly of the parser and of its grammars, as a host would hand it in. */
export function pythonWasm(): Grammars {
  return {
    runtime: readFileSync("node_modules/web-tree-sitter/web-tree-sitter.wasm"),
    python: readFileSync("node_modules/tree-sitter-python/tree-sitter-python.wasm"),
    typescript: readFileSync("node_modules/tree-sitter-typescript/tree-sitter-typescript.wasm"),
    tsx: readFileSync("node_modules/tree-sitter-typescript/tree-sitter-tsx.wasm"),
  };
}
