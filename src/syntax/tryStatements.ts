import type { ExceptHandler, Expression, Statement } from "./ast.ts";
import { expression, oneOrTuple } from "./expressions.ts";
import { type Source, spanOf, textOf } from "./source.ts";
import { body, orElse } from "./statements.ts";
import type { TreeNode } from "./tree.ts";

/** `try`; `except*` handles as `except` does. */
export function tryStatement(source: Source, node: TreeNode): Statement {
  const handlers = node.children.filter((child) => child.type === "except_clause");
  const last = node.children.find((child) => child.type === "finally_clause");
  return {
    kind: "Try",
    ...spanOf(source, node),
    body: body(source, node),
    handlers: handlers.map((handler) => exceptHandler(source, handler)),
    orelse: orElse(source, node),
    finalbody: last ? body(source, last) : [],
  };
}

function exceptHandler(source: Source, clause: TreeNode): ExceptHandler {
  const colon = clause.children.findIndex((child) => child.type === ":");
  const listed = clause.children.slice(1, colon).filter((child) => child.type !== "*");
  const { type, name } = caught(source, listed);
  return { ...spanOf(source, clause), type, name, body: body(source, clause) };
}

function caught(source: Source, listed: TreeNode[]): { type: Expression | null; name: string | null } {
  const [first, separator, second] = listed;
  if (!first) return { type: null, name: null };
  if (first.type === "as_pattern") {
    const [value, , target] = first.children as [TreeNode, TreeNode, TreeNode];
    return { type: expression(source, value), name: textOf(source, target) };
  }
  if (separator?.type === "as" && second) return { type: expression(source, first), name: textOf(source, second) };
  // Python 2 wrote `except E, error:`; Python 3.14 catches several without brackets. Classes begin with a capital.
  if (listed.length === 3 && second?.type === "identifier" && /^[a-z_]/.test(textOf(source, second))) {
    return { type: expression(source, first), name: textOf(source, second) };
  }
  return { type: oneOrTuple(source, listed), name: null };
}
