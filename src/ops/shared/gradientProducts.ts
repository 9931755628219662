/** Matrix products of a backward pass, with operands in an order that the library takes. */
import { count, integers } from "../../tensor/size.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { BackwardCall, Made } from "../op.ts";
import { viewed } from "./gradients.ts";

/** The last two axes exchanged. */
export function transposed(of: Tensor): Tensor {
  const steps = stridesOf(of);
  const swap = <T>(list: readonly T[]) => [...list.slice(0, -2), list.at(-1) as T, list.at(-2) as T];
  return viewed(of, swap(of.shape), swap(steps));
}

/** `a @ b` of matrices, or of two batches of as many matrices. */
export function product(a: Tensor, b: Tensor, call: BackwardCall): Tensor {
  return call.run(a.shape.length === 2 ? "aten.mm" : "aten.bmm", ready(a, call), ready(b, call));
}

/** Gradients of both operands of `a @ b`, from that of the product; each lies as its operand does. */
export function productGradients(
  grad: Tensor,
  a: Tensor,
  b: Tensor,
  needs: readonly [boolean | undefined, boolean | undefined],
  call: BackwardCall,
  selfLast: boolean,
): readonly [Tensor | undefined, Tensor | undefined] {
  const left = () =>
    byColumn(a) ? transposed(product(b, transposed(grad), call)) : product(grad, transposed(b), call);
  const right = () =>
    byColumn(b) ? transposed(product(transposed(grad), a, call)) : product(transposed(a), grad, call);
  // PyTorch computes gradients in the order of the arguments' names: mat2 before self, but mat1 before mat2.
  const second = needs[1] && selfLast ? right() : undefined;
  const first = needs[0] ? left() : undefined;
  return [first, second ?? (needs[1] ? right() : undefined)];
}

function byColumn(of: Tensor): boolean {
  if (of.shape.length !== 2 || !of.strides) return false;
  const [rows = 1, columns = 1] = integers(of.shape);
  return of.strides[0] === 1 && of.strides[1] === rows && columns > 1;
}

/** cuBLAS takes a matrix whose rows or columns are dense; another is copied first. */
function ready(of: Tensor, call: BackwardCall): Tensor {
  if (!of.strides) return of;
  const [rows = 1, columns = 1] = integers(of.shape.slice(-2));
  const [down = 0, along = 0] = of.strides.slice(-2);
  const dense = (step: number, other: number, length: number) => step === 1 && other >= Math.max(1, length);
  if (dense(along, down, columns) || dense(down, along, rows) || count(of.shape) <= 1) return of;
  const made: Made = { shape: of.shape, dtype: of.dtype };
  return call.kernel("aten.clone", [of], [made])[0] as Tensor;
}
