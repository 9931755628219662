/** Edits of a JSON text that leave what they do not touch as it is written: comments, order, indentation. */
import { applyEdits, type FormattingOptions, modify } from "jsonc-parser";
import type { Span } from "../base/place.ts";
import { spansOf } from "./spans.ts";

export interface KeyChange {
  /** From the outside in. */
  readonly path: readonly string[];
  /** Undefined takes the key out. */
  readonly value: unknown;
}

/** The edits that give a key a value; one that is not there is put in at the top of its object. None where the text holds no object. */
export function keyEdits(text: string, { path, value }: KeyChange): { span: Span; text: string }[] {
  const span = spansOf(text);
  try {
    const options = { formattingOptions: formatOf(text), getInsertionIndex: () => 0 };
    return modify(text, [...path], value, options).map(({ offset, length, content }) => ({
      span: span(offset, length),
      text: content,
    }));
  } catch {
    // What is half typed has no place for the key.
    return [];
  }
}

/** The text after several changes, one after the other. */
export function withKeys(text: string, changes: readonly KeyChange[]): string {
  return changes.reduce((before, { path, value }) => {
    const options = { formattingOptions: formatOf(before), getInsertionIndex: () => 0 };
    return applyEdits(before, modify(before, [...path], value, options));
  }, text);
}

/** How the text is indented. */
function formatOf(text: string): FormattingOptions {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1];
  return {
    insertSpaces: !indent?.startsWith("\t"),
    tabSize: indent === undefined || indent.startsWith("\t") ? 2 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}
