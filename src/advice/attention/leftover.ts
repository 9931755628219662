/** Statements that made nothing but a mask which the kernel does without. */
import type { Expression, Statement } from "../../syntax/ast.ts";
import { walk } from "../../syntax/walk.ts";
import type { Chain } from "./chain.ts";
import { namesRead, onlyValue } from "./code.ts";

/** Positions, in the chain's block, of statements that give a name which only these expressions of the chain read. */
export function leftOver({ scope, block, consumed, lastPosition }: Chain, read: readonly Expression[]): number[] {
  const own = new Set<Statement>([...consumed, lastPosition].map((i) => block[i]!));
  const names = new Set(read.flatMap((node) => [...namesRead(node)]));
  return [...names].flatMap((name) => {
    const given = onlyValue(scope.func, name);
    const position = given && given.index === undefined ? block.indexOf(given.statement) : -1;
    if (!given || position < 0 || consumed.includes(position)) return [];
    let isElsewhere = false;
    for (const statement of scope.func.body) {
      walk(statement, (node) => {
        if (own.has(node as Statement) || node === given.statement) return false;
        if (node.kind === "Name" && node.id === name) isElsewhere = true;
        return true;
      });
    }
    return isElsewhere ? [] : [position];
  });
}
