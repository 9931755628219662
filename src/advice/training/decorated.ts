/** The edit that puts a decorator over the `forward` of a region's class, and its definition over the file's classes. */
import type { Fix } from "../../cost/report.ts";
import type { ClassDef } from "../../syntax/ast.ts";
import type { Edit } from "../code/edits.ts";
import { importTorch } from "../code/edits.ts";
import { methodOf } from "../code/modules.ts";
import { codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { Region } from "./region.ts";
import type { Reason } from "./scaffold.ts";
import { importOf } from "./script.ts";

export interface Decoration {
  readonly title: string;
  /** `kept_in_8_bits(3)`. */
  readonly decorator: string;
  /** Its definition; `torch` is how the file calls it. */
  readonly above: (torch: string) => string;
  /** Modules that it uses beside torch. */
  readonly imports: readonly string[];
}

export function decoratedForward(
  { file, text }: Subject,
  region: Region,
  { title, decorator, above, imports }: Decoration,
): Fix | Reason {
  const code = codeOf(file, text);
  const name = region.layers[0]?.className ?? "";
  const owner = code.nodes.find((node): node is ClassDef => node.kind === "ClassDef" && node.name === name);
  const forward = owner && methodOf(owner, "forward");
  if (!forward) return { reason: `the forward of ${name} is not in this file` };
  const first = code.nodes.find((node) => node.kind === "ClassDef" && code.parent(node) === undefined) as ClassDef;
  const { name: torch, edits } = importTorch(code);
  const line = Math.min(...[forward, ...forward.decorators].map((node) => code.span(node).line));
  const top = Math.min(...[first, ...first.decorators].map((node) => code.span(node).line));
  const indent = /^\s*/.exec(code.lines[line] ?? "")?.[0] ?? "";
  const definition: Edit[] = [{ span: lineStart(top), text: `${above(torch).trim()}\n\n\n` }];
  return {
    title,
    edits: [
      ...imports.flatMap((one) => importOf(one, code)),
      ...edits,
      ...definition,
      { span: lineStart(line), text: `${indent}@${decorator}\n` },
    ],
  };
}

function lineStart(line: number): Edit["span"] {
  return { line, column: 0, endLine: line, endColumn: 0 };
}
