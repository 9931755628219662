import type { Expression, Keyword } from "./ast.ts";
import { expression } from "./expressions.ts";
import { type Source, spanOf, textOf } from "./source.ts";
import type { TreeNode } from "./tree.ts";

export function call(source: Source, node: TreeNode): Expression {
  const [func, list] = node.children as [TreeNode, TreeNode];
  const span = spanOf(source, node);
  const called = expression(source, func);
  if (list.type === "generator_expression") {
    return { kind: "Call", ...span, func: called, args: [expression(source, list)], keywords: [] };
  }
  return { kind: "Call", ...span, func: called, ...callArguments(source, list) };
}

/** The arguments of a call, or a class's bases: what is passed by position, and what by keyword or `**`. */
export function callArguments(source: Source, list: TreeNode): { args: Expression[]; keywords: Keyword[] } {
  const args: Expression[] = [];
  const keywords: Keyword[] = [];
  for (const child of list.children) {
    switch (child.type) {
      case "(":
      case ")":
      case ",":
        break;
      case "keyword_argument": {
        const [name, , value] = child.children as [TreeNode, TreeNode, TreeNode];
        const arg = textOf(source, name).normalize("NFKC");
        keywords.push({ arg, value: expression(source, value), span: spanOf(source, child) });
        break;
      }
      case "dictionary_splat": {
        const value = expression(source, child.children[1] as TreeNode);
        keywords.push({ arg: null, value, span: spanOf(source, child) });
        break;
      }
      default:
        args.push(expression(source, child));
    }
  }
  return { args, keywords };
}
