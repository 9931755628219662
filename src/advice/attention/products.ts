/** Matrix products as people write them, brought into the order that attention takes: batches, then rows, then features. */
import type { Expression } from "../../syntax/ast.ts";
import { argument, atomText, type Called, called, integerIn, type Scope, textOf } from "./code.ts";

/** `left @ right`, or an einsum of the two. */
export interface Product {
  readonly node: Expression;
  readonly left: Expression;
  readonly right: Expression;
  readonly equation: readonly [left: string, right: string, out: string] | undefined;
  /** What `baddbmm` does beside: the factor of the product, and what is added to it. */
  readonly alpha?: Expression | undefined;
  readonly added?: Expression | undefined;
  /** A tensor that it is given and does not read. */
  readonly unread?: Expression | undefined;
}

export function productIn(node: Expression, scope: Scope): Product | undefined {
  if (node.kind === "BinOp" && node.op === "@")
    return { node, left: node.left, right: node.right, equation: undefined };
  const call = called(node, scope);
  if (call?.name === "baddbmm") return addedProduct(call);
  if (!call || call.keywords.length > 0) return undefined;
  const [first, second, third] = call.args;
  if (/^(matmul|bmm)$/.test(call.name) && call.args.length === 2)
    return { node, left: first!, right: second!, equation: undefined };
  if (call.name !== "einsum" || first?.kind !== "Str" || call.args.length !== 3) return undefined;
  const [, left, right, out] = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/.exec(first.value.replaceAll(/\s/g, "")) ?? [];
  if (left === undefined || [left, right, out].some((letters) => new Set(letters).size !== letters!.length))
    return undefined;
  return { node, left: second!, right: third!, equation: [left, right!, out!] };
}

function addedProduct(call: Called): Product | undefined {
  const [input, left, right] = [argument(call, 0, "input"), argument(call, 1, "batch1"), argument(call, 2, "batch2")];
  const [beta, alpha] = ["beta", "alpha"].map((name) => call.keywords.find(({ arg }) => arg === name)?.value);
  if (!input || !left || !right || (beta && beta.kind !== "Int" && beta.kind !== "Float")) return undefined;
  const times = beta ? beta.value : 1;
  if (times !== 0 && times !== 1) return undefined;
  return {
    node: call.node,
    left,
    right,
    equation: undefined,
    alpha,
    ...(times === 0 ? { unread: input } : { added: input }),
  };
}

/** A tensor of a product: the node it comes from, and the text that lays it out as attention wants it. */
export interface Operand {
  readonly node: Expression;
  readonly text: string;
}

/** Queries and keys of a product whose last axis counts keys; nothing where its axes are others. `rank` is the product's. */
export function queriesAndKeys(
  { left, right, equation }: Product,
  rank: number,
  scope: Scope,
): { query: Operand; key: Operand } | undefined {
  if (!equation) {
    const base = transposed(right, rank, scope);
    const key = base
      ? { node: base, text: textOf(base, scope) }
      : { node: right, text: `${atomText(right, scope)}.transpose(-2, -1)` };
    return { query: { node: left, text: textOf(left, scope) }, key };
  }
  const [l, r, out] = equation;
  const [rows, columns] = [out.at(-2)!, out.at(-1)!];
  // The operand that holds the rows asks; either may be written first.
  const [q, k, query, key] = l.includes(rows) ? [l, r, left, right] : [r, l, right, left];
  const batches = out.slice(0, -2);
  const features = [...q].filter((letter) => k.includes(letter) && !out.includes(letter));
  if (features.length !== 1 || !isMade(q, batches + rows + features[0]) || !isMade(k, batches + columns + features[0]))
    return undefined;
  return {
    query: { node: query, text: arranged(query, q, batches + rows + features[0], scope) },
    key: { node: key, text: arranged(key, k, batches + columns + features[0], scope) },
  };
}

/** How the weights are applied: the values, and what is to be put behind the result. */
export interface Applied {
  readonly weights: Expression;
  readonly value: Operand;
  readonly behind: string;
}

/** The ways to read a product as weights times values. */
export function applications({ left, right, equation }: Product, scope: Scope): Applied[] {
  if (!equation) {
    const straight = { weights: left, value: { node: right, text: textOf(right, scope) }, behind: "" };
    const turned = transposed(right, undefined, scope);
    if (!turned) return [straight];
    return [
      straight,
      {
        weights: turned,
        value: { node: left, text: `${atomText(left, scope)}.transpose(-2, -1)` },
        behind: ".transpose(-2, -1)",
      },
    ];
  }
  const [l, r, out] = equation;
  return [[l, r, left, right] as const, [r, l, right, left] as const].flatMap(([w, v, weights, value]) => {
    const [rows, columns] = [w.at(-2)!, w.at(-1)!];
    const batches = w.slice(0, -2);
    const features = [...v].filter((letter) => letter !== columns && !batches.includes(letter));
    if (
      features.length !== 1 ||
      !isMade(v, batches + columns + features[0]) ||
      !isMade(out, batches + rows + features[0])
    )
      return [];
    return [
      {
        weights,
        value: { node: value, text: arranged(value, v, batches + columns + features[0], scope) },
        behind: rearranging(batches + rows + features[0], out),
      },
    ];
  });
}

/** Whether a subscript names exactly these axes. */
function isMade(letters: string, axes: string): boolean {
  return letters.length === axes.length && [...axes].every((axis) => letters.includes(axis));
}

function arranged(node: Expression, from: string, to: string, scope: Scope): string {
  const behind = rearranging(from, to);
  return behind ? atomText(node, scope) + behind : textOf(node, scope);
}

/** The method call that brings axes into another order. */
function rearranging(from: string, to: string): string {
  const moved = [...from].flatMap((letter, i) => (to[i] === letter ? [] : [i]));
  if (moved.length === 0) return "";
  if (moved.length === 2) return `.transpose(${moved.join(", ")})`;
  return `.permute(${[...to].map((letter) => from.indexOf(letter)).join(", ")})`;
}

/** The tensor whose last two axes an expression swaps; `rank` settles axes that are counted from the front. */
function transposed(node: Expression, rank: number | undefined, scope: Scope): Expression | undefined {
  if (node.kind === "Attribute" && node.attr === "mT") return node.value;
  const call = called(node, scope);
  if (!call) return undefined;
  if (/^(transpose|swapaxes|swapdims)$/.test(call.name)) {
    const axes = [argument(call, 1, "dim0", "axis0"), argument(call, 2, "dim1", "axis1")]
      .map(integerIn)
      .sort((a, b) => a! - b!);
    const isLast = axes.join() === "-2,-1" || (rank !== undefined && axes.join() === `${rank - 2},${rank - 1}`);
    return isLast ? call.args[0] : undefined;
  }
  if (call.name !== "permute") return undefined;
  const order = call.args.slice(1).map(integerIn);
  const length = order.length;
  const wanted = [...Array(length).keys()].map((i) =>
    i < length - 2 ? i : i === length - 2 ? length - 1 : length - 2,
  );
  return length >= 2 && order.join() === wanted.join() ? call.args[0] : undefined;
}
