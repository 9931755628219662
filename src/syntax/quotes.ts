/**
 * Where the string whose quote stands at this index ends, and the quotes it lacks.
 *
 * In a damaged text (`width` not negative: the indentation of its line), a triple quote that reaches a definition
 * further to the left is taken to be left open, and ends with its line.
 */
export function skipString(text: string, quoteAt: number, width: number): { end: number; missing: string } {
  const mark = markAt(text, quoteAt);
  const triple = mark.length === 3;
  const formatted = isFormatted(text, quoteAt);
  let at = quoteAt + mark.length;
  while (at < text.length) {
    const character = text[at];
    if (character === "\\") at += text.startsWith("\\\r\n", at) ? 3 : 2;
    else if (text.startsWith(mark, at)) return { end: at + mark.length, missing: "" };
    else if (character === "\n") {
      if (!triple) return { end: trimmed(text, quoteAt, at), missing: mark };
      at++;
      if (width > 0 && leftOf(text, at, width)) return unfinished(text, quoteAt, mark);
    } else if (formatted && text.startsWith("{{", at)) at += 2;
    else if (formatted && character === "{") {
      const end = endOfReplacement(text, at + 1, mark, Math.min(text.length, at + longest), 0);
      at = end < 0 ? at + 1 : end;
    } else at++;
  }
  if (triple && width >= 0) return unfinished(text, quoteAt, mark);
  return { end: text.length, missing: mark };
}

/** What stands in an f-string's braces is followed no further than this, nor deeper, so that no text takes long. */
const longest = 1000;
const deepest = 8;

/**
 * The index after the braces of an f-string, from the first character in them: code, in which the same quotes may stand
 * again, up to a colon, and a format after it. -1 where they do not end.
 */
function endOfReplacement(text: string, from: number, mark: string, limit: number, nesting: number): number {
  if (nesting > deepest) return -1;
  let depth = 0;
  let format = false;
  for (let at = from; at < limit; at++) {
    const character = text[at] as string;
    if (character === "\n" && mark.length === 1) return -1;
    if (character === "}" && depth === 0) return at + 1;
    if (format) {
      if (text.startsWith(mark, at)) return -1;
      if (character === "{") at = endOfReplacement(text, at + 1, mark, limit, nesting + 1) - 1;
    } else if (character === '"' || character === "'") at = endOfNested(text, at, limit, nesting) - 1;
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    else if (character === ":" && depth === 0) format = true;
    if (at < 0) return -1;
  }
  return -1;
}

function endOfNested(text: string, quoteAt: number, limit: number, nesting: number): number {
  const mark = markAt(text, quoteAt);
  const formatted = isFormatted(text, quoteAt);
  let at = quoteAt + mark.length;
  while (at < limit && at >= 0) {
    if (text[at] === "\\") at += 2;
    else if (text.startsWith(mark, at)) return at + mark.length;
    else if (text[at] === "\n" && mark.length === 1) return -1;
    else if (formatted && text.startsWith("{{", at)) at += 2;
    else if (formatted && text[at] === "{") at = endOfReplacement(text, at + 1, mark, limit, nesting + 1);
    else at++;
  }
  return -1;
}

function markAt(text: string, quoteAt: number): string {
  const quote = text[quoteAt] as string;
  return text.startsWith(quote.repeat(3), quoteAt) ? quote.repeat(3) : quote;
}

/** Whether the letters right before the quote say so. */
function isFormatted(text: string, quoteAt: number): boolean {
  const before = text.slice(Math.max(0, quoteAt - 3), quoteAt);
  return /(?:^|[^A-Za-z0-9_])(?:[fF][rR]?|[rR][fF])$/.test(before);
}

/** Whether a definition or an import begins here, further to the left than the string's line. */
function leftOf(text: string, lineStart: number, width: number): boolean {
  const line = text.slice(lineStart, lineStart + width + 8);
  const code = line.trimStart();
  return line.length - code.length < width && /^(?:def|class|async\s|import|from|@\w)/.test(code);
}

function unfinished(text: string, quoteAt: number, mark: string): { end: number; missing: string } {
  const stop = text.indexOf("\n", quoteAt);
  return { end: trimmed(text, quoteAt, stop < 0 ? text.length : stop), missing: mark };
}

/** The end without the blanks before it, so that the carriage return of a line ending stays outside. */
function trimmed(text: string, from: number, to: number): number {
  while (to > from + 1 && (text[to - 1] === "\r" || text[to - 1] === " ")) to--;
  return to;
}
