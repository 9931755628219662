import { readFileSync } from "node:fs";

/** The WebAssembly of the parser and of its Python grammar, as a host would hand it in. */
export function pythonWasm(): { runtime: Uint8Array; python: Uint8Array } {
  return {
    runtime: readFileSync("node_modules/web-tree-sitter/web-tree-sitter.wasm"),
    python: readFileSync("node_modules/tree-sitter-python/tree-sitter-python.wasm"),
  };
}
