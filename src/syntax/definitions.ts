import type { ClassDef, Expression, FunctionDef, Statement } from "./ast.ts";
import { callArguments } from "./calls.ts";
import { deferBody } from "./deferred.ts";
import { expression } from "./expressions.ts";
import { parameters } from "./parameters.ts";
import { placeholder } from "./placeholder.ts";
import { type Source, spanOf, textOf } from "./source.ts";
import { body } from "./statements.ts";
import type { TreeNode } from "./tree.ts";

/** A definition with its decorators, outermost first. */
export function decorated(source: Source, node: TreeNode): Statement {
  const definition = node.children[node.children.length - 1] as TreeNode;
  const decorators = node.children.slice(0, -1).map((child) => expression(source, child.children[1] as TreeNode));
  if (definition.type === "class_definition") return classDefinition(source, definition, decorators);
  return functionDefinition(source, definition, decorators);
}

export function functionDefinition(source: Source, node: TreeNode, decorators: Expression[]): Statement {
  const name = child(node, "identifier") as TreeNode;
  const returns = child(node, "type");
  const lowered: FunctionDef = {
    kind: "FunctionDef",
    ...spanOf(source, node),
    name: textOf(source, name).normalize("NFKC"),
    nameSpan: spanOf(source, name),
    args: parameters(source, child(node, "parameters") as TreeNode),
    decorators,
    returns: returns ? expression(source, returns) : null,
    isAsync: node.children[0]?.type === "async",
    body: [],
  };
  const block = child(node, "block");
  if (block?.deferred && source.later) {
    deferBody(lowered, source, node, block, source.later, (whole) => (whole ? body(source, whole) : []));
  } else lowered.body = body(source, node);
  return unlessNameless(lowered);
}

export function classDefinition(source: Source, node: TreeNode, decorators: Expression[]): Statement {
  const name = child(node, "identifier") as TreeNode;
  const list = child(node, "argument_list");
  const { args, keywords } = list ? callArguments(source, list) : { args: [], keywords: [] };
  const lowered: ClassDef = {
    kind: "ClassDef",
    ...spanOf(source, node),
    name: textOf(source, name).normalize("NFKC"),
    nameSpan: spanOf(source, name),
    bases: args,
    keywords,
    decorators,
    body: body(source, node),
  };
  return unlessNameless(lowered);
}

/** A definition whose name is still to be typed binds nothing. */
function unlessNameless(definition: FunctionDef | ClassDef): Statement {
  if (definition.name !== placeholder) return definition;
  const { line, column, endLine, endColumn } = definition;
  return { kind: "BrokenStatement", line, column, endLine, endColumn };
}

function child(node: TreeNode, type: string): TreeNode | undefined {
  return node.children.find((candidate) => candidate.type === type);
}
