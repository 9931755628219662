/** Where something stands in a file: lines and columns count from 0, columns in UTF-16 units, the end is exclusive. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A span of a named file. `path` is what the host's `Sources` understands. */
export interface Place extends Span {
  readonly path: string;
}

/** `file:line` as people read it, the line from 1; the whole path, which a host may shorten. */
export function showPlace(place: Place | undefined): string {
  return place ? `${place.path}:${place.line + 1}` : "?";
}

/** Whether the position lies inside the span (the end counts as inside, as an editor's cursor does). */
export function contains(span: Span, line: number, column: number): boolean {
  const afterStart = line > span.line || (line === span.line && column >= span.column);
  const beforeEnd = line < span.endLine || (line === span.endLine && column <= span.endColumn);
  return afterStart && beforeEnd;
}
