import { count, integers, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { BackwardCall, Gradient } from "../op.ts";
import { tensor } from "./arguments.ts";
import { type Lowered, loweredMatmul } from "./contracting.ts";
import { product, transposed } from "./gradientProducts.ts";
import { reshaped, viewed } from "./gradients.ts";
import { broadcastShapes } from "./making.ts";

/** Gradients of `torch.matmul`: those of the `dot`, `mv`, `mm` or `bmm` that it lowers to, under the operands' shapes. */
export function matmulGradients(grads: readonly (Tensor | undefined)[], call: BackwardCall): readonly Gradient[] {
  const [a, b] = [tensor(call.args[0]), tensor(call.args[1])];
  const [grad] = grads as [Tensor];
  const lowered = loweredMatmul(a, b);
  if (lowered.kernel === "bmm") return ofBatches(grad, a, b, call);
  if (lowered.kernel === "mm" && b.shape.length === 2 && a.shape.length >= 2) return ofMatrix(grad, a, b, call);
  return ofWhole(grad, a, b, call, lowered);
}

/** What was multiplied: the operand itself, or the copy that was kept of it. */
function operand(of: Tensor, kept: Tensor | undefined): Tensor {
  return kept && kept.storage !== of.storage ? { ...of, storage: kept.storage, strides: null } : of;
}

/** Rows of any number of axes times one matrix. */
function ofMatrix(grad: Tensor, a: Tensor, b: Tensor, call: BackwardCall): readonly Gradient[] {
  const rows = a.shape.length === 2 ? a.shape.slice(0, 1) : [count(a.shape.slice(0, -1))];
  const flat = reshaped(grad, [...rows, b.shape[1] as Size], call);
  const input = reshaped(operand(a, call.kept[0]), [...rows, a.shape.at(-1) as Size], call);
  const right = call.needs[1] ? columnwise(b, flat, input, call) : undefined;
  const left = call.needs[0] ? product(flat, transposed(b), call) : undefined;
  return [left && (a.shape.length === 2 ? left : viewed(left, a.shape, null)), right];
}

/** The second operand's gradient lies as that does: a transposed weight's is made transposed. */
function columnwise(b: Tensor, grad: Tensor, input: Tensor, call: BackwardCall): Tensor {
  const turned = b.strides?.[0] === 1 && b.strides[1] !== 1;
  return turned ? transposed(product(transposed(grad), input, call)) : product(transposed(input), grad, call);
}

function ofBatches(grad: Tensor, a: Tensor, b: Tensor, call: BackwardCall): readonly Gradient[] {
  const batch = integers(broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)));
  const all = count(batch);
  const inner = a.shape.at(-1) as Size;
  const rows = a.shape.length === 1 ? 1 : (a.shape.at(-2) as Size);
  const columns = b.shape.length === 1 ? 1 : (b.shape.at(-1) as Size);
  const flat = reshaped(grad, [all, rows, columns], call);
  const as = (of: Tensor, kept: Tensor | undefined, shape: readonly Size[]): Tensor => {
    const one = operand(of, kept);
    return count(of.shape) === count(shape) ? reshaped(one, shape, call) : viewed(one, shape, null);
  };
  const right = call.needs[1] ? product(transposed(as(a, call.kept[0], [all, rows, inner])), flat, call) : undefined;
  const left = call.needs[0] ? product(flat, transposed(as(b, call.kept[1], [all, inner, columns])), call) : undefined;
  return [
    left && viewed(left, [...batch, ...(a.shape.length === 1 ? [] : [rows]), inner], null),
    right && viewed(right, [...batch, inner, ...(b.shape.length === 1 ? [] : [columns])], null),
  ];
}

/** Products that neither repeat nor sum an operand: one kernel each, as large as the forward pass's. */
function ofWhole(
  grad: Tensor,
  a: Tensor,
  b: Tensor,
  call: BackwardCall,
  { kernel, macs }: Lowered,
): readonly Gradient[] {
  const made = (of: Tensor, other: Tensor) =>
    call.kernel(`aten.${kernel}`, [grad, other], [{ shape: of.shape, dtype: of.dtype }], { macs })[0];
  return [call.needs[0] ? made(a, b) : undefined, call.needs[1] ? made(b, a) : undefined];
}
