/** Functions and classes that an edit brings along, over the file's first own ones. */

import type { Edit } from "./edits.ts";
import { importTorch } from "./edits.ts";
import type { Code } from "./tree.ts";

/** Code that needs no import. */
export function defined(code: Code, text: string): readonly Edit[] {
  const first = code.nodes.find(
    (node) => (node.kind === "ClassDef" || node.kind === "FunctionDef") && code.parent(node) === undefined,
  );
  if (first?.kind !== "ClassDef" && first?.kind !== "FunctionDef") return [];
  const line = Math.min(...[first, ...first.decorators].map((node) => code.span(node).line));
  return [{ span: { line, column: 0, endLine: line, endColumn: 0 }, text: `${text.trim()}\n\n\n` }];
}

/** Code over torch, as the file calls it; imported where nothing binds it yet. */
export function definedOverTorch(code: Code, source: (torch: string) => string): readonly Edit[] {
  const { name, edits } = importTorch(code);
  return [...edits, ...defined(code, source(name))];
}
