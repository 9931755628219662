import type { Comprehension, Expression, JoinedStr, Keyword, Parameters, Pattern, Statement } from "./ast.ts";

/** Anything of the tree that is a statement or an expression. */
export type SyntaxNode = Statement | Expression;
type Part = SyntaxNode | null;

/** The statements and expressions right below this one, in the order in which they are written. */
export function children(node: SyntaxNode): SyntaxNode[] {
  return parts(node).filter((part) => part !== null);
}

function parts(node: SyntaxNode): Part[] {
  switch (node.kind) {
    case "FunctionDef":
      return [...node.decorators, ...parameterParts(node.args), node.returns, ...node.body];
    case "ClassDef":
      return [...node.decorators, ...node.bases, ...values(node.keywords), ...node.body];
    case "Delete":
      return node.targets;
    case "Assign":
      return [...node.targets, node.value];
    case "AugAssign":
      return [node.target, node.value];
    case "AnnAssign":
      return [node.target, node.annotation, node.value];
    case "For":
      return [node.target, node.iter, ...node.body, ...node.orelse];
    case "While":
    case "If":
      return [node.test, ...node.body, ...node.orelse];
    case "With":
      return [...node.items.flatMap((item) => [item.value, item.target]), ...node.body];
    case "Raise":
      return [node.exc, node.cause];
    case "Try": {
      const handlers = node.handlers.flatMap((handler) => [handler.type, ...handler.body]);
      return [...node.body, ...handlers, ...node.orelse, ...node.finalbody];
    }
    case "Assert":
      return [node.test, node.msg];
    case "Match": {
      const cases = node.cases.flatMap(({ pattern, guard, body }) => [...patternParts(pattern), guard, ...body]);
      return [node.subject, ...cases];
    }
    case "Import":
    case "ImportFrom":
    case "Global":
    case "Nonlocal":
    case "Pass":
    case "Break":
    case "Continue":
    case "BrokenStatement":
      return [];
    case "Return":
    case "ExpressionStatement":
      return [node.value];
    default:
      return expressionParts(node);
  }
}

function expressionParts(node: Expression): Part[] {
  switch (node.kind) {
    case "JoinedStr":
      return formatted(node);
    case "Tuple":
    case "List":
    case "Set":
      return node.elts;
    case "Dict":
      return node.keys.flatMap((key, index) => [key, node.values[index] ?? null]);
    case "BinOp":
      return [node.left, node.right];
    case "UnaryOp":
      return [node.operand];
    case "BoolOp":
      return node.values;
    case "Compare":
      return [node.left, ...node.comparators];
    case "Call":
      return [node.func, ...node.args, ...values(node.keywords)];
    case "Subscript":
      return [node.value, node.slice];
    case "Slice":
      return [node.lower, node.upper, node.step];
    case "Lambda":
      return [...parameterParts(node.args), node.body];
    case "IfExp":
      return [node.body, node.test, node.orelse];
    case "ListComp":
    case "SetComp":
    case "GeneratorExp":
      return [node.elt, ...clauses(node.generators)];
    case "DictComp":
      return [node.key, node.value, ...clauses(node.generators)];
    case "Attribute":
    case "Starred":
    case "NamedExpr":
    case "Yield":
    case "YieldFrom":
    case "Await":
      return [node.value];
    default:
      return [];
  }
}

function values(keywords: Keyword[]): Part[] {
  return keywords.map((keyword) => keyword.value);
}

function parameterParts(parameters: Parameters): Part[] {
  return parameters.flatMap((parameter) => [parameter.annotation, parameter.default]);
}

function clauses(generators: Comprehension[]): Part[] {
  return generators.flatMap((generator) => [generator.target, generator.iter, ...generator.ifs]);
}

function formatted(node: JoinedStr): Part[] {
  return node.values.flatMap((value) => (typeof value === "string" ? [] : [value.value, value.format]));
}

function patternParts(pattern: Pattern): Part[] {
  switch (pattern.kind) {
    case "MatchValue":
      return [pattern.value];
    case "MatchSequence":
    case "MatchOr":
      return pattern.patterns.flatMap(patternParts);
    case "MatchMapping":
      return [...pattern.keys, ...pattern.patterns.flatMap(patternParts)];
    case "MatchClass": {
      const keywords = pattern.keywords.flatMap((keyword) => patternParts(keyword.pattern));
      return [pattern.cls, ...pattern.patterns.flatMap(patternParts), ...keywords];
    }
    case "MatchAs":
      return pattern.pattern ? patternParts(pattern.pattern) : [];
    default:
      return [];
  }
}
