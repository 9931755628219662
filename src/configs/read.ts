/** A config file's text: its values, and where each key stands. Half-typed JSON gives what can be read. */
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Span } from "../base/place.ts";
import { spansOf } from "./spans.ts";

/** One key of the file, `path` from the outside in. */
export interface ConfigKey {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly keySpan: Span;
  readonly valueSpan: Span;
}

export interface ConfigText {
  /** The file's object; undefined where the text holds none. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly keys: readonly ConfigKey[];
  /** What is wrong with the text itself. */
  readonly faults: readonly TextFault[];
}

export interface TextFault {
  readonly span: Span;
  readonly text: string;
  /** Transformers, which reads plain JSON, reads the file nevertheless; left out: it does not. */
  readonly isHarmless?: boolean;
}

/** Longer texts are no config: the longest that are published have some hundred thousand characters, all of them labels. */
const mostCharacters = 4_000_000;

/** Configs nest four deep; what nests deeper than this is not read. */
const deepest = 64;

/** Of as many faults of syntax only the first are told. */
const mostFaults = 20;

/** A config's text, told also of what transformers stumbles over and we do not. */
export function readConfig(text: string): ConfigText {
  const { tree, ...read } = parsed(text);
  if (tree && tree.type !== "object") {
    const what = `A config is a JSON object, and this is ${/^[aeiou]/.test(tree.type) ? "an" : "a"} ${tree.type}.`;
    return { ...read, faults: [...read.faults, { span: spansOf(text)(tree.offset, 1), text: what }] };
  }
  if (!tree) return read;
  return { ...read, faults: [...read.faults, ...looseness(text, spansOf(text)), ...repeated(read.keys)] };
}

/** A file in JSON with comments and trailing commas, which are no faults in it. */
export function readJson(text: string): ConfigText {
  const { value, keys, faults } = parsed(text);
  return { value, keys, faults };
}

function parsed(text: string): ConfigText & { readonly tree?: Node | undefined } {
  const refusal = unreadable(text);
  if (refusal) return { value: undefined, keys: [], faults: [refusal] };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const span = spansOf(text);
  const faults = errors.slice(0, mostFaults).map(({ error, offset, length }) => ({
    span: span(offset, length),
    text: `This is not JSON: ${words(printParseErrorCode(error))}.`,
  }));
  if (tree?.type !== "object") return { tree, value: undefined, keys: [], faults };
  return { tree, value: valueOf(tree) as Record<string, unknown>, keys: keysOf(tree, [], span), faults };
}

/** Why a text is not even looked at, as one fault at its beginning. */
function unreadable(text: string): TextFault | undefined {
  const span = { line: 0, column: 0, endLine: 0, endColumn: 1 };
  if (text.length > mostCharacters) {
    const size = `${Math.round(text.length / 1e6)} MB`;
    return { span, text: `The file holds ${size}: a config has some kilobytes, and more than 4 MB are not read.` };
  }
  let depth = 0;
  let most = 0;
  for (const { kind } of tokensOf(text)) {
    if (kind === SyntaxKind.OpenBraceToken || kind === SyntaxKind.OpenBracketToken) most = Math.max(most, ++depth);
    else if (kind === SyntaxKind.CloseBraceToken || kind === SyntaxKind.CloseBracketToken) depth--;
  }
  if (most <= deepest) return undefined;
  return {
    span,
    text: `The file nests ${most} deep: a config nests four deep, and more than ${deepest} are not read.`,
  };
}

/** The scanner's kinds, as jsonc-parser numbers them. */
const SyntaxKind = {
  OpenBraceToken: 1,
  CloseBraceToken: 2,
  OpenBracketToken: 3,
  CloseBracketToken: 4,
  CommaToken: 5,
  LineCommentTrivia: 12,
  BlockCommentTrivia: 13,
  LineBreakTrivia: 14,
  Trivia: 15,
  EOF: 17,
} as const;

interface Token {
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
}

