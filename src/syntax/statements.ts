import { assignment, augmentedAssignment } from "./assignments.ts";
import type { Expression, Statement } from "./ast.ts";
import { classDefinition, decorated, functionDefinition } from "./definitions.ts";
import { expression, oneOrTuple } from "./expressions.ts";
import { futureImport, importFrom, importNames } from "./imports.ts";
import { indentation } from "./lines.ts";
import { matchStatement } from "./patterns.ts";
import { placeholder } from "./placeholder.ts";
import { complain, lineAt, type Source, spanOf, textOf } from "./source.ts";
import { type TreeNode, tooDeep } from "./tree.ts";
import { tryStatement } from "./tryStatements.ts";

type Lower = (source: Source, node: TreeNode) => Statement;

/** Lowers one statement. What does not parse comes out broken, with a problem. */
export function statement(source: Source, node: TreeNode): Statement {
  const lower = lowerings[node.type];
  if (lower) return lower(source, node);
  return broken(source, node, node.type === tooDeep ? "nested too deeply" : "cannot be parsed");
}

function broken(source: Source, node: TreeNode, message: string): Statement {
  complain(source, node, message);
  return { kind: "BrokenStatement", ...spanOf(source, node) };
}

/** The statements of a block. A block without any is a problem, and so is a line that stands too far to the right. */
export function block(source: Source, node: TreeNode): Statement[] {
  const found: Statement[] = [];
  let line = -1;
  let width = Infinity;
  for (const child of node.children) {
    if (child.type === ";") continue;
    const start = lineAt(source, child.start);
    if (start !== line && !source.lengths) {
      const own = indentation(source.text, source.lineStarts[start] as number).width;
      if (own > width) complain(source, child, "unexpected indentation");
      width = Math.min(own, width);
    }
    found.push(statement(source, child));
    line = lineAt(source, child.end);
  }
  if (found.length === 0) complain(source, node, "missing an indented block");
  return found;
}

/** The block among a clause's children; nothing where it is missing. */
export function body(source: Source, clause: TreeNode): Statement[] {
  const found = clause.children.find((child) => child.type === "block");
  return found ? block(source, found) : [];
}

/** The block of the `else` among a statement's children. */
export function orElse(source: Source, node: TreeNode): Statement[] {
  const clause = node.children.find((child) => child.type === "else_clause");
  return clause ? body(source, clause) : [];
}

const simple =
  (kind: "Pass" | "Break" | "Continue"): Lower =>
  (source, node) => ({ kind, ...spanOf(source, node) });

const returned: Lower = (source, node) => {
  const value = node.children[1];
  return { kind: "Return", ...spanOf(source, node), value: value ? expression(source, value) : null };
};

const deleted: Lower = (source, node) => {
  const listed = node.children[1] as TreeNode;
  const nodes = listed.type === "expression_list" ? listed.children.filter((child) => child.type !== ",") : [listed];
  return { kind: "Delete", ...spanOf(source, node), targets: nodes.map((target) => expression(source, target)) };
};

const raised: Lower = (source, node) => {
  const from = node.children.findIndex((child) => child.type === "from");
  const cause = from >= 0 ? expression(source, node.children[from + 1] as TreeNode) : null;
  const first = from === 1 ? undefined : node.children[1];
  let exc = first ? expression(source, first) : null;
  // Python 2 wrote `raise E, "message"`.
  if (first?.type === "expression_list" && exc?.kind === "Tuple") {
    const [func, ...args] = exc.elts as [Expression, ...Expression[]];
    exc = { kind: "Call", ...spanOf(source, first), func, args, keywords: [] };
  }
  return { kind: "Raise", ...spanOf(source, node), exc, cause };
};

const asserted: Lower = (source, node) => {
  const [test, msg] = node.children.filter((child) => child.type !== "assert" && child.type !== ",");
  return {
    kind: "Assert",
    ...spanOf(source, node),
    test: expression(source, test as TreeNode),
    msg: msg ? expression(source, msg) : null,
  };
};

const scope =
  (kind: "Global" | "Nonlocal"): Lower =>
  (source, node) => {
    const names = node.children.filter((child) => child.type === "identifier").map((child) => textOf(source, child));
    return { kind, ...spanOf(source, node), names };
  };

/** Each `elif` stands in the one before it, so many of them would nest too deeply for whoever walks the tree. */
const mostClauses = 300;

