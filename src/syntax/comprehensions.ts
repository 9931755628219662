import type { Comprehension, Expression } from "./ast.ts";
import { expression, oneOrTuple } from "./expressions.ts";
import { type Source, spanOf } from "./source.ts";
import type { TreeNode } from "./tree.ts";

const kinds = {
  list_comprehension: "ListComp",
  set_comprehension: "SetComp",
  generator_expression: "GeneratorExp",
} as const;

export function comprehension(source: Source, node: TreeNode): Expression {
  const span = spanOf(source, node);
  const body = node.children[1] as TreeNode;
  if (node.type === "dictionary_comprehension") {
    const [key, , value] = body.children as [TreeNode, TreeNode, TreeNode];
    return {
      kind: "DictComp",
      ...span,
      key: expression(source, key),
      value: expression(source, value),
      generators: clauses(source, node),
    };
  }
  const kind = kinds[node.type as keyof typeof kinds];
  return { kind, ...span, elt: expression(source, body), generators: clauses(source, node) };
}

function clauses(source: Source, node: TreeNode): Comprehension[] {
  const found: Comprehension[] = [];
  for (const clause of node.children) {
    if (clause.type === "for_in_clause") found.push(forClause(source, clause));
    else if (clause.type === "if_clause") {
      found[found.length - 1]?.ifs.push(expression(source, clause.children[1] as TreeNode));
    }
  }
  return found;
}

function forClause(source: Source, clause: TreeNode): Comprehension {
  const isAsync = clause.children[0]?.type === "async";
  const at = isAsync ? 2 : 1;
  return {
    target: expression(source, clause.children[at] as TreeNode),
    iter: oneOrTuple(source, clause.children.slice(at + 2)),
    ifs: [],
    isAsync,
  };
}
