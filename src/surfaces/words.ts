/** What a position in Python text points at, read from the text alone, since the text may be broken elsewhere. */
import type { Span } from "../base/place.ts";

/** A dotted name up to the word under the cursor. */
export interface Word {
  /** `["self", "transformer", "wte"]` with the cursor on `wte`. */
  readonly chain: readonly string[];
  /** The last word. */
  readonly span: Span;
}

/** The dotted name that ends with the word at a position. */
export function wordAt(lines: readonly string[], line: number, column: number): Word | undefined {
  const text = lines[line] ?? "";
  const before = /[\p{L}\p{N}_]*$/u.exec(text.slice(0, column))![0];
  const after = /^[\p{L}\p{N}_]*/u.exec(text.slice(column))![0];
  const start = column - before.length;
  const word = before + after;
  if (word === "" || /^\p{N}/u.test(word)) return undefined;
  const outer = /((?:[\p{L}_][\p{L}\p{N}_]*\s*\.\s*)*)$/u.exec(text.slice(0, start))![0];
  const chain = [
    ...outer
      .split(".")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
    word,
  ];
  return { chain, span: { line, column: start, endLine: line, endColumn: start + word.length } };
}

/** The class whose body holds a line: its name and the line of its `class`. */
export function enclosingClass(lines: readonly string[], line: number): { name: string; line: number } | undefined {
  let indent = indentOf(lines[line] ?? "");
  for (let at = line - 1; at >= 0 && indent > 0; at--) {
    const text = lines[at]!;
    if (text.trim() === "" || indentOf(text) >= indent) continue;
    const name = /^\s*class\s+([\p{L}_][\p{L}\p{N}_]*)/u.exec(text)?.[1];
    if (name !== undefined) return { name, line: at };
    if (/^\s*[)\]}]/.test(text)) continue;
    indent = indentOf(text);
  }
  return undefined;
}

const indentOf = (text: string) => /^\s*/.exec(text)![0].length;
