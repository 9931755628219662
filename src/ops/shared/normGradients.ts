import type { Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { BackwardCall, Gradient, Made } from "../op.ts";
import { contiguous, tensorAt } from "./gradients.ts";
import { image } from "./spatial.ts";

/** The gradients of a normalisation from one kernel: of the input, and of weight and bias where they need one. */
export function normGradients(
  name: string,
  grad: Tensor,
  call: BackwardCall,
  at: readonly number[],
): readonly Gradient[] {
  const x = tensorAt(call.args, 0) as Tensor;
  const wanted = at.filter((i) => call.needs[i]);
  const own = contiguous(grad, call, name.includes("batch_norm") ? call.out[0] : undefined);
  const makes = wanted.map((i): Made => {
    const one = tensorAt(call.args, i) as Tensor;
    return i === 0
      ? image(x.shape as readonly Size[], x.dtype, ...(x.shape.length > 3 ? [own] : []))
      : { shape: one.shape, dtype: one.dtype };
  });
  const made = call.kernel(`aten.${name}`, [own, ...call.kept], makes, { work: 8 });
  return call.args.map((_, i) => (wanted.includes(i) ? made[wanted.indexOf(i)] : undefined));
}
