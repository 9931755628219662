import type { Module } from "./ast.ts";
import { logicalLines } from "./lines.ts";
import { type Source, sourceOf, spanBetween } from "./source.ts";

/** The comments `# assay: …` of a text, in order. A comment's mark inside a string is none. */
export function directives(text: string, damaged: boolean): Module["directives"] {
  if (!/#[ \t]*assay:/.test(text)) return [];
  const source: Source = sourceOf(text);
  const found: Module["directives"] = [];
  for (const { start, end } of logicalLines(text, damaged).comments) {
    const written = text.slice(start, end);
    // What silences a finding stands behind other comments too: `# noqa  # assay: ignore[rule]`.
    const match = /^#[ \t]*assay:(.*)$/.exec(written.trimEnd()) ?? /#[ \t]*assay:([ \t]*ignore\b.*)$/.exec(written.trimEnd());
    if (match) found.push({ text: (match[1] as string).trim(), span: spanBetween(source, start, end) });
  }
  return found;
}
