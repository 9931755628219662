/** Finds softmax attention written out in a function: two products and what is done to the scores between them. */
import type { Expression, Statement } from "../../syntax/ast.ts";
import { children, type SyntaxNode, walk } from "../../syntax/walk.ts";
import { called, namesBound, namesRead, type Scope } from "./code.ts";
import { type Applied, applications, type Product, productIn } from "./products.ts";
import { arithmetic, type Step, stepsIn } from "./steps.ts";

/** A step at its place: the statement's position in its block, and the condition under which it is done. */
export interface Placed {
  readonly step: Step;
  readonly position: number;
  readonly test: Expression | undefined;
}

/** Attention that writes its scores out. */
export interface Chain {
  readonly scope: Scope;
  readonly block: readonly Statement[];
  /** The last product, with the position of its statement. */
  readonly last: Product;
  readonly lastPosition: number;
  readonly applied: Applied;
  /** The product that makes the scores. */
  readonly first: Product;
  readonly firstPosition: number;
  /** From the last done to the first. */
  readonly steps: readonly Placed[];
  /** Positions of the statements that do nothing but make the weights. */
  readonly consumed: readonly number[];
  /** Names that held scores or weights. */
  readonly names: ReadonlySet<string>;
}

export function chainsIn(scope: Scope): Chain[] {
  return blocksOf(scope.func.body).flatMap((block) =>
    block.flatMap((statement, position) =>
      ownProducts(statement, scope).flatMap((last): Chain[] => {
        for (const applied of applications(last, scope)) {
          const found = peeled(applied.weights, position, { scope, block, hasSoftmax: false });
          if (found)
            return [{ scope, block, last, lastPosition: position, applied, ...found, names: new Set(found.names) }];
        }
        return [];
      }),
    ),
  );
}

/** Lists of statements in a function: its body, and the bodies inside it. */
function blocksOf(body: readonly Statement[]): (readonly Statement[])[] {
  const inner = body.flatMap((statement) => {
    if (statement.kind === "FunctionDef" || statement.kind === "ClassDef") return [];
    const lists: Statement[][] = [];
    if ("body" in statement && Array.isArray(statement.body)) lists.push(statement.body);
    if ("orelse" in statement && Array.isArray(statement.orelse)) lists.push(statement.orelse);
    if (statement.kind === "Try")
      lists.push(statement.finalbody, ...statement.handlers.map(({ body: handled }) => handled));
    return lists.flatMap(blocksOf);
  });
  return [body, ...inner];
}

/** The products in a statement itself, apart from those in statements below it. */
function ownProducts(statement: Statement, scope: Scope): Product[] {
  const found: Product[] = [];
  if (!/^(Assign|AnnAssign|AugAssign|Return|ExpressionStatement)$/.test(statement.kind)) return found;
  for (const part of children(statement)) {
    walk(part, (node: SyntaxNode) => {
      const product = node.kind === "Lambda" ? undefined : productIn(node as Expression, scope);
      if (product) found.push(product);
      return node.kind !== "Lambda" && !node.kind.endsWith("Comp");
    });
  }
  return found;
}

interface Peeled {
  readonly first: Product;
  readonly firstPosition: number;
  readonly steps: readonly Placed[];
  readonly consumed: readonly number[];
  readonly names: readonly string[];
}

interface Reading {
  readonly scope: Scope;
  readonly block: readonly Statement[];
  readonly hasSoftmax: boolean;
}

/** The steps that lead from an expression back to the scores' product, through softmax. */
function peeled(node: Expression, position: number, reading: Reading): Peeled | undefined {
  const { scope, hasSoftmax } = reading;
  if (node.kind === "Name") return peeledName(node.id, position, reading);
  const first = productIn(node, scope);
  if (first) return hasSoftmax ? made(first, position, reading) : undefined;
  const call = called(node, scope);
  if (call?.name === "contiguous" && call.args.length === 1) return peeled(call.args[0]!, position, reading);
  for (const { step, inner } of stepsIn(node, scope)) {
    if (!isAllowed(step, hasSoftmax)) continue;
    const rest = peeled(inner, position, { ...reading, hasSoftmax: hasSoftmax || step.kind === "softmax" });
    if (rest) return { ...rest, steps: [{ step, position, test: undefined }, ...rest.steps] };
  }
  return undefined;
}

