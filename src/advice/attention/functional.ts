/** How a file can name `torch.nn.functional`. */
import type { Module } from "../../syntax/ast.ts";
import { walk } from "../../syntax/walk.ts";
import { namesBound, type Scope } from "./code.ts";
import type { Edit } from "./rewrite.ts";

const functional = "torch.nn.functional";

/** A name for `torch.nn.functional` that the function sees, and the import that it needs. */
export function functionalName(file: Module, { imports, func }: Scope): { name: string; edits: readonly Edit[] } {
  const local = new Set([
    ...func.args.map(({ name }) => name),
    ...func.body.flatMap((statement) => [...namesBound(statement)]),
  ]);
  const isSeen = (name: string) => !local.has(name);
  for (const [name, dotted] of imports) if (dotted === functional && isSeen(name)) return { name, edits: [] };
  if (!imports.has("F") && isSeen("F") && !isBound("F", file)) return { name: "F", edits: [importEdit(file)] };
  for (const [name, dotted] of imports)
    if (dotted === "torch.nn" && isSeen(name)) return { name: `${name}.functional`, edits: [] };
  for (const [name, dotted] of imports)
    if (dotted === "torch" && isSeen(name)) return { name: `${name}.nn.functional`, edits: [] };
  return { name: `${functional}`, edits: [{ span: importEdit(file).span, text: `import ${functional}\n` }] };
}

function isBound(name: string, file: Module): boolean {
  return file.statements.some(({ node }) => {
    if ((node.kind === "FunctionDef" || node.kind === "ClassDef") && node.name === name) return true;
    let is = namesBound(node).has(name);
    walk(node, (one) => void (one.kind === "Global" && one.names.includes(name) && (is = true)));
    return is && node.kind !== "FunctionDef" && node.kind !== "ClassDef";
  });
}

/** The import behind the last of torch's at the top of the file, or behind its first imports. */
function importEdit(file: Module): Edit {
  const plain = file.statements.filter(({ node }) => node.kind === "Import" || node.kind === "ImportFrom");
  const ofTorch = plain.filter(({ node }) =>
    node.kind === "ImportFrom"
      ? /^torch(\.|$)/.test(node.module)
      : node.kind === "Import" && node.names.some(({ name }) => /^torch(\.|$)/.test(name)),
  );
  const behind = (ofTorch.length > 0 ? ofTorch : plain).at(-1);
  const line = behind ? behind.chunk.firstLine + behind.node.endLine + 1 : 0;
  return { span: { line, column: 0, endLine: line, endColumn: 0 }, text: `import ${functional} as F\n` };
}
