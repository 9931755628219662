/** A text with edits made. */
import type { Fix } from "../../cost/report.ts";

export function edited(text: string, edits: Fix["edits"]): string {
  const lines = text.split("\n");
  const starts: number[] = [];
  lines.reduce((offset, { length }) => (starts.push(offset), offset + length + 1), 0);
  const place = (line: number, column: number) => (starts[line] ?? text.length) + column;
  return edits
    .map(({ span, text: put }) => ({
      start: place(span.line, span.column),
      end: place(span.endLine, span.endColumn),
      put,
    }))
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((whole, { start, end, put }) => whole.slice(0, start) + put + whole.slice(end), text);
}
