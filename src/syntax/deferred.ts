/**
 * Bodies of functions that are lowered when somebody first asks for them: most functions of a library are never called, and
 * reading a tree out of the parser takes longer than parsing it.
 */
import type { FunctionDef, Statement } from "./ast.ts";
import type { Source } from "./source.ts";
import type { TreeNode } from "./tree.ts";

/** Gives the tree of a function once more, its body included; `undefined` where it does not parse alone. */
export type Later = (node: TreeNode) => TreeNode | undefined;

const waiting = new WeakMap<FunctionDef, { readonly mentionsClass: boolean; readonly hasDoc: boolean }>();

/** What is known of a function's body without lowering it; `undefined` where it has been lowered. */
export function deferredBody(
  node: FunctionDef,
): { readonly mentionsClass: boolean; readonly hasDoc: boolean } | undefined {
  return waiting.get(node);
}

/** Leaves a function's body to be lowered by `lower` from its whole tree. */
export function deferBody(
  func: FunctionDef,
  source: Source,
  node: TreeNode,
  block: TreeNode,
  later: Later,
  lower: (whole: TreeNode | undefined) => Statement[],
): FunctionDef {
  const text = source.text.slice(block.start, block.end);
  waiting.set(func, {
    mentionsClass: /\bsuper\b|__class__/.test(text),
    hasDoc: /^\s*[rRuU]?["']/.test(text),
  });
  const { firstLine } = source;
  Object.defineProperty(func, "body", {
    configurable: true,
    enumerable: true,
    get() {
      waiting.delete(func);
      const { problems, firstLine: before } = source;
      source.firstLine = firstLine;
      const body = lower(later(node));
      source.firstLine = before;
      source.problems = problems;
      Object.defineProperty(func, "body", { value: body, writable: true, configurable: true, enumerable: true });
      return body;
    },
  });
  return func;
}
