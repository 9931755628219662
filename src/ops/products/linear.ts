import { count, productOf, type Size } from "../../tensor/size.ts";
import { isContiguous, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type BackwardCall, type Op, Refused } from "../op.ts";
import { optionalTensor, tensor } from "../shared/arguments.ts";
import { loweredMatmul, mustExpand, mustShareDType } from "../shared/contracting.ts";
import { product, transposed as turned } from "../shared/gradientProducts.ts";
import { reshaped, viewed } from "../shared/gradients.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";
import { strided, transposed } from "../shared/strided.ts";
import { restrided } from "../shared/viewing.ts";

/**
 * `aten.linear(input, weight, bias=None)`: `input @ weight.T + bias`, an `addmm` over all axes but the last.
 *
 * A contiguous input is only viewed as a matrix, so it is kept itself; another is copied where its strides allow no view.
 */
const linear: Op = {
  name: "aten.linear",

  result([input, weight, bias]) {
    const [x, w, b] = [tensor(input), tensor(weight, "weight"), optionalTensor(bias)];
    if (w.shape.length > 2) throw new Refused(`weight must have 2 axes, but it has ${w.shape.length}`);
    mustShareDType(x, w);
    mustEqual(x.shape.at(-1), w.shape.at(-1), (a, n) => `last axis is ${a}, but in_features is ${n}`);
    const shape = outShape(x, w);
    if (b) mustExpand(b, shape);
    return fresh(shape, x.dtype);
  },

  macs: ([input, weight]) => {
    const [x, w] = [tensor(input), tensor(weight)];
    return w.shape.length === 2 ? count(x.shape.slice(0, -1)) * count(w.shape) : 0;
  },

  saves([input, weight, bias], _out, needs) {
    const [x, w] = [tensor(input), tensor(weight)];
    return [needs[1] && keptInput(x, w, bias), needs[0] && w];
  },

  backward([grad], call) {
    const [x, w] = [tensor(call.args[0]), tensor(call.args[1])];
    if (!grad || w.shape.length !== 2) return byOneProduct(grad as Tensor, x, w, call);
    const rows = productOf(x.shape.slice(0, -1));
    const flat = reshaped(grad, [rows, w.shape[0] as Size], call);
    const input = flattened(call.kept[0] ?? x, x, rows);
    // With a bias it is one kernel whose first matrix comes first; without, the weight's gradient does.
    const weight = () => (call.needs[1] ? product(turned(flat), input, call) : undefined);
    const early = call.args[2] ? undefined : weight();
    const toInput = call.needs[0] ? product(flat, w, call) : undefined;
    const toWeight = call.args[2] ? weight() : early;
    // The weight was transposed, and an input of more axes viewed as a matrix: their gradients are views as well.
    return [
      toInput && (x.shape.length === 2 ? toInput : viewed(toInput, x.shape, null)),
      toWeight && viewed(toWeight, toWeight.shape, null),
      flat,
    ];
  },
};
export default linear;

/** The input as the matrix that was multiplied: itself, or the copy that was made of it. */
function flattened(kept: Tensor, x: Tensor, rows: Size): Tensor {
  const shape = [rows, x.shape.at(-1) as Size];
  const strides = kept.storage === x.storage ? (restrided(x, shape) ?? null) : null;
  return viewed({ ...x, storage: kept.storage }, shape, strides);
}

/** A weight of one row: a product with a vector, which the counter does not count. */
function byOneProduct(
  grad: Tensor,
  x: Tensor,
  w: Tensor,
  { needs, kernel }: BackwardCall,
): readonly (Tensor | undefined)[] {
  const made = (of: Tensor, name: string, other: Tensor) =>
    kernel(`aten.${name}`, [grad, other], [fresh(of.shape, of.dtype)])[0];
  return [needs[0] ? made(x, "ger", w) : undefined, needs[1] ? made(w, "mv", x) : undefined, grad];
}

function outShape(x: Tensor, w: Tensor): readonly Size[] {
  return [...x.shape.slice(0, -1), ...w.shape.slice(0, -1)];
}

function keptInput(x: Tensor, w: Tensor, bias: Arg | undefined) {
  if (x.shape.length <= 2 || (bias && isContiguous(x.shape, x.strides))) return x;
  const { shape, strides } = transposed(strided(w));
  return loweredMatmul(x, { ...w, shape, strides }).left;
}
