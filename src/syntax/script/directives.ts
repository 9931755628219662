/** `// assay:` comments of a script. */
import type { Span } from "../../base/place.ts";
import { lineStarts } from "../source.ts";
import type { Script } from "./ast.ts";

export interface ScriptDirective {
  /** What stands behind the colon. */
  readonly text: string;
  readonly span: Span;
}

/** The directives of a script, in the order of its text. */
export function scriptDirectives({ text }: Pick<Script, "text">): ScriptDirective[] {
  const starts = lineStarts(text);
  return [...text.matchAll(/\/\/[ \t]*assay:[ \t]*(.+)$/gm)].map((match) => {
    const line = starts.findLastIndex((start) => start <= match.index);
    const column = match.index - (starts[line] ?? 0);
    const span = { line, column, endLine: line, endColumn: column + match[0].length };
    return { text: (match[1] ?? "").trim(), span };
  });
}
