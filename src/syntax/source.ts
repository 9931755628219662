import type { Span } from "../base/place.ts";
import type { SyntaxProblem } from "./ast.ts";
import type { Later } from "./deferred.ts";
import type { TreeNode } from "./tree.ts";

/** A text being lowered, with what turns an index of it into a line and a column. */
export interface Source {
  readonly text: string;
  readonly lineStarts: readonly number[];
  /** The index that counts as column 0 of each line: a repaired line may stand elsewhere than the user wrote it. */
  readonly origins: readonly number[];
  /** The lengths of the user's lines, where repairs made some longer. */
  readonly lengths?: readonly number[];
  /** The line that counts as 0: the first of the top-level statement. */
  firstLine: number;
  /** What is wrong with the statement being lowered, in its own lines. */
  problems: SyntaxProblem[];
  /** The line last looked up: the next index is mostly on it. */
  lastLine: number;
  /** Where bodies of functions are left for later: gives a function's whole tree. */
  readonly later?: Later;
}

export function sourceOf(text: string, later?: Later): Source {
  const starts = lineStarts(text);
  const source = { text, lineStarts: starts, origins: starts, firstLine: 0, problems: [], lastLine: 0 };
  return later ? { ...source, later } : source;
}

/** The index at which each line begins. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The line of an index, counted from the start of the text. */
export function lineAt(source: Source, index: number): number {
  const starts = source.lineStarts;
  let line = source.lastLine;
  if (index >= (starts[line] as number)) {
    if (index < (starts[line + 1] ?? Infinity)) return line;
    if (index < (starts[line + 2] ?? Infinity)) return ++source.lastLine;
  }
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    line = (low + high + 1) >> 1;
    if ((starts[line] as number) <= index) low = line;
    else high = line - 1;
  }
  source.lastLine = low;
  return low;
}

/** The span between two indices, in lines of the top-level statement. */
export function spanBetween(source: Source, start: number, end: number): Span {
  const line = lineAt(source, start);
  const column = columnAt(source, line, start);
  const endLine = lineAt(source, end);
  return {
    line: line - source.firstLine,
    column,
    endLine: endLine - source.firstLine,
    endColumn: columnAt(source, endLine, end),
  };
}

export function spanOf(source: Source, node: TreeNode): Span {
  return spanBetween(source, node.start, node.end);
}

export function textOf(source: Source, node: TreeNode): string {
  const text = source.text.slice(node.start, node.end);
  const known = words.get(text);
  if (known !== undefined) return known;
  const own = detached(text);
  if (own.length <= longestWord && words.size < mostWords) words.set(own, own);
  return own;
}

/** Words seen before, shared by all trees. */
const words = new Map<string, string>();
const longestWord = 40;
const mostWords = 100_000;

/** A copy of a part of a text: engines keep the whole text alive for a part that is no copy. */
export function detached(part: string): string {
  return part.length < 13 ? part : ` ${part}`.slice(1);
}

/** Records that something of this statement is wrong. */
export function complain(source: Source, node: TreeNode, message: string): void {
  source.problems.push({ message, span: spanOf(source, node) });
}

function columnAt(source: Source, line: number, index: number): number {
  const column = index - (source.origins[line] as number);
  return source.lengths ? Math.max(0, Math.min(column, source.lengths[line] as number)) : column;
}
