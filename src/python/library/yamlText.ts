/** A YAML text as Python values: block and flow collections, scalars of YAML 1.1, anchors, merges and block texts. */
import type { Interpreter } from "../interpreter.ts";
import { dictSet } from "../keys.ts";
import { PyDict, PyList, type Value } from "../values.ts";
import { flowValue } from "./yamlFlow.ts";
import { scalarValue, unquoted } from "./yamlScalars.ts";

/** A text that is no YAML. */
export class YamlFault {
  constructor(readonly message: string) {}
}

/** A line with content: how far it is indented, and its text without a comment. */
interface Line {
  indent: number;
  text: string;
  readonly raw: string;
}

/** The documents of a text. Throws YamlFault. */
export function readYaml(py: Interpreter, text: string): Value[] {
  const parts = text.replace(/\r\n?/g, "\n").split(/^---(?:[ \t].*)?$/m);
  const found = parts.filter((part, i) => i > 0 || part.replace(/^\s*(#.*|%.*)?$/gm, "").trim() !== "");
  return found.map((part) => {
    const lines =
      part
        .split(/^\.\.\.\s*$/m)[0]
        ?.split("\n")
        .map(lineOf) ?? [];
    const reader: Reader = { py, lines, at: 0, anchors: new Map() };
    const next = content(reader);
    return next ? block(reader, next.indent) : null;
  });
}

interface Reader {
  readonly py: Interpreter;
  readonly lines: Line[];
  at: number;
  readonly anchors: Map<string, Value>;
}

function lineOf(raw: string): Line {
  const text = withoutComment(raw).trimEnd();
  return { indent: text.length - text.trimStart().length, text: text.trimStart(), raw };
}

/** A `#` after white space begins a comment, outside quotes. */
function withoutComment(raw: string): string {
  let quote = "";
  for (let i = 0; i < raw.length; i++) {
    const c = raw[i] as string;
    if (quote) {
      if (c === "\\" && quote === '"') i++;
      else if (c === quote) quote = "";
    } else if ((c === '"' || c === "'") && /[\s[{,:(]|^$/.test(raw[i - 1] ?? "")) quote = c;
    else if (c === "#" && /\s|^$/.test(raw[i - 1] ?? "")) return raw.slice(0, i);
  }
  return raw;
}

/** The next line that has content. */
function content(reader: Reader): Line | undefined {
  while (reader.at < reader.lines.length && reader.lines[reader.at]?.text === "") reader.at++;
  return reader.lines[reader.at];
}

const keyed = /^((?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'[\]{}#,&*!|>%@`-][^#]*?|-[^\s#][^#]*?)\s*):(?:\s+(.*))?$/;

/** What stands at an indentation: a list, a dictionary or one value. */
function block(reader: Reader, indent: number): Value {
  const line = content(reader) as Line;
  if (/^-(\s|$)/.test(line.text)) return sequence(reader, indent);
  if (keyed.test(line.text) || line.text.startsWith("? ")) return mapping(reader, indent);
  reader.at++;
  return value(reader, line.text, indent - 1, line);
}

function sequence(reader: Reader, indent: number): Value {
  const list = new PyList();
  for (
    let line = content(reader);
    line && line.indent === indent && /^-(\s|$)/.test(line.text);
    line = content(reader)
  ) {
    const rest = line.text.slice(1).trimStart();
    const nested = /^-(\s|$)/.test(rest) || (keyed.test(rest) && !/^["'[{]/.test(rest));
    if (rest !== "" && nested) {
      // The item's own lines stand where its first word does.
      line.indent = indent + line.text.length - rest.length;
      line.text = rest;
      list.items.push(block(reader, line.indent));
      continue;
    }
    reader.at++;
    list.items.push(value(reader, rest, indent, line));
  }
  return list;
}

function mapping(reader: Reader, indent: number): Value {
  const dict = new PyDict();
  const merged: Value[] = [];
  for (let line = content(reader); line && line.indent === indent; line = content(reader)) {
    const match = keyed.exec(line.text);
    if (!match) throw new YamlFault(`could not find expected ':' in "${line.text}"`);
    reader.at++;
    const key = (match[1] as string).trim();
    const held = value(reader, match[2] ?? "", indent, line);
    if (key === "<<") merged.push(...(held instanceof PyList ? held.items : [held]));
    else dictSet(reader.py, dict, /^["']/.test(key) ? unquoted(key) : scalarValue(key), held);
  }
  for (const other of merged) {
    if (!(other instanceof PyDict)) continue;
    for (const [hash, entry] of other.entries) if (!dict.entries.has(hash)) dict.entries.set(hash, entry);
  }
  return dict;
}

/** The value that begins with `text` on a line, and may go on below, deeper than `indent`. */
function value(reader: Reader, text: string, indent: number, line: Line): Value {
  const named = /^&(\S+)\s*(.*)$/.exec(text);
  if (named) {
    const held = value(reader, named[2] as string, indent, line);
    reader.anchors.set(named[1] as string, held);
    return held;
  }
  const tagged = /^!\S*\s*(.*)$/.exec(text);
  if (tagged) return value(reader, tagged[1] as string, indent, line);
  if (text.startsWith("*")) return reader.anchors.get(text.slice(1).trim()) ?? null;
  if (/^[|>][+-]?\d*[+-]?$/.test(text)) return blockText(reader, text, indent);
  if (text === "") {
    const next = content(reader);
    const deeper =
      next &&
      (next.indent > indent || (next.indent === indent && /^-(\s|$)/.test(next.text) && !/^-(\s|$)/.test(line.text)));
    return deeper ? block(reader, next.indent) : null;
  }
  if (/^[[{"']/.test(text)) return flow(reader, text);
  // A plain value may go on over deeper lines.
  let whole = text;
  for (let next = content(reader); next && next.indent > indent && !keyed.test(next.text); next = content(reader)) {
    whole += ` ${next.text}`;
    reader.at++;
  }
  return scalarValue(whole);
}

/** A collection in brackets or a quoted text, over as many lines as it takes. */
function flow(reader: Reader, first: string): Value {
  let text = first;
  for (;;) {
    const read = flowValue(reader.py, text, reader.anchors);
    if (read !== undefined) return read;
    const next = reader.lines[reader.at++];
    if (!next) throw new YamlFault(`a bracket or a quote is not closed in "${first}"`);
    text += ` ${next.text}`;
  }
}

/** `|` keeps the lines, `>` joins them. */
function blockText(reader: Reader, head: string, indent: number): Value {
  const lines: string[] = [];
  let depth: number | undefined;
  for (; reader.at < reader.lines.length; reader.at++) {
    const { raw } = reader.lines[reader.at] as Line;
    const own = raw.length - raw.trimStart().length;
    if (raw.trim() === "") lines.push("");
    else if (own <= indent) break;
    else {
      depth ??= own;
      lines.push(raw.slice(Math.min(own, depth)));
    }
  }
  while (lines.at(-1) === "") lines.pop();
  const text = head.startsWith("|") ? lines.join("\n") : lines.join(" ").replace(/ {2,}/g, "\n");
  return head.includes("-") ? text : `${text}\n`;
}
