/** What a function's statements bind and read, in the order of the text. */
import type { Expression, Statement } from "../../syntax/ast.ts";
import type { SyntaxNode } from "../../syntax/walk.ts";
import { type Code, within } from "../code/tree.ts";

/** Names that a statement and what is in it bind, in the order of the text. */
export function boundIn(node: SyntaxNode): Set<string> {
  const names = new Set<string>();
  const bind = (target: Expression | null) => {
    for (const one of target ? within(target) : []) if (one.kind === "Name") names.add(one.id);
  };
  const plain = (target: Expression | null): void => {
    if (!target) return;
    if (target.kind === "Tuple" || target.kind === "List") target.elts.forEach(plain);
    else if (target.kind === "Starred") plain(target.value);
    else if (target.kind === "Name") bind(target);
  };
  for (const one of within(node)) {
    if (one.kind === "Assign") one.targets.forEach(plain);
    else if (one.kind === "AugAssign" || one.kind === "AnnAssign" || one.kind === "For") plain(one.target);
    else if (one.kind === "With") for (const { target } of one.items) plain(target);
    else if (one.kind === "NamedExpr") names.add(one.target);
    else if (/Comp$|^GeneratorExp$/.test(one.kind) && "generators" in one)
      for (const { target } of one.generators) plain(target);
  }
  return names;
}

/** Names that a node reads, the names of functions that it calls left out. */
export function readIn(node: SyntaxNode): Set<string> {
  const names = new Set<string>();
  for (const one of within(node)) if (one.kind === "Name") names.add(one.id);
  return names;
}

/** The statements of a body that give a name a value, itself or below, in order. */
export function assignmentsOf(
  name: string,
  body: readonly Statement[],
): Extract<Statement, { kind: "Assign" | "AugAssign" }>[] {
  return body.flatMap((statement) =>
    within(statement).filter(
      (one): one is Extract<Statement, { kind: "Assign" | "AugAssign" }> =>
        (one.kind === "Assign" && one.targets.some((target) => boundBy(target).has(name))) ||
        (one.kind === "AugAssign" && one.target.kind === "Name" && one.target.id === name),
    ),
  );
}

function boundBy(target: Expression): Set<string> {
  const names = new Set<string>();
  const visit = (one: Expression): void => {
    if (one.kind === "Name") names.add(one.id);
    else if (one.kind === "Tuple" || one.kind === "List") one.elts.forEach(visit);
    else if (one.kind === "Starred") visit(one.value);
  };
  visit(target);
  return names;
}

/** Whether one node stands before another in the text. */
export function isBefore(a: SyntaxNode, b: SyntaxNode, code: Code): boolean {
  const [first, second] = [code.span(a), code.span(b)];
  return first.line < second.line || (first.line === second.line && first.column < second.column);
}
