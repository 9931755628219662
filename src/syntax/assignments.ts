import type { BinaryOperator, Expression, Statement } from "./ast.ts";
import { broken, expression } from "./expressions.ts";
import { complain, type Source, spanOf } from "./source.ts";
import type { TreeNode } from "./tree.ts";

/** `a = b = value`, or `target: annotation = value`. */
export function assignment(source: Source, node: TreeNode): Statement {
  const span = spanOf(source, node);
  if (node.children[1]?.type === ":") return annotated(source, node);
  const targets: Expression[] = [];
  let right = node;
  while (right.type === "assignment" && right.children[1]?.type === "=") {
    targets.push(expression(source, right.children[0] as TreeNode));
    right = right.children[2] as TreeNode;
  }
  return { kind: "Assign", ...span, targets, value: value(source, right) };
}

export function augmentedAssignment(source: Source, node: TreeNode): Statement {
  const [left, operator, right] = node.children as [TreeNode, TreeNode, TreeNode];
  return {
    kind: "AugAssign",
    ...spanOf(source, node),
    target: expression(source, left),
    op: operator.type.slice(0, -1) as BinaryOperator,
    value: value(source, right),
  };
}

function annotated(source: Source, node: TreeNode): Statement {
  const [left, , type, , right] = node.children as [TreeNode, TreeNode, TreeNode, TreeNode?, TreeNode?];
  return {
    kind: "AnnAssign",
    ...spanOf(source, node),
    target: expression(source, left),
    annotation: expression(source, type),
    value: right ? value(source, right) : null,
  };
}

/** The grammar lets a statement such as `b += 1` stand on the right of `=`; Python does not. */
function value(source: Source, right: TreeNode): Expression {
  if (right.type !== "assignment" && right.type !== "augmented_assignment") return expression(source, right);
  complain(source, right, "cannot be parsed");
  return broken(source, right);
}
