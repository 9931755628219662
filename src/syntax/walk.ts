import { contains, type Span } from "../base/place.ts";
import type { Module } from "./ast.ts";
import { children, type SyntaxNode } from "./children.ts";

export { children, type SyntaxNode };

/** Calls `enter` for the node and everything below it, outermost first; where that gives false, not for what is below. */
export function walk(node: SyntaxNode, enter: (node: SyntaxNode) => unknown): void {
  if (enter(node) === false) return;
  for (const child of children(node)) walk(child, enter);
}

/** A node found at a position, with its span in the file. */
export interface NodeAt {
  node: SyntaxNode;
  span: Span;
}

/**
 * The nodes that hold the position, from the top-level statement to the innermost; none where nothing stands there.
 * Where two nodes touch at the position, the one that begins there is meant.
 */
export function nodesAt(module: Module, line: number, column: number): NodeAt[] {
  const chain: NodeAt[] = [];
  for (const { chunk, node } of module.statements) {
    const own = line - chunk.firstLine;
    if (own < 0 || !reaches(node, own, column)) continue;
    if (chain.length > 0 && !beginsAt(node, own, column)) continue;
    const found = chainAt(node, own, column).map((each) => ({ node: each, span: absolute(each, chunk.firstLine) }));
    if (found.length > 0) chain.splice(0, chain.length, ...found);
  }
  return chain;
}

/** A span of the tree as a span of the file, where its top-level statement begins on `firstLine`. */
export function absolute(span: Span, firstLine: number): Span {
  const { line, column, endLine, endColumn } = span;
  return { line: line + firstLine, column, endLine: endLine + firstLine, endColumn };
}

function chainAt(node: SyntaxNode, line: number, column: number): SyntaxNode[] {
  const inside = children(node).filter((child) => reaches(child, line, column));
  const begins = inside.find((child) => beginsAt(child, line, column));
  for (const child of begins ? [begins] : inside) {
    const chain = chainAt(child, line, column);
    if (chain.length > 0) return [node, ...chain];
  }
  return contains(node, line, column) ? [node] : [];
}

/** Whether the node may hold the position: decorators stand outside the definition's own span. */
function reaches(node: SyntaxNode, line: number, column: number): boolean {
  if ((node.kind === "FunctionDef" || node.kind === "ClassDef") && node.decorators.length > 0) {
    return node.decorators.some((decorator) => contains(decorator, line, column)) || contains(node, line, column);
  }
  return contains(node, line, column);
}

function beginsAt(node: SyntaxNode, line: number, column: number): boolean {
  return node.line === line && node.column === column;
}
