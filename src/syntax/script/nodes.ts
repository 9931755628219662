/** tree-sitter's tree of a script as plain objects: comments and types are left out. */

export interface ScriptNode {
  readonly type: string;
  /** What it is to its parent: `left`, `body`. */
  readonly field: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly children: readonly ScriptNode[];
}

/** What is used of web-tree-sitter's cursor. */
export interface ScriptCursor {
  readonly nodeTypeId: number;
  readonly currentFieldId: number;
  readonly nodeIsMissing: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}

/** Trees deeper than this are cut off, so that no later recursion overflows. */
const deepest = 300;
const nothing: readonly ScriptNode[] = [];
/** Parts that say nothing about values. */
const skipped = new Set([
  "comment",
  "html_comment",
  "hash_bang_line",
  "type_annotation",
  "type_arguments",
  "type_parameters",
  "accessibility_modifier",
  "override_modifier",
  "implements_clause",
  "decorator",
]);
/** Of a parameter it says that the constructor keeps it. */
const keeps = new Set(["accessibility_modifier", "override_modifier"]);

/** The subtree at a cursor. */
export function copyScript(
  cursor: ScriptCursor,
  types: readonly (string | null)[],
  fields: readonly (string | null)[],
): ScriptNode {
  function copy(depth: number): ScriptNode {
    const type = types[cursor.nodeTypeId] ?? "ERROR";
    const children: ScriptNode[] = [];
    const node = {
      type,
      field: fields[cursor.currentFieldId] ?? undefined,
      start: cursor.startIndex,
      end: cursor.endIndex,
      children: nothing,
    };
    if (depth >= deepest) return { ...node, type: "ERROR" };
    if (!cursor.gotoFirstChild()) return node;
    do {
      const kind = types[cursor.nodeTypeId] ?? "ERROR";
      const kept = type === "required_parameter" && keeps.has(kind);
      if ((!skipped.has(kind) || kept) && !cursor.nodeIsMissing) children.push(copy(depth + 1));
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
    return { ...node, children };
  }
  return copy(0);
}

export function field(node: ScriptNode, name: string): ScriptNode | undefined {
  return node.children.find((child) => child.field === name);
}

export function child(node: ScriptNode, ...types: readonly string[]): ScriptNode | undefined {
  return node.children.find(({ type }) => types.includes(type));
}

/** Whether a word or mark stands among a node's own parts. */
export function has(node: ScriptNode, word: string): boolean {
  return node.children.some(({ type }) => type === word);
}

const marks = /^(\$\{|[^\p{L}_$]+)$/u;

/** The children that are no marks (`,`, `(`). */
export function parts(node: ScriptNode): readonly ScriptNode[] {
  return node.children.filter(({ type }) => !marks.test(type));
}
