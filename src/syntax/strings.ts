import type { Expression, FormattedValue, JoinedStr } from "./ast.ts";
import { unescaped } from "./escapes.ts";
import { oneOrTuple } from "./expressions.ts";
import { detached, type Source, spanBetween, spanOf, textOf } from "./source.ts";
import type { TreeNode } from "./tree.ts";

type Part = string | FormattedValue;

/** A string literal, or several that stand side by side, as one value. */
export function string(source: Source, node: TreeNode): Expression {
  const span = spanOf(source, node);
  const literals = node.type === "string" ? [node] : node.children;
  const parts: Part[] = [];
  let formatted = false;
  let bytes = true;
  for (const literal of literals) {
    const { prefix, raw, from, to } = delimiters(source, literal);
    const isBytes = prefix.includes("b");
    bytes &&= isBytes;
    if (prefix.includes("f")) {
      formatted = true;
      for (const part of formattedParts(source, literal, from, to, raw)) add(parts, part);
    } else {
      const content = newlines(source.text.slice(from, to));
      add(parts, raw ? content : unescaped(content, isBytes));
    }
  }
  if (formatted) return { kind: "JoinedStr", ...span, values: parts };
  return { kind: bytes ? "Bytes" : "Str", ...span, value: (parts[0] as string | undefined) ?? "" };
}

/** Text in front of text is one text; empty text is nothing. */
function add(parts: Part[], part: Part): void {
  const last = parts.length - 1;
  if (typeof part === "string" && typeof parts[last] === "string") parts[last] += part;
  else if (part !== "") parts.push(part);
}

function delimiters(source: Source, literal: TreeNode): { prefix: string; raw: boolean; from: number; to: number } {
  let at = literal.start;
  while (at < literal.end && !isQuote(source.text.charCodeAt(at))) at++;
  const prefix = source.text.slice(literal.start, at).toLowerCase();
  const quote = source.text[at] as string;
  const length = literal.end - at >= 6 && source.text.startsWith(quote.repeat(3), at) ? 3 : 1;
  return { prefix, raw: prefix.includes("r"), from: at + length, to: literal.end - length };
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}

/** Python reads every line ending in a literal as `\n`. */
function newlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : detached(text);
}

function formattedParts(source: Source, literal: TreeNode, from: number, to: number, raw: boolean): Part[] {
  const parts: Part[] = [];
  let at = from;
  const addText = (end: number) => {
    const content = newlines(source.text.slice(at, end));
    add(parts, doubledBraces(content, raw));
  };
  for (const child of literal.children) {
    if (child.type !== "interpolation" && child.type !== "format_expression") continue;
    addText(child.start);
    const value = interpolation(source, child, raw);
    add(parts, value);
    at = child.end;
  }
  addText(to);
  return parts;
}

/** The literal text of an f-string, in which a brace is written twice (but `\N{…}` has single ones). */
function doubledBraces(content: string, raw: boolean): string {
  if (raw) return content.replaceAll("{{", "{").replaceAll("}}", "}");
  if (!content.includes("{") && !content.includes("}")) return unescaped(content, false);
  const pieces = content.split(/(\\N\{[^}]*\}|\\\\|\{\{|\}\})/);
  return unescaped(pieces.map((piece) => (piece === "{{" ? "{" : piece === "}}" ? "}" : piece)).join(""), false);
}

function interpolation(source: Source, node: TreeNode, raw: boolean): FormattedValue {
  const value: TreeNode[] = [];
  let conversion: FormattedValue["conversion"] = "";
  let format: JoinedStr | null = null;
  let debug = "";
  for (const child of node.children) {
    switch (child.type) {
      case "{":
      case "}":
        break;
      case "=":
        debug = source.text.slice(node.start + 1, child.start);
        break;
      case "type_conversion":
        conversion = textOf(source, child).slice(1) as "r";
        break;
      case "format_specifier":
        format = formatSpecifier(source, child, raw);
        break;
      case "named_expression": {
        // `{x:=5}` is no assignment but a format, as there are no brackets around it.
        const [name, operator] = child.children as [TreeNode, TreeNode];
        value.push(name);
        const text = source.text.slice(operator.start + 1, child.end);
        format = { kind: "JoinedStr", ...spanBetween(source, operator.start, child.end), values: [text] };
        break;
      }
      default:
        value.push(child);
    }
  }
  if (debug && !conversion && !format) conversion = "r";
  return { value: oneOrTuple(source, value), conversion, format, debug };
}

function formatSpecifier(source: Source, node: TreeNode, raw: boolean): JoinedStr {
  const values = formattedParts(source, node, node.start + 1, node.end, raw);
  return { kind: "JoinedStr", ...spanBetween(source, node.start, node.end), values };
}
