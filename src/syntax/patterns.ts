import type { Expression, MatchCase, Pattern, Statement } from "./ast.ts";
import { expression, oneOrTuple } from "./expressions.ts";
import { type Source, spanBetween, spanOf, textOf } from "./source.ts";
import { body } from "./statements.ts";
import type { TreeNode } from "./tree.ts";

/** `match`, whose cases are not expressions but patterns. */
export function matchStatement(source: Source, node: TreeNode): Statement {
  const colon = node.children.findIndex((child) => child.type === ":");
  const subject = oneOrTuple(source, node.children.slice(1, colon));
  const clauses = node.children[colon + 1]?.children ?? [];
  const cases = clauses.filter((child) => child.type === "case_clause").map((clause) => matchCase(source, clause));
  return { kind: "Match", ...spanOf(source, node), subject, cases };
}

function matchCase(source: Source, clause: TreeNode): MatchCase {
  const listed = clause.children.filter((child) => child.type === "case_pattern");
  const guard = clause.children.find((child) => child.type === "if_clause");
  const several = listed.length > 1 || clause.children[2]?.type === ",";
  const patterns = listed.map((child) => pattern(source, child.children));
  return {
    pattern: several ? { kind: "MatchSequence", patterns } : (patterns[0] as Pattern),
    guard: guard ? expression(source, guard.children[1] as TreeNode) : null,
    body: body(source, clause),
  };
}

/** The pattern that these nodes write together: one node mostly, more where a number has a sign. */
function pattern(source: Source, nodes: TreeNode[]): Pattern {
  const [first, second] = nodes as [TreeNode, TreeNode?];
  switch (first.type) {
    case "case_pattern":
      return pattern(source, first.children);
    case "as_pattern": {
      const [inner, , name] = first.children as [TreeNode, TreeNode, TreeNode];
      return { kind: "MatchAs", pattern: pattern(source, [inner]), name: textOf(source, name) };
    }
    case "_":
      return { kind: "MatchAs", pattern: null, name: null };
    case "true":
    case "false":
      return { kind: "MatchSingleton", value: first.type === "true" };
    case "none":
      return { kind: "MatchSingleton", value: null };
    case "union_pattern":
      return { kind: "MatchOr", patterns: between(first.children, "|").map((part) => pattern(source, part)) };
    case "list_pattern":
    case "tuple_pattern":
      return sequence(source, first);
    case "dict_pattern":
      return mapping(source, first);
    case "class_pattern":
      return classPattern(source, first);
    case "splat_pattern":
      return { kind: "MatchStar", name: starName(source, first) };
    case "dotted_name":
      return dotted(source, first);
    case "complex_pattern":
      return { kind: "MatchValue", value: arithmetic(source, first.children) };
    default:
      return { kind: "MatchValue", value: second ? arithmetic(source, nodes) : expression(source, first) };
  }
}

/** The groups of nodes between separators. */
function between(nodes: TreeNode[], separator: string): TreeNode[][] {
  const groups: TreeNode[][] = [[]];
  for (const node of nodes) {
    if (node.type === separator) groups.push([]);
    else groups[groups.length - 1]?.push(node);
  }
  return groups.filter((group) => group.length > 0);
}

function sequence(source: Source, node: TreeNode): Pattern {
  const groups = between(node.children.slice(1, -1), ",");
  const patterns = groups.map((group) => pattern(source, group));
  // `(a)` is `a` in brackets.
  const grouped = node.type === "tuple_pattern" && node.children.length === 3;
  return grouped ? (patterns[0] as Pattern) : { kind: "MatchSequence", patterns };
}

function mapping(source: Source, node: TreeNode): Pattern {
  const keys: Expression[] = [];
  const patterns: Pattern[] = [];
  let rest: string | null = null;
  for (const group of between(node.children.slice(1, -1), ",")) {
    if (group[0]?.type === "splat_pattern") {
      rest = starName(source, group[0]);
      continue;
    }
    const [key, value] = between(group, ":") as [TreeNode[], TreeNode[]];
    const single = pattern(source, key);
    keys.push(single.kind === "MatchValue" ? single.value : expression(source, key[0] as TreeNode));
    patterns.push(pattern(source, value));
  }
  return { kind: "MatchMapping", keys, patterns, rest };
}

function classPattern(source: Source, node: TreeNode): Pattern {
  const patterns: Pattern[] = [];
  const keywords: { name: string; pattern: Pattern }[] = [];
  for (const child of node.children) {
    if (child.type !== "case_pattern") continue;
    const inner = child.children[0] as TreeNode;
    if (inner.type !== "keyword_pattern") {
      patterns.push(pattern(source, child.children));
      continue;
    }
    const [name, , ...value] = inner.children as [TreeNode, TreeNode, ...TreeNode[]];
    keywords.push({ name: textOf(source, name), pattern: pattern(source, value) });
  }
  return { kind: "MatchClass", cls: dottedValue(source, node.children[0] as TreeNode), patterns, keywords };
}

function starName(source: Source, node: TreeNode): string | null {
  const name = textOf(source, node.children[1] as TreeNode);
  return name === "_" ? null : name;
}

/** A name is bound; a dotted one is compared with. */
function dotted(source: Source, node: TreeNode): Pattern {
  if (node.children.length > 1) return { kind: "MatchValue", value: dottedValue(source, node) };
  const name = textOf(source, node);
  return { kind: "MatchAs", pattern: null, name: name === "_" ? null : name };
}

function dottedValue(source: Source, node: TreeNode): Expression {
  const [first, ...rest] = node.children.filter((child) => child.type === "identifier") as [TreeNode, ...TreeNode[]];
  let value: Expression = { kind: "Name", ...spanOf(source, first), id: textOf(source, first) };
  for (const part of rest) {
    const span = spanBetween(source, first.start, part.end);
    value = { kind: "Attribute", ...span, value, attr: textOf(source, part), attrSpan: spanOf(source, part) };
  }
  return value;
}

/** `-1`, `2 + 3j`: numbers with signs. */
function arithmetic(source: Source, nodes: TreeNode[]): Expression {
  const [sign, digits] = nodes as [TreeNode, TreeNode];
  const negative = sign.type === "-";
  const end = negative ? digits : sign;
  const number = expression(source, end);
  const span = spanBetween(source, sign.start, end.end);
  const left: Expression = negative ? { kind: "UnaryOp", ...span, op: "-", operand: number } : number;
  const [operator, imaginary] = nodes.slice(negative ? 2 : 1);
  if (!operator || !imaginary) return left;
  const whole = spanBetween(source, sign.start, imaginary.end);
  return { kind: "BinOp", ...whole, op: operator.type as "+", left, right: expression(source, imaginary) };
}
