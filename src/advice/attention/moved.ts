/** Whether what the statements of a chain read can be read at its end instead, and whether its names are used elsewhere. */
import type { Expression, Statement } from "../../syntax/ast.ts";
import { walk } from "../../syntax/walk.ts";
import type { Chain } from "./chain.ts";
import { namesBound, namesRead } from "./code.ts";

/** Whether scores or weights are read outside the chain: they are wanted for something else. */
export function isReadElsewhere(chain: Chain): boolean {
  const { scope, block, consumed, lastPosition, names, last } = chain;
  const own = new Set<Statement>([...consumed.map((i) => block[i]!), block[lastPosition]!]);
  const rebound = namesBound(block[lastPosition]!);
  const inLoop = isInLoop(chain);
  const firstLine = block[Math.min(lastPosition, ...consumed)]!.line;
  let is = false;
  const look = (statement: Statement, behind: boolean) => {
    walk(statement, (node) => {
      if (own.has(node as Statement)) return false;
      if (node.kind === "Name" && names.has(node.id) && node.line >= firstLine && !(behind && rebound.has(node.id)))
        is = true;
      if (node.kind === "Name" && names.has(node.id) && inLoop) is = true;
      return true;
    });
  };
  const lastLine = block[lastPosition]!.line;
  for (const statement of scope.func.body) look(statement, statement.line > lastLine);
  // In the last statement itself, apart from the product.
  walk(block[lastPosition]!, (node) => {
    if (node === last.node) return false;
    if (node.kind === "Name" && names.has(node.id) && !isTarget(block[lastPosition]!, node)) is = true;
    return true;
  });
  return is;
}

function isTarget(statement: Statement, node: Expression): boolean {
  return statement.kind === "Assign" && statement.targets.includes(node);
}

function isInLoop({ scope, block }: Chain): boolean {
  let is = false;
  for (const statement of scope.func.body) {
    walk(statement, (node) => {
      if (node.kind !== "For" && node.kind !== "While") return;
      for (const inner of node.body) walk(inner, (one) => void (one === block[0] && (is = true)));
    });
  }
  return is;
}

/** Why expressions of earlier statements cannot stand in the last; nothing where they can. */
export function movingFault(
  chain: Chain,
  moved: readonly { readonly node: Expression; readonly position: number }[],
): string | undefined {
  const { block, consumed, lastPosition, names } = chain;
  for (const { node, position } of moved) {
    const read = namesRead(node);
    for (const name of read) if (names.has(name)) return `\`${name}\` is needed for a mask or a scale`;
    for (let i = position + 1; i < lastPosition; i++) {
      if (consumed.includes(i)) continue;
      for (const name of namesBound(block[i]!)) if (read.has(name)) return `\`${name}\` gets another value in between`;
    }
  }
  for (let i = Math.min(lastPosition, ...consumed) + 1; i < lastPosition; i++) {
    if (!consumed.includes(i) && !isPlain(block[i]!)) return "a statement in between may change what is read";
  }
  return undefined;
}

/** An assignment to names that changes nothing in place. */
function isPlain(statement: Statement): boolean {
  if (statement.kind === "Assert" || statement.kind === "Pass") return true;
  if (statement.kind !== "Assign" && statement.kind !== "AnnAssign") return false;
  const targets = statement.kind === "Assign" ? statement.targets : [statement.target];
  let is = targets.every((target) => target.kind === "Name" || target.kind === "Tuple");
  walk(statement, (node) => {
    if (node.kind === "Call" && node.func.kind === "Attribute" && /[^_]_$/.test(node.func.attr)) is = false;
  });
  return is;
}
