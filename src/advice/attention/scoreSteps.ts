/** What is done to attention's scores between the two products, one operation of a trace at a time. */
import type { Arg } from "../../ops/op.ts";
import { numberOf } from "../../ops/shared/folding.ts";
import { integers, type Size } from "../../tensor/size.ts";
import { elements, isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";

export type ScoreStep =
  | { readonly kind: "scale"; readonly by: number | Tensor; readonly inverse: boolean }
  /** `shape` is the scores' at that step. */
  | { readonly kind: "add"; readonly mask: Tensor; readonly negative: boolean; readonly shape: readonly Size[] }
  /** Scores where the flags say so are pushed down to a value. */
  | {
      readonly kind: "fill";
      readonly flags: Tensor;
      readonly dropsTrue: boolean;
      readonly value: number;
      readonly shape: readonly Size[];
    };

/** The shape in which a mask meets scores of `final` shape; undefined where it has none. */
export function maskShape(mask: Tensor, shape: readonly Size[], final: readonly Size[]): readonly Size[] | undefined {
  const [sizes, own, last] = [integers(mask.shape), integers(shape), integers(final)];
  if (own.join() === last.join() || sizes.slice(0, -2).every((size) => size === 1))
    return own.length === last.length ? mask.shape : mask.shape.slice(-2);
  return sizes.join() === own.join() ? final : undefined;
}

/** What an operation does to scores, and the scores before it; `step` is absent where their values stay. */
export function stepOf(operation: Operation, out: Tensor): { step?: ScoreStep; from: Tensor } | undefined {
  const { name, call } = operation;
  const [a, b, c] = call.args;
  const isWide = (one: Arg | undefined): one is Tensor =>
    isTensor(one) && elements(one.shape) === elements(out.shape) && one.shape.length >= 2;
  switch (name) {
    case "aten.mul":
    case "aten.div": {
      const [from, by] = isWide(a) ? [a, b] : [b, a];
      if (!isWide(from) || (name === "aten.div" && from !== a)) return undefined;
      const factor = isTensor(by) && by.data?.length !== 1 ? (elements(by.shape) === 1 ? by : undefined) : numberOf(by);
      return factor === undefined
        ? undefined
        : { step: { kind: "scale", by: factor, inverse: name === "aten.div" }, from };
    }
    case "aten.add":
    case "aten.sub": {
      const alpha = numberOf(c ?? 1);
      // Of two that are both as wide as the scores, the scores are those that a product leads to: the first as people write.
      const [from, mask] = isWide(a) ? [a, b] : [b, a];
      if (!isWide(from) || !isTensor(mask) || alpha !== 1 || (name === "aten.sub" && from !== a)) return undefined;
      return { step: { kind: "add", mask, negative: name === "aten.sub", shape: out.shape }, from };
    }
    case "aten.masked_fill": {
      const value = numberOf(c);
      if (!isWide(a) || !isTensor(b) || !isLow(value)) return undefined;
      return { step: { kind: "fill", flags: b, dropsTrue: true, value, shape: out.shape }, from: a };
    }
    case "aten.where": {
      if (!isTensor(a)) return undefined;
      const [kept, dropped] = [numberOf(c), numberOf(b)];
      if (isWide(b) && isLow(kept))
        return { step: { kind: "fill", flags: a, dropsTrue: false, value: kept, shape: out.shape }, from: b };
      if (isWide(c) && isLow(dropped))
        return { step: { kind: "fill", flags: a, dropsTrue: true, value: dropped, shape: out.shape }, from: c };
      return undefined;
    }
    default:
      return isTensor(a) && keepsRows(operation, a, out) ? { from: a } : undefined;
  }
}

/** A value that leaves nothing of a score behind softmax. */
function isLow(value: number | undefined): value is number {
  return value !== undefined && value <= -1e4;
}

const copies = new Set(["aten._to_copy", "aten.contiguous", "aten.clone", "aten.alias"]);
const reshapes = new Set([
  "aten.view",
  "aten.reshape",
  "aten.unsqueeze",
  "aten.squeeze",
  "aten.flatten",
  "aten.unflatten",
  "aten.expand",
]);

/** Copies, casts to another floating type, and views that leave the last two axes and the number of elements alone. */
export function keepsRows({ name }: Operation, from: Tensor, to: Tensor): boolean {
  if (copies.has(name)) return true;
  if (!reshapes.has(name) || elements(from.shape) !== elements(to.shape)) return false;
  return integers(from.shape.slice(-2)).join() === integers(to.shape.slice(-2)).join();
}

export function isTurning({ name, call }: Operation): boolean {
  const rank = isTensor(call.args[0]) ? call.args[0].shape.length : 0;
  if (name === "aten.transpose") {
    const axes = call.args.slice(1, 3).map((one) => ((numberOf(one) ?? 0) + rank) % rank);
    return axes.sort((x, y) => x - y).join() === `${rank - 2},${rank - 1}`;
  }
  if (name !== "aten.permute" || !Array.isArray(call.args[1])) return false;
  return call.args[1].map((one) => ((numberOf(one as Arg) ?? 0) + rank) % rank).join() === turnedAxes(rank).join();
}

/** The order that swaps the last two of `rank` axes. */
export function turnedAxes(rank: number): number[] {
  return [...Array(rank).keys()].map((i) => (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2));
}