/** The product with what it does itself, and with the statement that makes a tensor which it is given and does not read. */
function made(first: Product, position: number, { block }: Reading): Peeled {
  const { node, alpha, added, unread } = first;
  const own: Step[] = [
    ...(added ? [{ kind: "add", node, bias: added } as const] : []),
    ...(alpha ? [{ kind: "scale", node, op: "*", by: alpha, isNumber: true } as const] : []),
  ];
  const name = unread?.kind === "Name" ? unread.id : undefined;
  const before = name === undefined ? -1 : block.slice(0, position).findLastIndex((one) => valueGiven(one, name));
  const between = block.slice(before + 1, position);
  const isFree = name !== undefined && before >= 0 && !between.some((one) => namesRead(one).has(name));
  return {
    first,
    firstPosition: position,
    steps: own.map((step) => ({ step, position, test: undefined })),
    consumed: isFree ? [before] : [],
    names: isFree ? [name] : [],
  };
}

/** Dropout and casts follow softmax; scale, masks and casts come before it. */
function isAllowed({ kind }: Step, hasSoftmax: boolean): boolean {
  if (kind === "cast") return true;
  return hasSoftmax ? kind !== "softmax" && kind !== "dropout" : kind === "softmax" || kind === "dropout";
}

/** Goes on with the statement before that gave the name its value. */
function peeledName(name: string, position: number, reading: Reading): Peeled | undefined {
  const { block, hasSoftmax } = reading;
  for (let i = position - 1; i >= 0; i--) {
    const statement = block[i]!;
    const value = valueGiven(statement, name);
    if (value) return add(peeled(value, i, reading), name, i);
    const own = stepsOn(statement, name, reading.scope);
    for (const { step, test } of own) {
      if (!isAllowed(step, hasSoftmax)) return undefined;
      const rest = peeledName(name, i, { ...reading, hasSoftmax: hasSoftmax || step.kind === "softmax" });
      return rest && add({ ...rest, steps: [{ step, position: i, test }, ...rest.steps] }, name, i);
    }
    if (namesRead(statement).has(name) || namesBound(statement).has(name)) return undefined;
  }
  return undefined;
}

function add(found: Peeled | undefined, name: string, position: number): Peeled | undefined {
  return found && { ...found, consumed: [...found.consumed, position], names: [...found.names, name] };
}

/** The value of `name = value`. */
function valueGiven(statement: Statement, name: string): Expression | undefined {
  if (statement.kind === "AnnAssign")
    return statement.target.kind === "Name" && statement.target.id === name
      ? (statement.value ?? undefined)
      : undefined;
  if (statement.kind !== "Assign" || statement.targets.length !== 1) return undefined;
  const target = statement.targets[0]!;
  return target.kind === "Name" && target.id === name ? statement.value : undefined;
}

/** The step of a statement that changes a name in place, or under a condition; at most one. */
function stepsOn(statement: Statement, name: string, scope: Scope): { step: Step; test: Expression | undefined }[] {
  const isName = (node: Expression) => node.kind === "Name" && node.id === name;
  if (statement.kind === "AugAssign" && isName(statement.target)) {
    const node = { ...statement.target, endLine: statement.endLine, endColumn: statement.endColumn };
    return arithmetic(statement.op, statement.target, statement.value, node)
      .slice(0, 1)
      .map(({ step }) => ({ step, test: undefined }));
  }
  if (
    statement.kind === "ExpressionStatement" &&
    statement.value.kind === "Call" &&
    statement.value.func.kind === "Attribute" &&
    statement.value.func.attr.endsWith("_")
  ) {
    return stepsIn(statement.value, scope)
      .filter(({ inner }) => isName(inner))
      .slice(0, 1)
      .map(({ step }) => ({ step, test: undefined }));
  }
  if (statement.kind !== "If" || statement.orelse.length > 0 || statement.body.length !== 1) return [];
  const [only] = statement.body as [Statement];
  const value = valueGiven(only, name);
  const inside = value
    ? stepsIn(value, scope)
        .filter(({ inner }) => isName(inner))
        .slice(0, 1)
    : stepsOn(only, name, scope).filter(({ test }) => !test);
  return inside.map(({ step }) => ({ step, test: statement.test }));
}
