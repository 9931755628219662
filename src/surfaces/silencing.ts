/** Quick fixes that silence a finding where it stands. */
import type { FileReport, Finding, Fix } from "../cost/report.ts";

/** Findings that cannot be silenced in the text: it does not parse there, or they are about such a comment. */
const loud = new Set(["syntax", "assay-comment", "assay-project"]);

/** The comment that silences a finding on its line; nothing for what cannot be silenced. */
export function silencingFix({ path }: FileReport, text: string, { rule, at }: Finding): Fix | undefined {
  if (loud.has(rule) || at.path !== path) return undefined;
  const line = text.split("\n")[at.line];
  if (line === undefined) return undefined;
  const title = `Silence ${rule} on this line`;
  const written = line.replace(/\r$/, "");
  const known = /#[ \t]*assay:[ \t]*ignore\[([^\]]*)\]/.exec(written);
  if (known) {
    const column = known.index + known[0].length - 1;
    const separator = known[1]?.trim() === "" ? "" : ", ";
    return { title, edits: [{ span: pointAt(at.line, column), text: `${separator}${rule}` }] };
  }
  // Behind a backslash or inside a text of several lines no comment can stand.
  const end = written.trimEnd();
  if (end.endsWith("\\") || /"""|'''/.test(end)) {
    const indent = /^\s*/.exec(written)?.[0] ?? "";
    return { title, edits: [{ span: pointAt(at.line, 0), text: `${indent}# assay: ignore[${rule}]\n` }] };
  }
  const span = { line: at.line, column: end.length, endLine: at.line, endColumn: written.length };
  return { title, edits: [{ span, text: `${end === "" ? "" : "  "}# assay: ignore[${rule}]` }] };
}

function pointAt(line: number, column: number) {
  return { line, column, endLine: line, endColumn: column };
}
