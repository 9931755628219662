/**
 * Which names a block of code binds and uses, found from the tree alone. A block is a module, class, function, lambda or
 * generator expression; list, set and dict comprehensions are inline blocks that run in the frame around them.
 */
import type {
  ClassDef,
  Comprehension,
  Expression,
  FunctionDef,
  Parameters,
  Pattern,
  Statement,
} from "../../syntax/ast.ts";
import { deferredBody } from "../../syntax/deferred.ts";
import { type Block, block, forget, open } from "./blocks.ts";
import { childrenOf } from "./children.ts";

/** The block of top-level statements. */
export function moduleBlock(statements: readonly Statement[]): Block {
  const found = block("module");
  scanAll(statements, found);
  return found;
}

/** Names that statements bind in their own block. */
export function boundNames(statements: readonly Statement[]): string[] {
  return [...moduleBlock(statements).bound];
}

function functionBlock(parent: Block, node: FunctionDef | (Expression & { kind: "Lambda" })): Block {
  const inner = open(parent, node, "function");
  for (const parameter of node.args) inner.bound.add(parameter.name);
  const deferred = node.kind === "FunctionDef" ? deferredBody(node) : undefined;
  // It stands in no other function: nothing around it could give it a variable but a class, to its methods.
  if (deferred) {
    if (deferred.mentionsClass) inner.uses.add("__class__");
    unread.set(inner, deferred);
    return inner;
  }
  if (node.kind === "Lambda") scanExpression(node.body, inner);
  else scanAll(node.body, inner);
  return inner;
}

const unread = new WeakMap<Block, NonNullable<ReturnType<typeof deferredBody>>>();

/** What is known of a function whose body was left for later; undefined where it was read. */
export function unreadBody(of: Block): { readonly hasDoc: boolean } | undefined {
  return unread.get(of);
}

/** Finds what is in the body of a function that was left for later. */
export function readBody(node: FunctionDef, into: Block): void {
  unread.delete(into);
  scanAll(node.body, into);
  forget(into);
}

function scanAll(statements: readonly Statement[], into: Block): void {
  for (const statement of statements) scanStatement(statement, into);
}

function scanParameters(parameters: Parameters, into: Block): void {
  for (const { default: value, annotation } of parameters) {
    if (value) scanExpression(value, into);
    if (annotation) scanExpression(annotation, into);
  }
}

function scanFunction(node: FunctionDef, into: Block): void {
  into.bound.add(node.name);
  for (const decorator of node.decorators) scanExpression(decorator, into);
  scanParameters(node.args, into);
  if (node.returns) scanExpression(node.returns, into);
  functionBlock(into, node);
}

function scanClass(node: ClassDef, into: Block): void {
  into.bound.add(node.name);
  for (const decorator of node.decorators) scanExpression(decorator, into);
  for (const base of node.bases) scanExpression(base, into);
  for (const { value } of node.keywords) scanExpression(value, into);
  scanAll(node.body, open(into, node, "class"));
}

function scanStatement(node: Statement, into: Block): void {
  switch (node.kind) {
    case "FunctionDef":
      return scanFunction(node, into);
    case "ClassDef":
      return scanClass(node, into);
    case "Return":
      if (node.value) scanExpression(node.value, into);
      return;
    case "Delete":
      for (const target of node.targets) scanTarget(target, into);
      return;
    case "Assign":
      scanExpression(node.value, into);
      for (const target of node.targets) scanTarget(target, into);
      return;
    case "AugAssign":
      scanExpression(node.value, into);
      if (node.target.kind === "Name") into.uses.add(node.target.id);
      return scanTarget(node.target, into);
    case "AnnAssign":
      if (node.value) scanExpression(node.value, into);
      scanExpression(node.annotation, into);
      // A bare annotation makes a local name too, as in Python.
      return scanTarget(node.target, into);
    case "For":
      scanExpression(node.iter, into);
      scanTarget(node.target, into);
      scanAll(node.body, into);
      return scanAll(node.orelse, into);
    case "While":
    case "If":
      scanExpression(node.test, into);
      scanAll(node.body, into);
      return scanAll(node.orelse, into);
    case "With":
      for (const { value, target } of node.items) {
        scanExpression(value, into);
        if (target) scanTarget(target, into);
      }
      return scanAll(node.body, into);
    case "Raise":
      if (node.exc) scanExpression(node.exc, into);
      if (node.cause) scanExpression(node.cause, into);
      return;
    case "Try":
      scanAll(node.body, into);
      for (const { type, name, body } of node.handlers) {
        if (type) scanExpression(type, into);
        if (name) into.bound.add(name);
        scanAll(body, into);
      }
      scanAll(node.orelse, into);
      return scanAll(node.finalbody, into);
    case "Assert":
      scanExpression(node.test, into);
      if (node.msg) scanExpression(node.msg, into);
      return;
    case "Import":
      for (const { name, asname } of node.names) into.bound.add(asname ?? (name.split(".")[0] as string));
      return;
    case "ImportFrom":
      if (node.names !== "*") for (const { name, asname } of node.names) into.bound.add(asname ?? name);
      return;
    case "Global":
      for (const name of node.names) into.globals.add(name);
      return;
    case "Nonlocal":
      for (const name of node.names) into.nonlocals.add(name);
      return;
    case "ExpressionStatement":
      return scanExpression(node.value, into);
    case "Match":
      scanExpression(node.subject, into);
      for (const { pattern, guard, body } of node.cases) {
        scanPattern(pattern, into);
        if (guard) scanExpression(guard, into);
        scanAll(body, into);
      }
  }
}

