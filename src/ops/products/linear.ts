import { count, type Size } from "../../tensor/size.ts";
import { isContiguous, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { optionalTensor, tensor } from "../shared/arguments.ts";
import { loweredMatmul, mustExpand, mustShareDType } from "../shared/contracting.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";
import { strided, transposed } from "../shared/strided.ts";

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
};
export default linear;

function outShape(x: Tensor, w: Tensor): readonly Size[] {
  return [...x.shape.slice(0, -1), ...w.shape.slice(0, -1)];
}

function keptInput(x: Tensor, w: Tensor, bias: Arg | undefined) {
  if (x.shape.length <= 2 || (bias && isContiguous(x.shape, x.strides))) return x;
  const { shape, strides } = transposed(strided(w));
  return loweredMatmul(x, { ...w, shape, strides }).left;
}
