import { Unknown } from "../base/unknown.ts";
import {
  constant,
  constantValue,
  type Expr,
  extreme,
  product,
  quotient,
  remainder,
  show,
  sum,
  symbol,
} from "./expression.ts";

/** An integer of this scenario together with the expression it came from, as torch's SymInt carries a hint. */
export class SymInt {
  constructor(
    readonly hint: number,
    readonly expr: Expr,
  ) {}
}

/** One axis of a tensor: an integer, an integer with its expression, or not known. */
export type Size = number | SymInt | Unknown;

/** A size that the scenario names, such as `B` = 1. */
export function scenarioSize(name: string, value: number): SymInt {
  return new SymInt(value, symbol(name));
}

/** Thrown by `integer`; whoever applies an operation turns it into an unknown result. */
export class NeedsKnownSize {
  constructor(readonly unknown: Unknown) {}
}

/** The integer of this scenario. Throws NeedsKnownSize where the size is unknown. */
export function integer(size: Size): number {
  if (typeof size === "number") return size;
  if (size instanceof SymInt) return size.hint;
  throw new NeedsKnownSize(size);
}

export function integers(sizes: readonly Size[]): number[] {
  return sizes.map(integer);
}

/** Product of the integers; 1 for none. Throws NeedsKnownSize. */
export function count(sizes: readonly Size[]): number {
  let total = 1;
  for (const size of sizes) total *= integer(size);
  return total;
}

export const plus = (a: Size, b: Size): Size => combine(a, b, (x, y) => x + y, sum);
export const times = (a: Size, b: Size): Size => combine(a, b, (x, y) => x * y, product);
export const minus = (a: Size, b: Size): Size => plus(a, times(-1, b));
export const floorDivide = (a: Size, b: Size): Size => combine(a, b, (x, y) => Math.floor(x / y), quotient);
export const modulo = (a: Size, b: Size): Size => combine(a, b, (x, y) => x - Math.floor(x / y) * y, remainder);
export const largest = (a: Size, b: Size): Size => combine(a, b, Math.max, (x, y) => extreme("max", x, y));
export const smallest = (a: Size, b: Size): Size => combine(a, b, Math.min, (x, y) => extreme("min", x, y));

/** Product of all, with its expression; 1 for none. */
export function productOf(sizes: readonly Size[]): Size {
  return sizes.reduce(times, 1);
}

/** Whether both are known and the same integer in this scenario. */
export function sameSize(a: Size, b: Size): boolean {
  return !(a instanceof Unknown) && !(b instanceof Unknown) && integer(a) === integer(b);
}

export function expressionOf(size: number | SymInt): Expr {
  return typeof size === "number" ? constant(size) : size.expr;
}

/** `B`, `3·d`, `768`, or `?`. */
export function showSize(size: Size): string {
  if (typeof size === "number") return String(size);
  return size instanceof SymInt ? show(size.expr) : "?";
}

function combine(
  a: Size,
  b: Size,
  onHints: (x: number, y: number) => number,
  onExpr: (x: Expr, y: Expr) => Expr,
): Size {
  if (typeof a === "number" && typeof b === "number") return onHints(a, b);
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  const [left, right] = [expressionOf(a), expressionOf(b)];
  const isConstant = constantValue(left) !== undefined && constantValue(right) !== undefined;
  if (isConstant) return onHints(integer(a), integer(b));
  const expr = onExpr(left, right);
  return constantValue(expr) ?? new SymInt(onHints(integer(a), integer(b)), expr);
}
