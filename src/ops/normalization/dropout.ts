/** Dropout and its kin: what is kept is the mask or the noise, of the input's size or of its channels. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { flag, tensor } from "../shared/arguments.ts";
import { numberOf } from "../shared/folding.ts";
import { fused } from "../shared/gradients.ts";
import { like } from "../shared/making.ts";

/** `aten.native_dropout(input, p, train)`: the result and a boolean mask, which is kept. */
const nativeDropout: Op = {
  name: "aten.native_dropout",
  work: 3,
  result([input]) {
    const x = tensor(input);
    return [like(x), { ...like(x, "bool"), detached: true }];
  },
  saves: (_args, [, mask]) => [mask],
  backward: fused("native_dropout_backward"),
};

/** `aten.dropout(input, p, train)`: the very input in evaluation or where p is 0; otherwise CUDA's fused kernel with a mask of one byte an element. */
const dropout: Op = {
  name: "aten.dropout",
  work: 3,
  result: (args) => (isIdle(args) ? itself(tensor(args[0])) : like(tensor(args[0]))),
  saves: (args) => [!isIdle(args) && { extraBytes: maskBytes(args), what: "dropout mask" }],
  // In place it is no fused kernel but a product with noise of the input's own type (ATen/native/Dropout.cpp).
  savesInPlace: (args) => [
    !isIdle(args) && {
      extraBytes: count(tensor(args[0]).shape) * itemBytes(tensor(args[0]).dtype),
      what: "dropout noise",
    },
  ],
  backward: (grads, call) =>
    isIdle(call.args)
      ? grads
      : fused(call.inPlace || isTotal(call.args) ? "mul" : "native_dropout_backward")(grads, call),
};

/** A dropout composed of a product with noise of the input's dtype: for whole channels, or keeping mean and deviation. */
function noisy(name: string, channelsOnly: boolean): Op {
  return {
    name: `aten.${name}`,
    work: 4,
    result(args) {
      const x = tensor(args[0]);
      if (channelsOnly && x.shape.length < 2)
        throw new Refused(`${name} needs at least 2 axes, but the input has ${x.shape.length}`);
      return isIdle(args) ? itself(x) : like(x);
    },
    saves(args) {
      const x = tensor(args[0]);
      const noise = count(channelsOnly ? x.shape.slice(0, 2) : x.shape) * itemBytes(x.dtype);
      return [!isIdle(args) && { extraBytes: isTotal(args) ? itemBytes(x.dtype) : noise, what: "dropout noise" }];
    },
    backward: (grads, call) => (isIdle(call.args) ? grads : fused("mul")(grads, call)),
  };
}

const dropouts: readonly Op[] = [
  nativeDropout,
  dropout,
  noisy("feature_dropout", true),
  noisy("alpha_dropout", false),
  noisy("feature_alpha_dropout", true),
];
export default dropouts;

function isIdle([, p, train]: readonly Arg[]): boolean {
  const probability = numberOf(p) ?? 0.5;
  if (probability < 0 || probability > 1)
    throw new Refused(`dropout probability must be between 0 and 1, but is ${probability}`, "wrong-argument");
  return probability === 0 || !flag(train, true);
}

/** Everything dropped: a product with a scalar zero. */
function isTotal([, p]: readonly Arg[]): boolean {
  return numberOf(p) === 1;
}

function maskBytes(args: readonly Arg[]): number {
  const x = tensor(args[0]);
  return isTotal(args) ? itemBytes(x.dtype) : count(x.shape);
}

function itself(x: Tensor): Made {
  return { shape: x.shape, dtype: x.dtype, strides: x.strides, sharing: x, data: x.data };
}
