/**
 * Yields inside a statement. Each is run before the statement it stands in, in order, and its value kept in a slot that
 * the statement then reads: the same for every yield that does not stand behind an `and`, `or` or a conditional.
 */
import type { Expression, Statement } from "../../syntax/ast.ts";
import { resume } from "../calls.ts";
import type { Evaluate, Frame } from "../code.ts";
import { iterate } from "../iteration.ts";
import { PyGenerator, type Value } from "../values.ts";
import { childrenOf } from "./children.ts";
import { compileExpression } from "./expressions.ts";
import type { Scope } from "./scope.ts";

type Yield = Expression & { kind: "Yield" | "YieldFrom" };
const slots = new WeakMap<Yield, number>();

/** Reads what a yield gave. */
export function yielded(node: Yield, _scope: Scope): Evaluate {
  const slot = slots.get(node) as number;
  return (f) => f.slots[slot] ?? null;
}

/** The yields of expressions, inner ones first. */
export function yieldsOf(...nodes: readonly (Expression | null)[]): Yield[] {
  return nodes.flatMap((node) => {
    if (node === null) return [];
    const inner = childrenOf(node).flatMap((child) => yieldsOf(child));
    return node.kind === "Yield" || node.kind === "YieldFrom" ? [...inner, node] : inner;
  });
}

/** Runs the yields, each value sent back kept in its slot. */
export function compileYields(nodes: readonly Yield[], scope: Scope): (f: Frame) => Generator<Value, void, Value> {
  const steps = nodes.map((node) => {
    const slot = scope.newSlot("yield").index;
    slots.set(node, slot);
    return {
      slot,
      from: node.kind === "YieldFrom",
      value: node.value ? compileExpression(node.value, scope) : () => null,
    };
  });
  return function* (f) {
    for (const { slot, from, value } of steps) {
      const given = value(f);
      f.slots[slot] = from ? yield* delegate(f, given) : yield given;
    }
  };
}

function* delegate(f: Frame, given: Value): Generator<Value, Value, Value> {
  if (given instanceof PyGenerator) {
    let sent: Value = null;
    for (let item = resume(f.py, given, sent); item !== undefined; item = resume(f.py, given, sent)) sent = yield item;
    return given.frame.result;
  }
  const next = iterate(f.py, given);
  for (let item = next(); item !== undefined; item = next()) yield item;
  return null;
}

/** The expressions that a simple statement evaluates. */
export function expressionsOf(node: Statement): (Expression | null)[] {
  switch (node.kind) {
    case "Return":
    case "ExpressionStatement":
      return [node.value];
    case "Assign":
      return [node.value, ...node.targets];
    case "AugAssign":
      return [node.value, node.target];
    case "AnnAssign":
      return [node.value, node.target];
    case "Raise":
      return [node.exc, node.cause];
    case "Assert":
      return [node.test, node.msg];
    case "Delete":
      return node.targets;
    default:
      return [];
  }
}
