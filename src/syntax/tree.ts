/** A node of tree-sitter's tree as a plain object: comments and line continuations are left out. */
export interface TreeNode {
  type: string;
  start: number;
  end: number;
  children: TreeNode[];
  /** A function's body that was not copied. */
  deferred?: true;
}

/** What is used of web-tree-sitter's cursor. Each access crosses into WebAssembly, so a tree is walked once. */
export interface Cursor {
  readonly nodeTypeId: number;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}

/** Trees deeper than this are cut off: the parts below become `tooDeep` nodes, so that no later recursion overflows. */
const deepest = 400;
export const tooDeep = "too deep";

/** Nodes that end their own line: a line break may follow them outside brackets. */
const endsLine = new Set([
  "block",
  "elif_clause",
  "else_clause",
  "except_clause",
  "finally_clause",
  "case_clause",
  "decorator",
]);
/** What the grammar puts around `*a` although Python puts the star around it: `*a(b)` passes on what the call gives. */
const takesStar = new Set([
  "call",
  "attribute",
  "subscript",
  "binary_operator",
  "comparison_operator",
  "boolean_operator",
  "conditional_expression",
]);
const separatesLines = new Set(["module", "block"]);
const opening = new Set(["(", "[", "{"]);
const closing = new Set([")", "]", "}"]);
const leaf: TreeNode[] = [];

/**
 * The subtree at the cursor, or `undefined` where a line break stands between two tokens of one statement outside
 * brackets: tree-sitter skips such breaks, and so reads `x = self.` and the statement on the next line as one.
 *
 * `defer` leaves out the bodies of functions. Where the cursor's tree is that of a part of the text, `shift` is what its
 * indices lack.
 */
export function copyTree(
  cursor: Cursor,
  types: readonly (string | null)[],
  text: string,
  { defer = false, shift = 0 }: { readonly defer?: boolean; readonly shift?: number } = {},
): TreeNode | undefined {
  let joined = false;

  function copy(depth: number, bracketed: boolean): TreeNode {
    const type = types[cursor.nodeTypeId] ?? "ERROR";
    const [start, end] = [cursor.startIndex + shift, cursor.endIndex + shift];
    let node: TreeNode = { type, start, end, children: leaf };
    if (type === "string" && depth < deepest) bracketed = true;
    if (!cursor.gotoFirstChild()) return node;
    if (depth >= deepest) node.type = tooDeep;
    else addChildren(node, depth, bracketed);
    cursor.gotoParent();
    if (node.children[0]?.type === "list_splat" && takesStar.has(type)) node = starOutside(node, node.children[0]);
    return node;
  }

  function deferred(): TreeNode {
    return {
      type: "block",
      start: cursor.startIndex + shift,
      end: cursor.endIndex + shift,
      children: leaf,
      deferred: true,
    };
  }

  function addChildren(node: TreeNode, depth: number, bracketed: boolean): void {
    const kept: TreeNode[] = [];
    let inside = bracketed;
    let breaks = false;
    let last = -1;
    do {
      const isBody = defer && node.type === "function_definition" && types[cursor.nodeTypeId] === "block";
      const child = isBody ? deferred() : copy(depth + 1, inside);
      if (last >= 0 && child.start > last && !breaks && hasLineBreak(text, last, child.start)) breaks = true;
      last = child.deferred ? child.end : cursor.endIndex + shift;
      if (child.type === "comment" || child.type === "line_continuation") continue;
      if (breaks && !inside && !separatesLines.has(node.type) && child.type !== "block" && kept.length > 0) {
        if (!endsLine.has((kept[kept.length - 1] as TreeNode).type)) joined = true;
      }
      breaks = false;
      if (opening.has(child.type)) inside = true;
      else if (closing.has(child.type)) inside = bracketed;
      kept.push(child);
    } while (cursor.gotoNextSibling());
    // A comment at the end of a block is no part of it, nor of the statements that the block ends.
    if (last === node.end && kept.length > 0) node.end = (kept[kept.length - 1] as TreeNode).end;
    node.children = kept;
  }

  const root = copy(0, false);
  return joined ? undefined : root;
}

function starOutside(node: TreeNode, star: TreeNode): TreeNode {
  const [mark, first] = star.children as [TreeNode, TreeNode];
  const inside = { ...node, start: first.start, children: [first, ...node.children.slice(1)] };
  return { type: star.type, start: node.start, end: node.end, children: [mark, inside] };
}

function hasLineBreak(text: string, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index);
    if (code === 10) return true;
    // A backslash continues the line; not every one is a node of the tree.
    if (code === 92) index += text.charCodeAt(index + 1) === 13 ? 2 : 1;
  }
  return false;
}
