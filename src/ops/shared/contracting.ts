/** The matrix products that `torch.matmul` lowers to: shapes with expressions, and the operands as autograd would keep them. */
import { integer, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Extra, Refused } from "../op.ts";
import { broadcastShapes } from "./making.ts";
import { mustEqual } from "./spatial.ts";
import { expanded, reshaped, type Strided, strided, transposed, unsqueezed } from "./strided.ts";

export function mustHaveRank(tensor: Tensor, rank: number, name: string): void {
  if (tensor.shape.length !== rank)
    throw new Refused(`${name} must have ${rank} axes, but it has ${tensor.shape.length}`);
}

/** Refuses operands of a product in different dtypes, as the kernels do. */
export function mustShareDType(a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype)
    throw new Refused(`operands of a matrix product are ${a.dtype} and ${b.dtype}`, "wrong-argument");
}

/** Refuses a bias that does not broadcast to the product. */
export function mustExpand(bias: Tensor, shape: readonly Size[]): void {
  const offset = shape.length - bias.shape.length;
  if (offset < 0) throw new Refused(`bias has ${bias.shape.length} axes, but the result has ${shape.length}`);
  bias.shape.forEach((size, i) => {
    if (size !== 1) mustEqual(size, shape[i + offset], (a, b) => `bias has ${a} elements where the result has ${b}`);
  });
}

/** Shape of `a @ b`. Refused with both inner sizes named. */
export function matmulShape(a: Tensor, b: Tensor): readonly Size[] {
  if (a.shape.length === 0 || b.shape.length === 0)
    throw new Refused("both operands of matmul need at least 1 axis, but one has 0");
  mustShareDType(a, b);
  const inner = b.shape.length === 1 ? b.shape[0] : b.shape.at(-2);
  mustEqual(a.shape.at(-1), inner, (x, y) => `last axis of the first is ${x}, but the second has ${y} rows`);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [...batch, ...a.shape.slice(0, -1).slice(-1), ...(b.shape.length > 1 ? b.shape.slice(-1) : [])];
}

/** How one product runs: its kernel, and its operands after folding, expanding and copying. */
export interface Lowered {
  readonly kernel: "dot" | "mv" | "mm" | "bmm";
  readonly left: Tensor | Extra;
  readonly right: Tensor | Extra;
  /** Multiply-adds that the counter sees: it has no formula for `mv` and `dot`. */
  readonly macs: number;
}

/** The lowering of `torch.matmul` (ATen, `LinearAlgebra.cpp`). Throws NeedsKnownSize. */
export function loweredMatmul(first: Tensor, second: Tensor): Lowered {
  return lower(strided(first), strided(second), first.requiresGrad, second.requiresGrad);
}

function lower(a: Strided, b: Strided, aTrained: boolean, bTrained: boolean): Lowered {
  const [ranks, m, p] = [[a.shape.length, b.shape.length], a.shape.at(-1) ?? 1, b.shape.at(-1) ?? 1];
  const [rankA = 0, rankB = 0] = ranks;
  const rows = a.shape.slice(0, -1).reduce((total, n) => total * n, 1);
  if (rankA === 1 && rankB === 1) return { kernel: "dot", left: a.kept, right: b.kept, macs: 0 };
  if (rankA === 2 && rankB === 1) return { kernel: "mv", left: a.kept, right: b.kept, macs: 0 };
  if (rankA <= 2 && rankB === 2) return { kernel: "mm", left: a.kept, right: b.kept, macs: rows * m * p };
  if (rankA >= 3 && rankB <= 2 && folds(a, bTrained)) {
    const left = reshaped(a, [rows, m]).kept;
    return rankB === 1
      ? { kernel: "mv", left, right: b.kept, macs: 0 }
      : { kernel: "mm", left, right: b.kept, macs: rows * m * p };
  }
  // A matrix before a batch of matrices folds only where it is trained, since the result must be copied back.
  if (rankB >= 3 && rankA <= 2 && (aTrained || (rankA === 1 && folds(transposed(b), false)))) {
    const t = transposed(b);
    const folded = t.shape.slice(0, -1).reduce((total, n) => total * n, 1);
    const right = reshaped(t, [folded, m]).kept;
    const n = rankA === 2 ? (a.shape[0] ?? 1) : 1;
    return { kernel: rankA === 1 ? "mv" : "mm", left: a.kept, right, macs: rankA === 1 ? 0 : folded * m * n };
  }
  if (rankA === 3 && rankB === 3 && a.shape[0] !== b.shape[0]) {
    if (a.shape[0] === 1 && aTrained) return lower(withoutBatch(a), b, aTrained, bTrained);
    if (b.shape[0] === 1 && bTrained) return lower(a, withoutBatch(b), aTrained, bTrained);
  }
  return batched(a, b);
}

function batched(a: Strided, b: Strided): Lowered {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)).map(integer);
  const [all, n, m] = [batch.reduce((total, size) => total * size, 1), a.shape.at(-2) ?? 1, a.shape.at(-1) ?? 1];
  const left = reshaped(expanded(a.shape.length === 1 ? unsqueezed(a, 0) : a, [...batch, n, m]), [all, n, m]);
  const vector = b.shape.length === 1;
  const p = vector ? 1 : (b.shape.at(-1) ?? 1);
  const right = vector
    ? reshaped(expanded(b, [...batch, m]), [all, m])
    : reshaped(expanded(b, [...batch, m, p]), [all, m, p]);
  return { kernel: "bmm", left: left.kept, right: right.kept, macs: all * n * m * p };
}

/** Whether a batch of matrices times one matrix runs as one product of matrices (`should_fold`). */
function folds(larger: Strided, smallerTrained: boolean): boolean {
  if (smallerTrained || larger.shape.includes(0)) return true;
  return larger.shape
    .slice(0, -2)
    .every((_, i) => larger.strides[i] === (larger.strides[i + 1] ?? 0) * (larger.shape[i + 1] ?? 0));
}

function withoutBatch(of: Strided): Strided {
  return { ...of, shape: of.shape.slice(1), strides: of.strides.slice(1) };
}
