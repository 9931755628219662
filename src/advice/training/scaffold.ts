/** Code that an edit writes beside a model's class. */
import type { Fix } from "../../cost/report.ts";
import type { ClassDef, FunctionDef, Statement } from "../../syntax/ast.ts";
import { behind, type Edit, importTorch } from "../code/edits.ts";
import { methodOf } from "../code/modules.ts";
import { type Code, codeOf, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { blockLists } from "./blocks.ts";

export interface Scaffold {
  readonly title: string;
  /** Classes and functions that stand over the file's first class; `torch` is how the file calls it. */
  readonly above?: ((torch: string) => string) | undefined;
  /** The last statement of the model's `__init__`. */
  readonly atEnd?: string | undefined;
  readonly edits?: readonly Edit[] | undefined;
}

export type Reason = { readonly reason: string };

export type Loop = Extract<Statement, { kind: "For" }>;

/** The model's own class, where this file defines it and its `__init__`. */
export function modelClass(subject: Subject): { code: Code; owner: ClassDef; init: FunctionDef } | Reason {
  const { className } = subject.figures.tree;
  const code = codeOf(subject.file, subject.text);
  const owner = code.nodes.find((node): node is ClassDef => node.kind === "ClassDef" && node.name === className);
  if (!owner) return { reason: `${className} is not defined in this file` };
  const init = methodOf(owner, "__init__");
  return init ? { code, owner, init } : { reason: `${className} has no __init__ in this file` };
}

/** The loop of the model's forward that runs over its blocks. */
export function blockLoop({ figures }: Subject, owner: ClassDef): Loop | undefined {
  const forward = methodOf(owner, "forward");
  const lists = blockLists(figures.tree).map(({ path }) => path.split(".").at(-1));
  return (forward ? within(forward) : []).find(
    (node): node is Loop =>
      node.kind === "For" && within(node.iter).some((one) => one.kind === "Attribute" && lists.includes(one.attr)),
  );
}

export function scaffolded(subject: Subject, { title, above, atEnd, edits = [] }: Scaffold): Fix | Reason {
  const found = modelClass(subject);
  if ("reason" in found) return found;
  const { code, init } = found;
  const all: Edit[] = [...edits];
  if (atEnd !== undefined) {
    const last = init.body.at(-1);
    const column = last ? code.span(last).column : 0;
    const lines = atEnd.split("\n").join(`\n${" ".repeat(column)}`);
    const edit = last && behind(last, lines, code);
    if (!edit) return { reason: "the end of __init__ shares its line with other code" };
    all.push(edit);
  }
  if (above) {
    const { name, edits: imports } = importTorch(code);
    const [first] = topClasses(code);
    if (!first) return { reason: "the file defines no class" };
    const line = Math.min(...[first, ...first.decorators].map((node) => code.span(node).line));
    all.push(...imports, {
      span: { line, column: 0, endLine: line, endColumn: 0 },
      text: `${above(name).trim()}\n\n\n`,
    });
  }
  return { title, edits: all };
}

function topClasses(code: Code): ClassDef[] {
  return code.nodes.filter((node): node is ClassDef => node.kind === "ClassDef" && code.parent(node) === undefined);
}

/** A text with edits applied. */
export function edited(text: string, { edits }: Pick<Fix, "edits">): string {
  const lines = text.split("\n");
  const starts: number[] = [0];
  for (const line of lines) starts.push((starts.at(-1) as number) + line.length + 1);
  const offset = (line: number, column: number) => (starts[line] ?? text.length) + column;
  return edits
    .map(({ span, text: put }) => ({
      start: offset(span.line, span.column),
      end: offset(span.endLine, span.endColumn),
      put,
    }))
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((whole, { start, end, put }) => whole.slice(0, start) + put + whole.slice(end), text);
}
