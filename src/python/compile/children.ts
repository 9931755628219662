import type { Expression } from "../../syntax/ast.ts";

/** The expressions directly inside one, for kinds that open no block. */
export function childrenOf(node: Expression): Expression[] {
  switch (node.kind) {
    case "JoinedStr":
      return node.values.flatMap((part) =>
        typeof part === "string" ? [] : [part.value, ...(part.format ? [part.format] : [])],
      );
    case "Tuple":
    case "List":
    case "Set":
      return node.elts;
    case "Dict":
      return [...node.keys.filter((key) => key !== null), ...node.values];
    case "BinOp":
      return [node.left, node.right];
    case "UnaryOp":
      return [node.operand];
    case "BoolOp":
      return node.values;
    case "Compare":
      return [node.left, ...node.comparators];
    case "Call":
      return [node.func, ...node.args, ...node.keywords.map(({ value }) => value)];
    case "Starred":
    case "Attribute":
    case "Await":
      return [node.value];
    case "Subscript":
      return [node.value, node.slice];
    case "Slice":
      return [node.lower, node.upper, node.step].filter((part) => part !== null);
    case "IfExp":
      return [node.test, node.body, node.orelse];
    case "YieldFrom":
      return [node.value];
    case "Yield":
      return node.value ? [node.value] : [];
    case "NamedExpr":
      return [node.value];
    default:
      return [];
  }
}
