import type { Span } from "../base/place.ts";

/** Spans of a text from offsets. */
export function spansOf(text: string): (offset: number, length: number) => Span {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const position = (offset: number) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (starts[low] as number) };
  };
  return (offset, length) => {
    const [start, end] = [position(offset), position(offset + length)];
    return { ...start, endLine: end.line, endColumn: end.column };
  };
}
