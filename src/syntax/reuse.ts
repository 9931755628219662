import type { Chunk, Module, Statement, SyntaxProblem } from "./ast.ts";

/** A top-level statement lowered, and where it stands. */
export interface Lowered {
  /** What it was lowered from: equal keys mean equal statements. */
  key: string;
  node: Statement;
  firstLine: number;
  /** In the statement's own lines. */
  problems: SyntaxProblem[];
  /** Of a statement that is kept from the former tree. */
  chunk?: Chunk;
}

/** The statements of a file's former tree that may stand in the next one. */
export interface Former {
  /** Each statement is given once, also where the same text stands more than once. */
  take(key: string): Kept | undefined;
}
type Kept = { node: Statement; chunk: Chunk; problems: SyntaxProblem[] };

const origins = new WeakMap<Statement, { key: string; problems: SyntaxProblem[] }>();

/** Gives nothing where there is no former tree, or one of another file. */
export function former(path: string, previous: Module | undefined): Former {
  const byKey = new Map<string, Kept[]>();
  for (const { node, chunk } of previous?.path === path ? previous.statements : []) {
    const origin = origins.get(node);
    if (!origin) continue;
    const kept = { node, chunk, problems: origin.problems };
    const same = byKey.get(origin.key);
    if (same) same.push(kept);
    else byKey.set(origin.key, [kept]);
  }
  return { take: (key) => byKey.get(key)?.shift() };
}

/**
 * The file's tree: a statement known from before keeps its object and its chunk, which moves to where it stands now.
 * `reusable` keeps the statements' texts, for the tree after it.
 */
export function assembled(path: string, lowered: Lowered[], before: Former, reusable: boolean): Module {
  const module: Module = { path, statements: [], problems: [], directives: [] };
  for (const fresh of lowered) {
    const { key, firstLine } = fresh;
    const kept = fresh.chunk ? fresh : before.take(key);
    const { node, problems, chunk = { path, firstLine } } = kept ?? fresh;
    chunk.firstLine = firstLine;
    if (reusable) origins.set(node, { key, problems });
    module.statements.push({ node, chunk });
    for (const { message, span } of problems) {
      const { line, column, endLine, endColumn } = span;
      const absolute = { line: line + firstLine, column, endLine: endLine + firstLine, endColumn };
      module.problems.push({ message, span: absolute });
    }
  }
  return module;
}
