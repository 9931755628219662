import type { Former, Lowered } from "./reuse.ts";
import { lineAt, type Source } from "./source.ts";
import { statement } from "./statements.ts";
import { type Cursor, copyTree, type TreeNode } from "./tree.ts";

/**
 * The statements below the cursor's node, the root of a tree without errors; those known from before are not even
 * copied out of it. `undefined` where tree-sitter is more lenient than Python: it reads over a line break inside a statement,
 * and takes an indented line at the top for a statement of its own.
 */
export function lowerTopLevel(
  cursor: Cursor,
  types: readonly (string | null)[],
  source: Source,
  before: Former,
): Lowered[] | undefined {
  const found: Lowered[] = [];
  if (!cursor.gotoFirstChild()) return found;
  do {
    const type = types[cursor.nodeTypeId];
    if (type === "comment" || type === "line_continuation" || type === ";") continue;
    if (isIndented(source, cursor.startIndex)) return undefined;
    const key = keyOf(source, cursor.startIndex, cursor.endIndex);
    const kept = before.take(key);
    if (kept) {
      found.push({ ...kept, key, firstLine: lineAt(source, cursor.startIndex) });
      continue;
    }
    const tree = copyTree(cursor, types, source.text, { defer: source.later !== undefined });
    if (!tree) return undefined;
    found.push(lowerStatement(source, tree, key));
  } while (cursor.gotoNextSibling());
  return found;
}

/** Lowers one top-level statement. */
export function lowerStatement(source: Source, tree: TreeNode, key: string): Lowered {
  const firstLine = lineAt(source, tree.start);
  source.firstLine = firstLine;
  source.problems = [];
  const node = statement(source, tree);
  return { key, node, firstLine, problems: source.problems };
}

/** Whether nothing but blanks stands before this index on its line. */
export function isIndented(source: Source, start: number): boolean {
  const lineStart = source.lineStarts[lineAt(source, start)] as number;
  return start > lineStart && source.text.slice(lineStart, start).trim() === "";
}

/** A statement's text and the column at which it begins: nothing else has a part in how it is lowered. */
export function keyOf(source: Source, start: number, end: number): string {
  const line = lineAt(source, start);
  const lineStart = source.lineStarts[line] as number;
  return `${source.text.slice(lineStart, start)}\0${source.text.slice(start, end)}`;
}
