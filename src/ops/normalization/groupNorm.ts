/** Normalisation over groups of channels. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, integer, modulo, type Size, showSize } from "../../tensor/size.ts";
import { isContiguous, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused, type Saved } from "../op.ts";
import { optionalTensor, size, tensor } from "../shared/arguments.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { normGradients } from "../shared/normGradients.ts";
import { mustEqual } from "../shared/spatial.ts";
import { mustShareDType } from "../shared/statistics.ts";

/** `aten.native_group_norm(input, weight, bias, N, C, HxW, group, eps)`: the result, mean and reciprocal deviation, `[N, group]`. */
const nativeGroupNorm: Op = {
  name: "aten.native_group_norm",
  work: 8,
  result([input, weight, bias, , , , groups]) {
    const x = tensor(input);
    mustFit(x, groups, weight, bias);
    mustShareDType(x, weight, bias);
    const each = { ...fresh([x.shape[0] as Size, size(groups, "num_groups")], x.dtype), detached: true as const };
    return [fresh(x.shape, x.dtype), each, each];
  },
  saves: ([input, weight], [, mean, rstd]) => [tensor(input), optionalTensor(weight), mean, rstd],
  backward: ([grad], call) => normGradients("native_group_norm_backward", grad as Tensor, call, [0, 1, 2]),
};

/** `aten.group_norm(input, num_groups, weight=None, bias=None, eps, cudnn_enabled)`: on CUDA the input is made contiguous first. */
const groupNorm: Op = {
  name: "aten.group_norm",
  work: 8,
  result([input, groups, weight, bias]) {
    const x = tensor(input);
    mustFit(x, groups, weight, bias);
    mustShareDType(x, weight, bias);
    return fresh(x.shape, x.dtype);
  },
  saves([input, groups, weight]) {
    const x = tensor(input);
    const copied = !isContiguous(x.shape, x.strides);
    const kept: Saved = copied
      ? { extraBytes: count(x.shape) * itemBytes(x.dtype), what: "contiguous copy of the input" }
      : x;
    const rows = count([x.shape[0] as Size, size(groups)]);
    const extraBytes = rows * itemBytes(x.dtype);
    const statistics = ["mean of each group", "reciprocal deviation of each group"].map((what) => ({
      extraBytes,
      what,
    }));
    return [kept, optionalTensor(weight), ...statistics];
  },
  backward: ([grad], call) => normGradients("native_group_norm_backward", grad as Tensor, call, [0, 2, 3]),
};

const groupNorms: readonly Op[] = [nativeGroupNorm, groupNorm];
export default groupNorms;

function mustFit(x: Tensor, arg: Arg | undefined, weight: Arg | undefined, bias: Arg | undefined): void {
  if (x.shape.length < 2) throw new Refused(`group norm needs at least 2 axes, but the input has ${x.shape.length}`);
  const [channels, groups] = [x.shape[1] as Size, size(arg, "num_groups")];
  if (isKnown(channels) && isKnown(groups) && integer(modulo(channels, groups)) !== 0) {
    throw new Refused(`${showSize(channels)} channels cannot be divided into ${showSize(groups)} groups`);
  }
  for (const parameter of [weight, bias].map(optionalTensor)) {
    mustEqual(channels, parameter?.shape[0], (a, n) => `expected ${n} channels, got ${a}`);
  }
}
