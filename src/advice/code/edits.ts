/** Edits of a file's text that keep how its author writes. */
import type { Span } from "../../base/place.ts";
import type { Fix } from "../../cost/report.ts";
import type { Statement } from "../../syntax/ast.ts";
import type { SyntaxNode } from "../../syntax/walk.ts";
import { around, type CallNode, type Code, keyword, textIn } from "./tree.ts";

export type Edit = Fix["edits"][number];

export function replace(node: SyntaxNode, text: string, code: Code): Edit {
  return { span: code.span(node), text };
}

/** The same call with a keyword argument: behind the others, or in the place of the one of that name. */
export function withKeyword(call: CallNode, name: string, value: string, code: Code): Edit {
  const given = keyword(call, name);
  if (given) return replace(given.value, value, code);
  const last = [...call.args, ...call.keywords.map((one) => one.value)]
    .map((node) => code.span(node))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .at(-1);
  const { endLine, endColumn } = code.span(call);
  const close: Span = { line: endLine, column: endColumn - 1, endLine, endColumn: endColumn - 1 };
  if (!last) return { span: close, text: `${name}=${value}` };
  const start = code.lines[last.endLine] ?? "";
  // An argument on a line of its own is followed by one on a line of its own.
  const between = textIn(code.lines, { ...last, line: last.endLine, column: last.endColumn, endLine, endColumn });
  if (/^\s*,?\s*(#.*)?\n/.test(between)) {
    const indent = /^\s*/.exec(start)?.[0] ?? "";
    const comma = /^\s*,/.test(between);
    const at = last.endColumn + (comma ? (/^\s*,/.exec(between)?.[0].length ?? 0) : 0);
    const span = { line: last.endLine, column: at, endLine: last.endLine, endColumn: at };
    return comma
      ? { span: lineBehind(last.endLine), text: `${indent}${name}=${value},\n` }
      : { span, text: `,\n${indent}${name}=${value}` };
  }
  const end = { line: last.endLine, column: last.endColumn, endLine: last.endLine, endColumn: last.endColumn };
  // Parentheses around the last argument belong to it.
  const closed = /^\s*\)*(?=\s*,?\s*\)$)/.exec(between)?.[0].replace(/\s+$/, "") ?? "";
  const column = end.column + closed.length;
  return { span: { ...end, column, endColumn: column }, text: `, ${name}=${value}` };
}

function lineBehind(line: number): Span {
  return { line: line + 1, column: 0, endLine: line + 1, endColumn: 0 };
}

/** The call without one of its keyword arguments. */
export function withoutKeyword(call: CallNode, name: string, code: Code): Edit | undefined {
  const given = keyword(call, name);
  if (!given) return undefined;
  const value = code.span(given.value);
  const line = code.lines[value.line] ?? "";
  const before = line.slice(0, value.column);
  const start = before.search(new RegExp(`,?\\s*${name}\\s*=\\s*$`));
  if (start < 0) return undefined;
  // The first of several takes the comma behind it along.
  const isFirst = !before.slice(start).startsWith(",");
  const after = isFirst
    ? (/^\s*,\s*/.exec((code.lines[value.endLine] ?? "").slice(value.endColumn))?.[0].length ?? 0)
    : 0;
  const column = isFirst ? start + (/^\s*/.exec(before.slice(start))?.[0].length ?? 0) : start;
  return { span: { line: value.line, column, endLine: value.endLine, endColumn: value.endColumn + after }, text: "" };
}

/** Taking a statement away, where it stands alone on its lines; `pass` where it is all that its block holds. */
export function removed(statement: Statement, block: readonly Statement[], code: Code): Edit | undefined {
  const { line, column, endLine, endColumn } = code.span(statement);
  const isAlone =
    (code.lines[line] ?? "").slice(0, column).trim() === "" &&
    /^\s*(#.*)?\r?$/.test((code.lines[endLine] ?? "").slice(endColumn));
  if (!isAlone) return undefined;
  if (block.length === 1) return { span: { line, column, endLine, endColumn }, text: "pass" };
  return { span: { line, column: 0, endLine: endLine + 1, endColumn: 0 }, text: "" };
}

/** Lines put before the one on which a node begins, as far to the right as it is. */
export function before(node: SyntaxNode, text: string, code: Code): Edit {
  const { line } = code.span(node);
  const indent = /^\s*/.exec(code.lines[line] ?? "")?.[0] ?? "";
  return { span: { line, column: 0, endLine: line, endColumn: 0 }, text: `${indent}${text}\n` };
}

/** Lines put behind the one on which a statement ends. */
export function behind(statement: Statement, text: string, code: Code): Edit | undefined {
  const { line, column, endLine, endColumn } = code.span(statement);
  if ((code.lines[line] ?? "").slice(0, column).trim() !== "") return undefined;
  if (!/^\s*(#.*)?\r?$/.test((code.lines[endLine] ?? "").slice(endColumn))) return undefined;
  const indent = (code.lines[line] ?? "").slice(0, column);
  const isLast = endLine === code.lines.length - 1;
  if (isLast)
    return {
      span: {
        line: endLine,
        column: (code.lines[endLine] ?? "").length,
        endLine,
        endColumn: (code.lines[endLine] ?? "").length,
      },
      text: `\n${indent}${text}`,
    };
  return { span: { line: endLine + 1, column: 0, endLine: endLine + 1, endColumn: 0 }, text: `${indent}${text}\n` };
}

/** The list of statements in which one stands. */
export function blockOf(statement: Statement, code: Code): readonly Statement[] {
  const holder = code.parent(statement);
  if (!holder) return [];
  for (const name of ["body", "orelse", "finalbody"] as const) {
    const block = (holder as unknown as Record<string, unknown>)[name];
    if (Array.isArray(block) && block.includes(statement)) return block as Statement[];
  }
  const parts = holder.kind === "Try" ? holder.handlers : holder.kind === "Match" ? holder.cases : [];
  return parts.map(({ body }) => body).find((body) => body.includes(statement)) ?? [];
}

/** The statement that a node is part of. */
export function statementOf(node: SyntaxNode, code: Code): Statement {
  if (isStatement(node)) return node;
  for (const one of around(node, code)) if (isStatement(one)) return one;
  throw new Error("an expression stands in no statement");
}

const statements = new Set(
  "FunctionDef ClassDef Return Delete Assign AugAssign AnnAssign For While If With Raise Try Assert Import ImportFrom Global Nonlocal ExpressionStatement Pass Break Continue Match BrokenStatement".split(
    " ",
  ),
);

function isStatement(node: SyntaxNode): node is Statement {
  return statements.has(node.kind);
}

/** The import of `torch` itself, where nothing binds it yet, behind the file's other imports. */
export function importTorch(code: Code): { name: string; edits: readonly Edit[] } {
  const bound = code.nodes.find(
    (node) =>
      node.kind === "Import" &&
      node.names.some(({ name, asname }) => name.split(".")[0] === "torch" && (name === "torch" || !asname)),
  );
  if (bound?.kind === "Import") {
    const alias = bound.names.find(({ name }) => name === "torch")?.asname;
    return { name: alias ?? "torch", edits: [] };
  }
  const imports = code.nodes.filter(
    (node) => (node.kind === "Import" || node.kind === "ImportFrom") && code.parent(node) === undefined,
  );
  const first = imports.find((node) => node.kind !== "ImportFrom" || node.module !== "__future__");
  const line = first ? code.span(first).line : 0;
  return { name: "torch", edits: [{ span: { line, column: 0, endLine: line, endColumn: 0 }, text: "import torch\n" }] };
}
