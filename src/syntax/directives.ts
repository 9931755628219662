import type { Module } from "./ast.ts";
import { logicalLines } from "./lines.ts";
import { type Source, sourceOf, spanBetween } from "./source.ts";

/** The comments `# assay: …` of a text, in order. A comment's mark inside a string is none. */
export function directives(text: string, damaged: boolean): Module["directives"] {
  if (!/#[ \t]*assay:/.test(text)) return [];
  const source: Source = sourceOf(text);
  const found: Module["directives"] = [];
  for (const { start, end } of logicalLines(text, damaged).comments) {
    const written = text.slice(start, end).trimEnd();
    // What silences a finding stands behind other comments too: `# noqa  # assay: ignore[rule]`.
    const silence = written.search(/#[ \t]*assay:[ \t]*ignore\b/);
    const parts = silence > 0 ? [written.slice(0, silence).trimEnd(), written.slice(silence)] : [written];
    for (const part of parts) {
      const match = /^#[ \t]*assay:(.*)$/.exec(part);
      if (match) found.push({ text: (match[1] as string).trim(), span: spanBetween(source, start, end) });
    }
  }
  return found;
}
