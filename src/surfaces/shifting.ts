/** Places of a text that was analysed, in the text that it has become since. */

/** Lines of one text in another; nothing for a line that has changed. */
export interface Shift {
  /** From the old text to the new. */
  forward(line: number): number | undefined;
  /** From the new text to the old. */
  back(line: number): number | undefined;
}

/** Lines above the first change and below the last one stay as they are; the rest has changed. */
export function shiftBetween(before: string, after: string): Shift {
  if (before === after) return { forward: (line) => line, back: (line) => line };
  const old = before.split(/\r?\n/);
  const now = after.split(/\r?\n/);
  const most = Math.min(old.length, now.length);
  let above = 0;
  while (above < most && old[above] === now[above]) above++;
  let below = 0;
  while (below < most - above && old[old.length - 1 - below] === now[now.length - 1 - below]) below++;
  const delta = now.length - old.length;
  return {
    forward: (line) => (line < above ? line : line >= old.length - below ? line + delta : undefined),
    back: (line) => (line < above ? line : line >= now.length - below ? line - delta : undefined),
  };
}

/** A span whose first and last line are unchanged, where it stands now. */
export function shifted<Shape extends { readonly line: number; readonly endLine: number }>(
  span: Shape,
  shift: Shift,
): Shape | undefined {
  const line = shift.forward(span.line);
  const endLine = shift.forward(span.endLine);
  if (line === undefined || endLine === undefined || endLine - line !== span.endLine - span.line) return undefined;
  return { ...span, line, endLine };
}