function* tokensOf(text: string): Iterable<Token> {
  const scanner = createScanner(text, false);
  for (let kind: number = scanner.scan(); kind !== SyntaxKind.EOF; kind = scanner.scan())
    yield { kind, offset: scanner.getTokenOffset(), length: scanner.getTokenLength() };
}

/** The first comment and the first comma before a closing bracket: Python's reader of JSON stops at either. */
function looseness(text: string, span: (offset: number, length: number) => Span): TextFault[] {
  const found = new Map<string, TextFault>();
  const tell = (what: string, { offset, length }: Token) => {
    const [first = ""] = text.slice(offset, offset + length).split("\n");
    const sentence = `${what}: transformers reads plain JSON, and stops here. Assay reads on.`;
    if (!found.has(what)) found.set(what, { span: span(offset, first.trimEnd().length), text: sentence });
  };
  let comma: Token | undefined;
  for (const token of tokensOf(text)) {
    const { kind } = token;
    if (kind === SyntaxKind.Trivia || kind === SyntaxKind.LineBreakTrivia) continue;
    if (kind === SyntaxKind.LineCommentTrivia || kind === SyntaxKind.BlockCommentTrivia) {
      tell("A comment", token);
      continue;
    }
    const isClosing = kind === SyntaxKind.CloseBraceToken || kind === SyntaxKind.CloseBracketToken;
    if (comma && isClosing) tell("A comma before a closing bracket", comma);
    comma = kind === SyntaxKind.CommaToken ? token : undefined;
  }
  return [...found.values()];
}

/** Keys that stand twice in one object: JSON readers keep the last. */
function repeated(keys: readonly ConfigKey[]): TextFault[] {
  const seen = new Map<string, ConfigKey>();
  return keys.flatMap((key) => {
    const name = JSON.stringify(key.path);
    const before = seen.get(name);
    seen.set(name, key);
    if (!before) return [];
    const line = key.keySpan.line + 1;
    const text = `${key.path.at(-1)} stands here and on line ${line}: the last one counts.`;
    return [{ span: before.keySpan, text, isHarmless: true }];
  });
}

/** Whether the object describes a model: it names its family or its class. */
export function isModelConfig(value: Readonly<Record<string, unknown>> | undefined): boolean {
  return typeof value?.["model_type"] === "string" || Array.isArray(value?.["architectures"]);
}

/** The key under a position, the innermost where several are. */
export function keyAt(keys: readonly ConfigKey[], line: number, column: number): ConfigKey | undefined {
  return keys
    .filter(({ keySpan, valueSpan }) =>
      holds({ ...keySpan, endLine: valueSpan.endLine, endColumn: valueSpan.endColumn }, line, column),
    )
    .at(-1);
}

function holds({ line, column, endLine, endColumn }: Span, atLine: number, atColumn: number): boolean {
  const after = atLine > line || (atLine === line && atColumn >= column);
  return after && (atLine < endLine || (atLine === endLine && atColumn <= endColumn));
}

function keysOf(node: Node, path: readonly string[], span: (offset: number, length: number) => Span): ConfigKey[] {
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    if (property.type !== "property" || !key) return [];
    const own = [...path, String(key.value)];
    const keySpan = span(key.offset, key.length);
    const valueSpan = value ? span(value.offset, value.length) : keySpan;
    const entry = { path: own, value: value && valueOf(value), keySpan, valueSpan };
    return [entry, ...(value?.type === "object" ? keysOf(value, own, span) : [])];
  });
}

/** A node's value; what is missing in half-typed text is null. */
function valueOf(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(valueOf);
  if (node.type !== "object") return node.value ?? null;
  const entries = (node.children ?? []).flatMap((property): [string, unknown][] => {
    const [key, value] = property.children ?? [];
    return key && value ? [[String(key.value), valueOf(value)]] : [];
  });
  return Object.fromEntries(entries);
}

/** `CommaExpected` as `comma expected`. */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
