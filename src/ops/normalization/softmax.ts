/** Softmax and its logarithm: the result is what autograd keeps. */
import { category } from "../../tensor/dtype.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { axis, dtypeOr, flag, tensor } from "../shared/arguments.ts";
import { fresh } from "../shared/making.ts";
import { savesResult } from "../shared/saving.ts";

/** `aten._softmax(self, dim, half_to_float)`; CUDA can widen half precision on the way. */
function kernel(name: string): Op {
  return {
    name: `aten.${name}`,
    work: 5,
    result([input, dim, halfToFloat]) {
      const x = checked(input, dim);
      return fresh(x.shape, flag(halfToFloat) ? "float32" : x.dtype);
    },
    saves: savesResult,
  };
}

/** `aten.softmax.int(self, dim, dtype=None)`: the input is converted first where a dtype is named. */
function converting(name: string): Op {
  return {
    name: `aten.${name}`,
    work: 5,
    result([input, dim, dtype]) {
      const x = checked(input, dim, dtype);
      return fresh(x.shape, dtypeOr(dtype, x.dtype));
    },
    saves: savesResult,
  };
}

function checked(input: Arg | undefined, dim: Arg | undefined, dtype?: Arg) {
  const x = tensor(input);
  axis(dim, x.shape.length);
  if (category(dtypeOr(dtype, x.dtype)) < 2)
    throw new Refused(`softmax takes floating-point tensors, not ${x.dtype}`, "wrong-argument");
  return x;
}

const softmaxes: readonly Op[] = [
  kernel("_softmax"),
  kernel("_log_softmax"),
  converting("softmax"),
  converting("log_softmax"),
];
export default softmaxes;
