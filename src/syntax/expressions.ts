import type { BinaryOperator, ComparisonOperator, Expression } from "./ast.ts";
import { call } from "./calls.ts";
import { comprehension } from "./comprehensions.ts";
import { number } from "./numbers.ts";
import { parameters } from "./parameters.ts";
import { placeholder } from "./placeholder.ts";
import { complain, type Source, spanBetween, spanOf, textOf } from "./source.ts";
import { string } from "./strings.ts";
import { type TreeNode, tooDeep } from "./tree.ts";

type Lower = (source: Source, node: TreeNode) => Expression;

/** Lowers an expression, a target of an assignment, or a type annotation. What is none of these comes out broken. */
export function expression(source: Source, node: TreeNode): Expression {
  const lower = lowerings[node.type];
  if (lower) return lower(source, node);
  complain(source, node, node.type === tooDeep ? "nested too deeply" : "cannot be parsed");
  return broken(source, node);
}

/** The elements between the brackets, or of a list without any; commas are left out. */
export function elements(source: Source, node: TreeNode): Expression[] {
  const found: Expression[] = [];
  for (const child of node.children) if (!punctuation.has(child.type)) found.push(expression(source, child));
  return found;
}

/** One expression as itself, several or one with a comma after it as a tuple. */
export function oneOrTuple(source: Source, nodes: TreeNode[]): Expression {
  const first = nodes[0] as TreeNode;
  if (nodes.length === 1) return expression(source, first);
  const last = nodes[nodes.length - 1] as TreeNode;
  const elts = nodes.filter((node) => node.type !== ",").map((node) => expression(source, node));
  return { kind: "Tuple", ...spanBetween(source, first.start, last.end), elts };
}

export function broken(source: Source, node: TreeNode): Expression {
  return { kind: "BrokenExpression", ...spanOf(source, node) };
}

const punctuation = new Set(["(", ")", "[", "]", "{", "}", ","]);

const name: Lower = (source, node) => {
  const id = textOf(source, node).normalize("NFKC");
  return id === placeholder ? broken(source, node) : { kind: "Name", ...spanOf(source, node), id };
};

const attribute: Lower = (source, node) => {
  const attr = node.children[node.children.length - 1] as TreeNode;
  const value = expression(source, node.children[0] as TreeNode);
  const text = textOf(source, attr).normalize("NFKC");
  if (text === placeholder) return broken(source, node);
  return { kind: "Attribute", ...spanOf(source, node), value, attr: text, attrSpan: spanOf(source, attr) };
};

const singleton =
  (value: null | true | false | "..."): Lower =>
  (source, node) => ({ kind: "Singleton", ...spanOf(source, node), value });

const tuple: Lower = (source, node) => {
  // `(a) = 1` and `(a)` in a target are one element in brackets, which tree-sitter calls a tuple too.
  const alone = node.children.length === 3 && node.type === "tuple_pattern";
  if (alone) return expression(source, node.children[1] as TreeNode);
  return { kind: "Tuple", ...spanOf(source, node), elts: elements(source, node) };
};

const list: Lower = (source, node) => ({ kind: "List", ...spanOf(source, node), elts: elements(source, node) });
const set: Lower = (source, node) => ({ kind: "Set", ...spanOf(source, node), elts: elements(source, node) });

const dictionary: Lower = (source, node) => {
  const keys: (Expression | null)[] = [];
  const values: Expression[] = [];
  for (const child of node.children) {
    if (child.type === "pair") {
      keys.push(expression(source, child.children[0] as TreeNode));
      values.push(expression(source, child.children[2] as TreeNode));
    } else if (child.type === "dictionary_splat") {
      keys.push(null);
      values.push(expression(source, child.children[1] as TreeNode));
    }
  }
  return { kind: "Dict", ...spanOf(source, node), keys, values };
};

const parenthesized: Lower = (source, node) => expression(source, node.children[1] as TreeNode);
const only: Lower = (source, node) => expression(source, node.children[0] as TreeNode);

const binary: Lower = (source, node) => {
  const [left, op, right] = node.children as [TreeNode, TreeNode, TreeNode];
  return {
    kind: "BinOp",
    ...spanOf(source, node),
    op: op.type as BinaryOperator,
    left: expression(source, left),
    right: expression(source, right),
  };
};

const unary: Lower = (source, node) => ({
  kind: "UnaryOp",
  ...spanOf(source, node),
  op: (node.children[0] as TreeNode).type as "-",
  operand: expression(source, node.children[1] as TreeNode),
});

const boolean: Lower = (source, node) => {
  const op = (node.children[1] as TreeNode).type as "and";
  const operands: TreeNode[] = [];
  let left = node;
  while (left.type === "boolean_operator" && (left.children[1] as TreeNode).type === op) {
    operands.push(left.children[2] as TreeNode);
    left = left.children[0] as TreeNode;
  }
  operands.push(left);
  const values = operands.reverse().map((operand) => expression(source, operand));
  return { kind: "BoolOp", ...spanOf(source, node), op, values };
};

