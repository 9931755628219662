/** Gradients while they wait: who holds them, what happens where two meet, and how one becomes a leaf's own. */
import { Unknown } from "../../base/unknown.ts";
import { isDense } from "../../ops/shared/making.ts";
import { integer } from "../../tensor/size.ts";
import { contiguousStrides, isContiguous, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Tracer } from "../tracer.ts";
import type { Running } from "./running.ts";

export class Gradients {
  /** How many hold the very same tensor; views count for themselves. */
  private readonly users = new Map<Tensor, number>();

  constructor(
    private readonly tracer: Tracer,
    private readonly running: Running,
  ) {}

  hold(tensor: Tensor): void {
    tensor.storage.holders++;
    this.users.set(tensor, (this.users.get(tensor) ?? 0) + 1);
  }

  release(tensor: Tensor): void {
    const left = (this.users.get(tensor) ?? 1) - 1;
    if (left > 0) this.users.set(tensor, left);
    else this.users.delete(tensor);
    this.tracer.drop(tensor.storage);
  }

  /** The sum of what waits and what comes; both are held, and so is the sum instead of them. */
  sum(first: Tensor, next: Tensor): Tensor {
    const { kernel } = this.running;
    const { storage } = first;
    // A view holds its base, so its memory is never held by it alone.
    const alone = storage.holders === 1 && storage.base === first && isDense(first);
    const made = alone ? { ...first, sharing: first } : { shape: first.shape, dtype: first.dtype };
    const [out] = kernel(alone ? "aten.add_" : "aten.add", [first, next], [made]) as [Tensor];
    if (alone) {
      this.users.delete(first);
      this.users.set(out, 1);
      storage.base = out;
    } else this.hold(out);
    this.release(next);
    if (!alone) this.release(first);
    this.running.flush();
    return out;
  }

  /** A leaf's gradient: the first is taken over where nobody else holds it and it lies as the leaf does, the next are added. */
  accumulate(leaf: Tensor, key: string, gradient: Tensor): void {
    const { kernel } = this.running;
    const { gradients } = this.tracer;
    const before = gradients.get(key);
    if (before) {
      kernel("aten.add_", [before, gradient], [{ ...before, sharing: before }]);
      this.release(gradient);
    } else if (this.users.get(gradient) === 1 && fits(gradient, leaf)) {
      this.users.delete(gradient);
      gradient.storage.role = "gradient";
      gradients.set(key, gradient);
    } else {
      const strides = isDense(leaf) ? leaf.strides : null;
      const [own] = kernel("aten.clone", [gradient], [{ shape: leaf.shape, dtype: leaf.dtype, strides }]) as [Tensor];
      own.storage.role = "gradient";
      own.storage.holders++;
      gradients.set(key, own);
      this.release(gradient);
    }
    this.running.flush();
  }
}

/** PyTorch's contract of layouts: as the leaf where that is dense, otherwise row by row. */
function fits(gradient: Tensor, leaf: Tensor): boolean {
  if ([...gradient.shape, ...leaf.shape].some((size) => size instanceof Unknown)) return true;
  if (!isDense(leaf)) return isContiguous(gradient.shape, gradient.strides);
  const [own, wanted] = [stridesOf(gradient), leaf.strides ?? contiguousStrides(leaf.shape)];
  return leaf.shape.every((size, i) => integer(size) === 1 || own[i] === wanted[i]);
}