const conditional: Lower = (source, node) => {
  const clauses = node.children.filter((child) => child.type === "elif_clause" || child.type === "else_clause");
  if (clauses.length > mostClauses) return broken(source, node, "has too many branches");
  let orelse: Statement[] = [];
  for (const clause of clauses.reverse()) {
    if (clause.type === "else_clause") {
      orelse = body(source, clause);
      continue;
    }
    const test = expression(source, clause.children[1] as TreeNode);
    const span = { ...spanOf(source, clause) };
    const last = orelse[orelse.length - 1];
    if (last) Object.assign(span, { endLine: last.endLine, endColumn: last.endColumn });
    orelse = [{ kind: "If", ...span, test, body: body(source, clause), orelse }];
  }
  const test = expression(source, node.children[1] as TreeNode);
  return { kind: "If", ...spanOf(source, node), test, body: body(source, node), orelse };
};

const loop: Lower = (source, node) => {
  const isAsync = node.children[0]?.type === "async";
  const at = isAsync ? 2 : 1;
  return {
    kind: "For",
    ...spanOf(source, node),
    target: expression(source, node.children[at] as TreeNode),
    iter: expression(source, node.children[at + 2] as TreeNode),
    body: body(source, node),
    orelse: orElse(source, node),
    isAsync,
  };
};

const whileLoop: Lower = (source, node) => ({
  kind: "While",
  ...spanOf(source, node),
  test: expression(source, node.children[1] as TreeNode),
  body: body(source, node),
  orelse: orElse(source, node),
});

const withStatement: Lower = (source, node) => {
  const clause = node.children.find((child) => child.type === "with_clause") as TreeNode;
  const items = clause.children.filter((child) => child.type === "with_item").map((item) => withItem(source, item));
  const isAsync = node.children[0]?.type === "async";
  return { kind: "With", ...spanOf(source, node), items, body: body(source, node), isAsync };
};

function withItem(source: Source, item: TreeNode): { value: Expression; target: Expression | null } {
  const only = item.children[0] as TreeNode;
  if (only.type !== "as_pattern") return { value: expression(source, only), target: null };
  const [value, , target] = only.children as [TreeNode, TreeNode, TreeNode];
  return { value: expression(source, value), target: expression(source, target) };
}

/** Python 2's statement, as a call of the function that took its place. */
const printed: Lower = (source, node) => {
  const span = spanOf(source, node);
  const [word, ...rest] = node.children as [TreeNode, ...TreeNode[]];
  const func: Expression = { kind: "Name", ...spanOf(source, word), id: textOf(source, word) };
  const chevron = rest.find((child) => child.type === "chevron");
  const plain = rest.filter((child) => child.type !== "," && child.type !== "chevron" && child.type !== "in");
  const file = chevron && expression(source, chevron.children[1] as TreeNode);
  const keywords = file ? [{ arg: "file", value: file, span: spanOf(source, chevron) }] : [];
  const args = plain.map((argument) => expression(source, argument));
  return { kind: "ExpressionStatement", ...span, value: { kind: "Call", ...span, func, args, keywords } };
};

/** `type X = …` binds the type; one with parameters of its own binds what cannot be known. */
const typeAlias: Lower = (source, node) => {
  const [, left, , right] = node.children as [TreeNode, TreeNode, TreeNode, TreeNode];
  const span = spanOf(source, node);
  const target = expression(source, left);
  if (target.kind === "Name") return { kind: "Assign", ...span, targets: [target], value: expression(source, right) };
  const generic = target.kind === "Subscript" ? target.value : target;
  return { kind: "Assign", ...span, targets: [generic], value: { kind: "BrokenExpression", ...spanOf(source, right) } };
};

const bare: Lower = (source, node) => {
  const only = node.children[0] as TreeNode;
  const span = spanOf(source, node);
  if (node.children.length > 1)
    return { kind: "ExpressionStatement", ...span, value: oneOrTuple(source, node.children) };
  if (only.type === "assignment") return assignment(source, only);
  if (only.type === "augmented_assignment") return augmentedAssignment(source, only);
  if (only.type === "identifier" && textOf(source, only) === placeholder) return { kind: "BrokenStatement", ...span };
  return { kind: "ExpressionStatement", ...span, value: expression(source, only) };
};

const lowerings: Record<string, Lower | undefined> = {
  expression_statement: bare,
  return_statement: returned,
  delete_statement: deleted,
  raise_statement: raised,
  assert_statement: asserted,
  global_statement: scope("Global"),
  nonlocal_statement: scope("Nonlocal"),
  pass_statement: simple("Pass"),
  break_statement: simple("Break"),
  continue_statement: simple("Continue"),
  import_statement: importNames,
  import_from_statement: importFrom,
  future_import_statement: futureImport,
  print_statement: printed,
  exec_statement: printed,
  type_alias_statement: typeAlias,
  if_statement: conditional,
  for_statement: loop,
  while_statement: whileLoop,
  try_statement: tryStatement,
  with_statement: withStatement,
  match_statement: matchStatement,
  function_definition: (source, node) => functionDefinition(source, node, []),
  class_definition: (source, node) => classDefinition(source, node, []),
  decorated_definition: decorated,
};
