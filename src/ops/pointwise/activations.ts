/** Activation functions. All keep their input for the gradient but relu, which keeps its result. */
import type { DType } from "../../tensor/dtype.ts";
import { floorDivide, integer, type Size, sameSize } from "../../tensor/size.ts";
import { type Op, Refused } from "../op.ts";
import { axis, tensor } from "../shared/arguments.ts";
import { notBool, onlyFloat } from "../shared/dtypes.ts";
import { fused } from "../shared/gradients.ts";
import { iterated, likeInFormat } from "../shared/layout.ts";
import { resultType } from "../shared/making.ts";
import { type Pointwise, pointwise } from "../shared/pointwise.ts";
import { kept, savesResult, savesSelf } from "../shared/saving.ts";
import { sigmoid, softplus } from "../shared/specialFunctions.ts";

/** Kernels of the backward pass that are named for another function, or do for several. */
const kernels: Readonly<Record<string, string>> = { celu: "elu", selu: "elu", hardshrink: "hardshrink" };

const smooth: readonly (readonly [name: string, work: number, fold?: Pointwise["fold"]])[] = [
  // gelu(self, approximate="none")
  ["gelu", 14, undefined],
  ["silu", 11, (x) => x * sigmoid(x)],
  ["mish", 22, (x) => x * Math.tanh(softplus(x))],
  // elu(self, alpha=1, scale=1, input_scale=1)
  ["elu", 11],
  ["celu", 11],
  ["selu", 11],
  // leaky_relu(self, negative_slope=0.01)
  ["leaky_relu", 2],
  // softplus(self, beta=1, threshold=20)
  ["softplus", 20],
  ["softshrink", 2],
  ["hardshrink", 2],
  ["hardswish", 4, (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6],
  ["hardsigmoid", 3, (x) => Math.min(Math.max(x + 3, 0), 6) / 6],
];

/** log_sigmoid_forward(self): the result, and a buffer that CUDA's kernel leaves empty. */
const logSigmoid: Op = {
  name: "aten.log_sigmoid_forward",
  result([self]) {
    const input = tensor(self);
    const dtype = onlyFloat("log_sigmoid")([input]);
    return [iterated(input.shape, [input], dtype), { shape: [0], dtype, detached: true }];
  },
  saves: ([self], [, buffer]) => [kept(self), buffer],
  work: 20,
  backward: fused("log_sigmoid_backward", 10),
};

/** glu(self, dim=-1): the first half of an axis, gated by the second. */
const glu: Op = {
  name: "aten.glu",
  result([self, dim]) {
    const input = tensor(self);
    const at = axis(dim ?? -1, input.shape.length);
    const length = input.shape[at] as Size;
    if (integer(length) % 2 !== 0) throw new Refused(`glu halves axis ${at}, but its size is ${integer(length)}`);
    const shape = input.shape.map((size, i) => (i === at ? floorDivide(size, 2) : size));
    const half = { ...input, shape };
    return input.strides ? iterated(shape, [half], input.dtype) : { shape, dtype: input.dtype };
  },
  saves: savesSelf,
  work: 12,
  backward: ([grad], call) => [
    call.kernel(
      "aten.glu_backward",
      [grad, tensor(call.args[0])],
      [likeInFormat(tensor(call.args[0]), tensor(call.args[0]).dtype, null)],
    )[0],
  ],
};

/** prelu(self, weight): one slope for all, or one for each channel (axis 1). */
const prelu: Op = {
  name: "aten.prelu",
  result([self, weight]) {
    const [input, slopes] = [tensor(self), tensor(weight, "weight")];
    const slopeCount = slopes.shape[0] ?? 1;
    const channels = input.shape[1] ?? 1;
    if (slopes.shape.length === 1 && integer(slopeCount) !== 1 && !sameSize(slopeCount, channels)) {
      throw new Refused(`prelu has ${integer(slopeCount)} slopes, but the input has ${integer(channels)} channels`);
    }
    return likeInFormat(input, input.dtype, null);
  },
  saves: ([self, weight]) => [kept(self), kept(weight)],
  work: 2,
};

/** threshold(self, threshold, value): elements not above the threshold are replaced. */
const threshold = pointwise({ name: "threshold", saves: savesSelf, backward: fused("threshold_backward") });

/** rrelu_with_noise(self, noise, lower, upper, training): leaky_relu with random slopes, kept as the noise. */
const rrelu: Op = {
  name: "aten.rrelu_with_noise",
  result: ([self]) => ({ shape: tensor(self).shape, dtype: tensor(self).dtype }),
  saves: ([self, noise]) => [kept(self), kept(noise)],
  work: 2,
};

/** Their in-place forms have derivatives in terms of the result (derivatives.yaml: elu_, celu_, leaky_relu_). */
const byResult: ReadonlySet<string> = new Set(["elu", "celu", "leaky_relu"]);

const activations: readonly Op[] = [
  pointwise({
    name: "relu",
    dtype: notBool("relu"),
    saves: savesResult,
    backward: fused("threshold_backward"),
    fold: (x) => Math.max(x, 0),
  }),
  ...smooth.map(([name, work, fold]) =>
    pointwise({
      name,
      work,
      dtype: floating(name),
      saves: savesSelf,
      backward: fused(`${kernels[name] ?? name}_backward`, work),
      ...(byResult.has(name) && { savesInPlace: savesResult }),
      ...(fold && { fold }),
    }),
  ),
  // hardtanh(self, min_val=-1, max_val=1)
  pointwise({
    name: "hardtanh",
    dtype: notBool("hardtanh"),
    saves: savesSelf,
    work: 2,
    backward: fused("hardtanh_backward"),
  }),
  pointwise({
    name: "relu6",
    dtype: notBool("relu6"),
    saves: savesSelf,
    work: 2,
    backward: fused("hardtanh_backward"),
    fold: (x) => Math.min(Math.max(x, 0), 6),
  }),
  threshold,
  logSigmoid,
  glu,
  prelu,
  rrelu,
];
export default activations;

function floating(name: string): (operands: Parameters<ReturnType<typeof onlyFloat>>[0]) => DType {
  const check = onlyFloat(name);
  return (operands) => check(operands) && resultType(...operands);
}