function scanTarget(node: Expression, into: Block): void {
  switch (node.kind) {
    case "Name":
      into.bound.add(node.id);
      return;
    case "Tuple":
    case "List":
      for (const one of node.elts) scanTarget(one, into);
      return;
    case "Starred":
      return scanTarget(node.value, into);
    default:
      scanExpression(node, into);
  }
}

function scanPattern(pattern: Pattern, into: Block): void {
  switch (pattern.kind) {
    case "MatchValue":
      return scanExpression(pattern.value, into);
    case "MatchSequence":
    case "MatchOr":
      for (const one of pattern.patterns) scanPattern(one, into);
      return;
    case "MatchMapping":
      for (const key of pattern.keys) scanExpression(key, into);
      for (const one of pattern.patterns) scanPattern(one, into);
      if (pattern.rest) into.bound.add(pattern.rest);
      return;
    case "MatchClass":
      scanExpression(pattern.cls, into);
      for (const one of pattern.patterns) scanPattern(one, into);
      for (const { pattern: one } of pattern.keywords) scanPattern(one, into);
      return;
    case "MatchStar":
    case "MatchAs":
      if (pattern.name) into.bound.add(pattern.name);
      if (pattern.kind === "MatchAs" && pattern.pattern) scanPattern(pattern.pattern, into);
  }
}

function scanExpression(node: Expression, into: Block): void {
  switch (node.kind) {
    case "Name":
      into.uses.add(node.id);
      if (node.id === "super") into.uses.add("__class__");
      return;
    case "Lambda":
      scanParameters(node.args, into);
      functionBlock(into, node);
      return;
    case "ListComp":
    case "SetComp":
      return scanComprehension(node, node.generators, [node.elt], "inline", into);
    case "GeneratorExp":
      return scanComprehension(node, node.generators, [node.elt], "function", into);
    case "DictComp":
      return scanComprehension(node, node.generators, [node.key, node.value], "inline", into);
    case "NamedExpr": {
      scanExpression(node.value, into);
      walrus(into, node.target);
      return;
    }
    case "Yield":
    case "YieldFrom":
      into.yields = true;
      if (node.value) scanExpression(node.value, into);
      return;
    default:
      for (const child of childrenOf(node)) scanExpression(child, into);
  }
}

/** A walrus binds in the nearest block that is no comprehension. */
const hosts = new WeakMap<Block, Block>();
function walrus(into: Block, name: string): void {
  const host = hosts.get(into);
  if (host) {
    into.uses.add(name);
    walrus(host, name);
  } else into.bound.add(name);
}

function scanComprehension(
  node: Expression,
  generators: readonly Comprehension[],
  results: readonly Expression[],
  kind: "inline" | "function",
  into: Block,
): void {
  const [first] = generators;
  if (first) scanExpression(first.iter, into);
  const inner = open(into, node, kind);
  if (kind === "inline") hosts.set(inner, into);
  for (const [i, { target, iter, ifs }] of generators.entries()) {
    if (i > 0) scanExpression(iter, inner);
    scanTarget(target, inner);
    for (const test of ifs) scanExpression(test, inner);
  }
  for (const result of results) scanExpression(result, inner);
}
