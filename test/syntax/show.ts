import type { Module } from "../../src/syntax/ast.ts";

/**
 * The tree of a module as one line a statement: kinds with their fields in brackets, names and numbers as they are,
 * text in quotes. Fields that say nothing (none, empty, false) are left out, and so are places.
 */
export function shown(module: Module): string {
  return module.statements.map(({ node }) => show(node)).join("\n");
}

const plain = new Set(["line", "column", "endLine", "endColumn", "span", "nameSpan", "attrSpan", "kind"]);

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const node = value as Record<string, unknown>;
  if (node.kind === "Name") return String(node.id);
  if (node.kind === "Int" || node.kind === "Singleton") return String(node.value);
  if (node.kind === "ExpressionStatement") return show(node.value);
  const fields = Object.entries(node).filter(([key, field]) => !plain.has(key) && says(field));
  const listed = fields.map(([key, field]) => `${key}=${show(field)}`).join(" ");
  return node.kind === undefined ? `{${listed}}` : `${node.kind}(${listed})`;
}

function says(field: unknown): boolean {
  return field !== null && field !== false && field !== "" && !(Array.isArray(field) && field.length === 0);
}
