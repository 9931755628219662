/** What layers run as one kernel: a product or convolution with its bias and activation. */
import type { Arg, Op } from "../../ops/op.ts";
import { count, type Size, sameSize, showSize } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Machine } from "../language/machine.ts";
import { isNullish, type Native, type Value } from "../language/values.ts";
import { mustHaveAxes, numbersOf, tensorFunction, tensorOf } from "./arguments.ts";
import { convolved } from "./kernels.ts";
import { apply } from "./tensorValue.ts";
import { positions } from "./windows.ts";

/** x @ w + bias over the last axis. */
const dense: Op = {
  name: "tfjs.fusedMatMul",
  result([input, weight]) {
    const [x, w] = [input as Tensor, weight as Tensor];
    return { shape: [...x.shape.slice(0, -1), w.shape[1] as Size], dtype: x.dtype };
  },
  macs,
  saves: ([input, weight]) => [input as Tensor, weight as Tensor],
  backward([grad], call) {
    const [x, w, bias] = call.args as readonly (Tensor | undefined)[];
    return [x, w, bias].map((one, i) => {
      if (!one || !call.needs[i]) return undefined;
      const made = [{ shape: one.shape, dtype: one.dtype }];
      if (i === 2) return call.kernel("tfjs.sum", [grad], made)[0];
      return call.kernel("tfjs.matMul", [grad, i === 0 ? w : x], made, { macs: macs(call.args) })[0];
    });
  },
};

function macs([input, weight]: readonly Arg[]): number {
  return count([...(input as Tensor).shape, (weight as Tensor).shape[1] as Size]);
}

export function fusedFunctions(machine: Machine): Record<string, Native> {
  const withBias = (bias: Value): Tensor[] => (isNullish(bias) ? [] : [tensorOf(machine, bias)]);
  return {
    fusedDense: tensorFunction(machine, "dense", ([input, weight, bias]) => {
      const [x, w] = [tensorOf(machine, input), tensorOf(machine, weight)];
      mustHaveAxes(machine, w, 2, "dense's kernel");
      const [own, wanted] = [x.shape.at(-1) as Size, w.shape[0] as Size];
      if (typeof own === "number" && typeof wanted === "number" && !sameSize(own, wanted))
        return machine.refuse(`the last axis is ${showSize(own)}, but the kernel takes ${showSize(wanted)}`);
      return apply(machine, dense, [x, w, ...withBias(bias)]);
    }),
    fusedConv: tensorFunction(machine, "conv2d", ([input, weight, strides, padding, dilations, bias]) => {
      const [x, w] = [tensorOf(machine, input), tensorOf(machine, weight)];
      mustHaveAxes(machine, x, 4, "conv2d");
      mustHaveAxes(machine, w, 4, "conv2d's kernel");
      const [stride, dilation] = [numbersOf(strides, 2, 1), numbersOf(dilations, 2, 1)];
      const spatial = [0, 1].map((i) =>
        positions(x.shape[i + 1] as Size, {
          kernel: count([w.shape[i] as Size]),
          stride: stride[i] ?? 1,
          dilation: dilation[i] ?? 1,
          padding: padding === "same" ? "same" : "valid",
        }),
      );
      return apply(machine, convolved("fusedConv2d", spatial), [x, w, ...withBias(bias)]);
    }),
  };
}