const comparison: Lower = (source, node) => {
  const ops: ComparisonOperator[] = [];
  const comparators: Expression[] = [];
  const left = expression(source, node.children[0] as TreeNode);
  for (let index = 1; index + 1 < node.children.length; index += 2) {
    const op = (node.children[index] as TreeNode).type;
    ops.push(op === "<>" ? "!=" : (op as ComparisonOperator));
    comparators.push(expression(source, node.children[index + 1] as TreeNode));
  }
  return { kind: "Compare", ...spanOf(source, node), left, ops, comparators };
};

const starred: Lower = (source, node) => ({
  kind: "Starred",
  ...spanOf(source, node),
  value: expression(source, node.children[1] as TreeNode),
});

const subscript: Lower = (source, node) => {
  const open = node.children.findIndex((child) => child.type === "[");
  return {
    kind: "Subscript",
    ...spanOf(source, node),
    value: expression(source, node.children[0] as TreeNode),
    slice: oneOrTuple(source, node.children.slice(open + 1, -1)),
  };
};

const slice: Lower = (source, node) => {
  const parts: (Expression | null)[] = [null, null, null];
  let part = 0;
  for (const child of node.children) {
    if (child.type === ":") part++;
    else parts[part] = expression(source, child);
  }
  const [lower, upper, step] = parts as [Expression | null, Expression | null, Expression | null];
  return { kind: "Slice", ...spanOf(source, node), lower, upper, step };
};

/** `List[int]` where a type is expected. */
const genericType: Lower = (source, node) => {
  const [id, brackets] = node.children as [TreeNode, TreeNode];
  return {
    kind: "Subscript",
    ...spanOf(source, node),
    value: name(source, id),
    slice: oneOrTuple(source, brackets.children.slice(1, -1)),
  };
};

const lambda: Lower = (source, node) => {
  const listed = node.children.find((child) => child.type === "lambda_parameters");
  return {
    kind: "Lambda",
    ...spanOf(source, node),
    args: listed ? parameters(source, listed) : [],
    body: expression(source, node.children[node.children.length - 1] as TreeNode),
  };
};

const conditional: Lower = (source, node) => ({
  kind: "IfExp",
  ...spanOf(source, node),
  body: expression(source, node.children[0] as TreeNode),
  test: expression(source, node.children[2] as TreeNode),
  orelse: expression(source, node.children[4] as TreeNode),
});

const named: Lower = (source, node) => ({
  kind: "NamedExpr",
  ...spanOf(source, node),
  target: textOf(source, node.children[0] as TreeNode),
  value: expression(source, node.children[2] as TreeNode),
});

const yielded: Lower = (source, node) => {
  const span = spanOf(source, node);
  const value = node.children[node.children.length - 1] as TreeNode;
  if (node.children.length === 1) return { kind: "Yield", ...span, value: null };
  if (node.children.length === 3) return { kind: "YieldFrom", ...span, value: expression(source, value) };
  return { kind: "Yield", ...span, value: expression(source, value) };
};

const awaited: Lower = (source, node) => {
  const [keyword, operand] = node.children as [TreeNode, TreeNode];
  // Python binds `await` tighter than `**`; the grammar has it the other way round.
  if (operand.type === "binary_operator") {
    const base = operand.children[0] as TreeNode;
    const inner: TreeNode = { type: "await", start: node.start, end: base.end, children: [keyword, base] };
    const power = { ...operand, start: node.start, children: [inner, ...operand.children.slice(1)] };
    return expression(source, power);
  }
  return { kind: "Await", ...spanOf(source, node), value: expression(source, operand) };
};

const bareTuple: Lower = (source, node) => oneOrTuple(source, node.children);

const lowerings: Record<string, Lower | undefined> = {
  identifier: name,
  dotted_name: only,
  string,
  concatenated_string: string,
  integer: number,
  float: number,
  true: singleton(true),
  false: singleton(false),
  none: singleton(null),
  ellipsis: singleton("..."),
  attribute,
  member_type: attribute,
  subscript,
  generic_type: genericType,
  slice,
  call,
  tuple,
  tuple_pattern: tuple,
  pattern_list: bareTuple,
  expression_list: bareTuple,
  list,
  list_pattern: list,
  set,
  dictionary,
  list_comprehension: comprehension,
  set_comprehension: comprehension,
  dictionary_comprehension: comprehension,
  generator_expression: comprehension,
  parenthesized_expression: parenthesized,
  type: only,
  as_pattern_target: only,
  binary_operator: binary,
  union_type: binary,
  unary_operator: unary,
  not_operator: unary,
  boolean_operator: boolean,
  comparison_operator: comparison,
  list_splat: starred,
  list_splat_pattern: starred,
  splat_type: starred,
  lambda,
  conditional_expression: conditional,
  named_expression: named,
  yield: yielded,
  await: awaited,
};
