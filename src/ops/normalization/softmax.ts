/** Softmax and its logarithm: the result is what autograd keeps. */
import { category, itemBytes } from "../../tensor/dtype.ts";
import { count } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { axis, dtypeOr, flag, tensor } from "../shared/arguments.ts";
import { contiguous } from "../shared/gradients.ts";
import { fresh } from "../shared/making.ts";
import { savesResult } from "../shared/saving.ts";

/** The result's kernel, which multiplies softmax's gradient by the result first. The gradient leaves in the input's dtype. */
function kernelOf(name: string): NonNullable<Op["backward"]> {
  const logarithmic = name.includes("log");
  return ([grad], call) => {
    const [x, out] = [tensor(call.args[0]), call.out[0] as Tensor];
    const own = contiguous(grad as Tensor, call);
    const workspaceBytes = logarithmic ? 0 : count(out.shape) * itemBytes(out.dtype);
    const kernel = logarithmic ? "aten._log_softmax_backward_data" : "aten._softmax_backward_data";
    // Only float16 is widened by the kernel itself; other types are cast before it.
    const dtype = name.startsWith("_") || x.dtype === "float16" ? x.dtype : out.dtype;
    return call.kernel(kernel, [own, out], [fresh(x.shape, dtype)], { work: 5, workspaceBytes });
  };
}

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
    backward: kernelOf(name),
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
    backward: kernelOf(name),
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
