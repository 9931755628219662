import { skipString } from "./quotes.ts";

/** A line as Python counts it, which brackets, quotes and backslashes stretch over several of the text. */
export interface LogicalLine {
  /** The index of its first character after the indentation, and that after its last one, comments left out. */
  start: number;
  end: number;
  /** The line of the text on which it begins. */
  line: number;
  /** Characters of indentation, and how far they reach with tabs to every eighth column. */
  column: number;
  width: number;
  /** What closes the strings and brackets still open at its end. */
  missing: string;
}

/** A text cut into logical lines, and its comments. */
export interface Lines {
  lines: LogicalLine[];
  comments: { start: number; end: number }[];
}

/**
 * The logical lines of a text and its comments, found without a grammar.
 *
 * In a `damaged` text a bracket or a triple quote that swallows what must be a statement is held to be left open.
 */
export function logicalLines(text: string, damaged: boolean): Lines {
  const found: Lines = { lines: [], comments: [] };
  let line = 0;
  let at = 0;
  while (at < text.length) {
    const { column, width } = indentation(text, at);
    const start = at + column;
    const read = readLine(text, start, damaged ? width : -1, found.comments);
    if (read.end > start) found.lines.push({ start, end: read.end, line, column, width, missing: read.missing });
    for (; at < read.next; at++) if (text.charCodeAt(at) === 10) line++;
  }
  return found;
}

const closers: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

/** Reads one logical line from its first character. A `width` of -1 stands for a text that is not damaged. */
function readLine(text: string, start: number, width: number, comments: { start: number; end: number }[]) {
  const open: string[] = [];
  const damaged = width >= 0;
  let quote = "";
  let end = start;
  let at = start;
  while (at < text.length) {
    const character = text[at] as string;
    if (character === "\n") {
      if (open.length === 0 || (damaged && beginsStatement(text, at + 1, width, start, end))) break;
      at++;
    } else if (character === "#") {
      const stop = endOfLine(text, at);
      comments.push({ start: at, end: stop });
      at = stop;
    } else if (character === '"' || character === "'") {
      const string = skipString(text, at, damaged ? width : -1);
      at = end = string.end;
      quote = string.missing;
      if (quote) break;
    } else if (character === "\\") {
      at += text.startsWith("\\\r\n", at) ? 3 : 2;
      end = Math.min(at, text.length);
    } else {
      if (character === "(" || character === "[" || character === "{") open.push(closers[character] as string);
      else if (character === ")" || character === "]" || character === "}") {
        const matching = open.lastIndexOf(character);
        if (matching >= 0) open.length = matching;
      }
      at++;
      if (character.trim() !== "") end = at;
    }
  }
  // A string or a continuation may have ended in the middle of a line.
  const next = endOfLine(text, Math.max(at, start)) + 1;
  return { end, next, missing: quote + open.reverse().join("") };
}

/** The blanks with which a line begins: their number, and how far they reach. */
export function indentation(text: string, from: number): { column: number; width: number } {
  let width = 0;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 9) width = (width & ~7) + 8;
    else if (code === 32 || code === 0xfeff) width++;
    else if (code === 12) width = 0;
    else break;
  }
  return { column: at - from, width };
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf("\n", from);
  return found < 0 ? text.length : found;
}

/** Words that begin a statement and never stand in an expression. */
const statementWord =
  /^(?:async\s+def|def|class|return|import|while|with|try|raise|assert|del|global|nonlocal|pass|break|continue|elif|except|finally)\b/;
const importing = /^from\s+[\w.]+\s+import\b/;
/** Words that join what stands before them with what follows. */
const joiningWord = /^(?:if|else|for|in|and|or|not|is|async)\b/;
const header = /^(?:async\s+)?(?:class|def|if|elif|for|while|with|except|match|case)\b/;

/** Whether the line at this index must be a new statement, although a bracket of the one above is still open. */
function beginsStatement(text: string, from: number, width: number, start: number, end: number): boolean {
  const { column, width: indent } = indentation(text, from);
  const line = text.slice(from + column, endOfLine(text, from)).trimEnd();
  if (statementWord.test(line) || importing.test(line)) return true;
  if (indent <= width && /^[A-Za-z_@]/.test(line)) return !joiningWord.test(line) || line.endsWith(":");
  const last = text[end - 1] as string;
  if (last === ":" && indent > width && header.test(text.slice(start, start + 20))) return true;
  // Two values side by side are no expression, unless both are strings.
  if (/[\w)\]}]/.test(last) && /^\w*["']/.test(line)) return true;
  return /[\w)\]}"']/.test(last) && /^[A-Za-z_]\w*(?![\w"'])/.test(line) && !joiningWord.test(line);
}
