import type { Expression, Parameter, Parameters } from "./ast.ts";
import { expression } from "./expressions.ts";
import { type Source, spanOf, textOf } from "./source.ts";
import type { TreeNode } from "./tree.ts";

/** The parameters of a function or a lambda, in order; `/` and `*` show in the kinds. */
export function parameters(source: Source, list: TreeNode): Parameters {
  const found: Parameter[] = [];
  let kind: Parameter["kind"] = "positional";
  for (const child of list.children) {
    switch (child.type) {
      case "(":
      case ")":
      case ",":
        break;
      case "positional_separator":
        for (const before of found) before.kind = "positional-only";
        break;
      case "keyword_separator":
        kind = "keyword-only";
        break;
      default: {
        const parameter = lowered(source, child, kind);
        if (parameter.kind === "var-positional") kind = "keyword-only";
        found.push(parameter);
      }
    }
  }
  return found;
}

function lowered(source: Source, node: TreeNode, kind: Parameter["kind"]): Parameter {
  const [first, , third, , fifth] = node.children;
  switch (node.type) {
    case "typed_parameter":
      return named(source, node, first as TreeNode, kind, null, expression(source, third as TreeNode));
    case "default_parameter":
      return named(source, node, first as TreeNode, kind, expression(source, third as TreeNode), null);
    case "typed_default_parameter": {
      const annotation = expression(source, third as TreeNode);
      return named(source, node, first as TreeNode, kind, expression(source, fifth as TreeNode), annotation);
    }
    default:
      return named(source, node, node, kind, null, null);
  }
}

function named(
  source: Source,
  node: TreeNode,
  name: TreeNode,
  kind: Parameter["kind"],
  defaultValue: Expression | null,
  annotation: Expression | null,
): Parameter {
  const star = name.type === "list_splat_pattern" || name.type === "dictionary_splat_pattern";
  if (star) kind = name.type === "list_splat_pattern" ? "var-positional" : "var-keyword";
  const id = textOf(source, star ? (name.children[1] as TreeNode) : name).normalize("NFKC");
  return { name: id, ...spanOf(source, node), kind, default: defaultValue, annotation };
}
