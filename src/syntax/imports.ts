import type { Alias, Statement } from "./ast.ts";
import { type Source, spanOf, textOf } from "./source.ts";
import type { TreeNode } from "./tree.ts";

/** `import a.b as c, d` */
export function importNames(source: Source, node: TreeNode): Statement {
  return { kind: "Import", ...spanOf(source, node), names: aliases(source, node.children.slice(1)) };
}

/** `from ..a.b import c as d`, or a star import. */
export function importFrom(source: Source, node: TreeNode): Statement {
  const from = node.children[1] as TreeNode;
  const listed = node.children.slice(3);
  const star = listed.some((child) => child.type === "wildcard_import");
  const names = star ? "*" : aliases(source, listed);
  const span = spanOf(source, node);
  if (from.type !== "relative_import") {
    return { kind: "ImportFrom", ...span, module: dotted(source, from), level: 0, names };
  }
  const [prefix, module] = from.children as [TreeNode, TreeNode?];
  const level = textOf(source, prefix).replace(/[^.]/g, "").length;
  return { kind: "ImportFrom", ...span, module: module ? dotted(source, module) : "", level, names };
}

export function futureImport(source: Source, node: TreeNode): Statement {
  const names = aliases(source, node.children.slice(3));
  return { kind: "ImportFrom", ...spanOf(source, node), module: "__future__", level: 0, names };
}

function aliases(source: Source, nodes: TreeNode[]): Alias[] {
  const found: Alias[] = [];
  for (const node of nodes) {
    if (node.type === "dotted_name") found.push({ name: dotted(source, node), asname: null });
    if (node.type !== "aliased_import") continue;
    const [name, , alias] = node.children as [TreeNode, TreeNode, TreeNode];
    found.push({ name: dotted(source, name), asname: textOf(source, alias).normalize("NFKC") });
  }
  return found;
}

function dotted(source: Source, node: TreeNode): string {
  const parts = node.children.filter((child) => child.type === "identifier");
  return parts.map((part) => textOf(source, part).normalize("NFKC")).join(".");
}
