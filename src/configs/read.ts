/** A config file's text: its values, and where each key stands. Half-typed JSON gives what can be read. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
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
  readonly faults: readonly { readonly span: Span; readonly text: string }[];
}

export function readConfig(text: string): ConfigText {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const span = spansOf(text);
  const faults = errors.map(({ error, offset, length }) => ({
    span: span(offset, length),
    text: `This is not JSON: ${words(printParseErrorCode(error))}.`,
  }));
  if (tree?.type !== "object") return { value: undefined, keys: [], faults };
  return { value: valueOf(tree) as Record<string, unknown>, keys: keysOf(tree, [], span), faults };
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
