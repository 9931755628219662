/** A file's syntax tree with what rules ask of it: where a node stands, what holds it, how it is written, what a name means. */
import type { Place, Span } from "../../base/place.ts";
import type { ClassDef, Expression, FunctionDef, Keyword, Module } from "../../syntax/ast.ts";
import { absolute, children, type SyntaxNode } from "../../syntax/walk.ts";

export type CallNode = Extract<Expression, { kind: "Call" }>;
type Kind = SyntaxNode["kind"];

export interface Code {
  readonly path: string;
  readonly lines: readonly string[];
  /** Every node, outermost first, in the order of the text. */
  readonly nodes: readonly SyntaxNode[];
  readonly calls: readonly CallNode[];
  parent(node: SyntaxNode): SyntaxNode | undefined;
  span(node: SyntaxNode): Span;
  place(node: SyntaxNode): Place;
  /** The call that stands exactly at a place of this file. */
  callAt(at: Place | undefined): CallNode | undefined;
  /** As it is written. */
  text(node: SyntaxNode): string;
  /** `torch.nn.functional.softmax` for `F.softmax`; nothing for what no import binds. */
  dotted(node: Expression): string | undefined;
}

const known = new WeakMap<Module, { text: string; code: Code }>();

/** The code of a file. It is the same object for the same tree. */
export function codeOf(file: Module, text: string): Code {
  const before = known.get(file);
  if (before?.text === text) return before.code;
  const code = readCode(file, text);
  known.set(file, { text, code });
  return code;
}

function readCode(file: Module, source: string): Code {
  const lines = source.split("\n");
  const nodes: SyntaxNode[] = [];
  const firstLines = new Map<SyntaxNode, number>();
  const parents = new Map<SyntaxNode, SyntaxNode>();
  const visit = (node: SyntaxNode, firstLine: number) => {
    nodes.push(node);
    firstLines.set(node, firstLine);
    for (const child of children(node)) {
      parents.set(child, node);
      visit(child, firstLine);
    }
  };
  for (const { chunk, node } of file.statements) visit(node, chunk.firstLine);
  const imports = importsOf(nodes);
  const span = (node: SyntaxNode) => absolute(node, firstLines.get(node) ?? 0);
  const dotted = (node: Expression): string | undefined => {
    if (node.kind === "Name") return imports.get(node.id);
    if (node.kind !== "Attribute") return undefined;
    const outer = dotted(node.value);
    return outer === undefined ? undefined : `${outer}.${node.attr}`;
  };
  const calls = nodes.filter((node): node is CallNode => node.kind === "Call");
  let byPlace: ReadonlyMap<string, CallNode> | undefined;
  return {
    path: file.path,
    lines,
    nodes,
    calls,
    callAt(at) {
      if (at?.path !== file.path) return undefined;
      byPlace ??= new Map(calls.map((call) => [placeKey(span(call)), call]));
      return byPlace.get(placeKey(at));
    },
    parent: (node) => parents.get(node),
    span,
    place: (node) => ({ path: file.path, ...span(node) }),
    text: (node) => textIn(lines, span(node)),
    dotted,
  };
}

function importsOf(nodes: readonly SyntaxNode[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const node of nodes) {
    if (node.kind === "Import") {
      for (const { name, asname } of node.names) {
        const [head = name] = name.split(".");
        if (asname) found.set(asname, name);
        else found.set(head, head);
      }
    } else if (node.kind === "ImportFrom" && node.names !== "*" && node.level === 0) {
      for (const { name, asname } of node.names) found.set(asname ?? name, `${node.module}.${name}`);
    }
  }
  return found;
}

/** A span as one word. */
export function placeKey({ line, column, endLine, endColumn }: Span): string {
  return `${line}:${column}:${endLine}:${endColumn}`;
}

/** The text of a span. */
export function textIn(lines: readonly string[], { line, column, endLine, endColumn }: Span): string {
  if (line === endLine) return (lines[line] ?? "").slice(column, endColumn);
  const last = (lines[endLine] ?? "").slice(0, endColumn);
  return [(lines[line] ?? "").slice(column), ...lines.slice(line + 1, endLine), last].join("\n");
}

/** What holds a node, innermost first. */
export function* around(node: SyntaxNode, code: Code): Generator<SyntaxNode> {
  for (let one = code.parent(node); one; one = code.parent(one)) yield one;
}

/** The innermost node of these kinds that holds the node. */
export function enclosing<K extends Kind>(
  node: SyntaxNode,
  code: Code,
  ...kinds: K[]
): Extract<SyntaxNode, { kind: K }> | undefined {
  for (const one of around(node, code))
    if ((kinds as readonly Kind[]).includes(one.kind)) return one as Extract<SyntaxNode, { kind: K }>;
  return undefined;
}

/** The function whose code a node is; nothing at a file's top level. */
export function functionOf(node: SyntaxNode, code: Code): FunctionDef | undefined {
  return enclosing(node, code, "FunctionDef");
}

/** The class whose method a function is. */
export function ownerOf(func: FunctionDef, code: Code): ClassDef | undefined {
  const holder = code.parent(func);
  return holder?.kind === "ClassDef" ? holder : undefined;
}

/** Whether a node is the other or stands in it. */
export function isIn(node: SyntaxNode, outer: SyntaxNode, code: Code): boolean {
  if (node === outer) return true;
  for (const one of around(node, code)) if (one === outer) return true;
  return false;
}

/** Every node of a part of the file, that part first. */
export function within(node: SyntaxNode): SyntaxNode[] {
  return [node, ...children(node).flatMap(within)];
}

/** A keyword argument of a call. */
export function keyword({ keywords }: CallNode, name: string): Keyword | undefined {
  return keywords.find(({ arg }) => arg === name);
}

/** The name of the method that a call calls: `item` in `loss.item()`. */
export function method({ func }: CallNode): string | undefined {
  return func.kind === "Attribute" ? func.attr : undefined;
}

/** What a method is called on: `loss` in `loss.item()`. */
export function receiver({ func }: CallNode): Expression | undefined {
  return func.kind === "Attribute" ? func.value : undefined;
}

/** Adds values to the list that a map has for a key. */
export function gather<Key, Value>(map: Map<Key, Value[]>, key: Key, ...values: Value[]): void {
  const list = map.get(key);
  if (list) list.push(...values);
  else map.set(key, values);
}
