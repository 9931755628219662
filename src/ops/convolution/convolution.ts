import { count, integer, minus, modulo, plus, type Size, showSize, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type BackwardCall, type KernelCost, type Op, Refused } from "../op.ts";
import { flag, optionalTensor, size, tensor } from "../shared/arguments.ts";
import { contiguous } from "../shared/gradients.ts";
import { isKnown } from "../shared/making.ts";
import { eachAxis, image, mustEqual, windows } from "../shared/spatial.ts";
import { readsChannelsLast } from "../shared/strided.ts";

/**
 * `aten.convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups)` over 1 to 3 axes.
 *
 * Multiply-adds are the counter's: every weight at every output position (at every input position where transposed).
 * Autograd keeps input and weight whichever of the two needs a gradient, since one formula gives all three gradients.
 */
const convolution: Op = {
  name: "aten.convolution",

  result(args) {
    const [x, w, bias] = [tensor(args[0]), tensor(args[1], "weight"), optionalTensor(args[2])];
    if (x.dtype !== w.dtype) throw new Refused(`input is ${x.dtype}, but weight is ${w.dtype}`, "wrong-argument");
    const rank = w.shape.length - 2;
    if (rank < 1 || x.shape.length !== rank + 2) {
      throw new Refused(`a weight of ${w.shape.length} axes takes an input of as many, but it has ${x.shape.length}`);
    }
    const transposed = flag(args[6]);
    const channels = transposed ? transposedChannels(x, w, args[8]) : outChannels(x, w, args[8]);
    if (bias)
      mustEqual(bias.shape[0], channels, (b, n) => `bias has ${b} elements, but there are ${n} output channels`);
    const spatial = transposed ? transposedPositions(args, x, w) : positions(args, x, w);
    return image([x.shape[0] as Size, channels, ...spatial], x.dtype, x, w);
  },

  macs([input, weight, , , , , transposed], [out]) {
    const x = tensor(input);
    const over = flag(transposed) ? x.shape : (out?.shape ?? []);
    return count(x.shape.slice(0, 1)) * count(over.slice(2)) * count(tensor(weight).shape);
  },

  saves: ([input, weight]) => [tensor(input), tensor(weight)],

  backward([grad], call) {
    const [x, w] = [tensor(call.args[0]), tensor(call.args[1])];
    const own = contiguous(
      grad as Tensor,
      call,
      readsChannelsLast(x) || readsChannelsLast(w) ? call.out[0] : undefined,
    );
    const [toInput, toWeight, toBias] = call.needs;
    const bias = optionalTensor(call.args[2]);
    const makes = [
      ...(toInput ? [image(x.shape, x.dtype, x, w)] : []),
      ...(toWeight ? [image(w.shape, w.dtype, x, w)] : []),
      ...(toBias && bias ? [{ shape: bias.shape, dtype: bias.dtype }] : []),
    ];
    const made = call.kernel("aten.convolution_backward", [own, x, w], makes, backwardCost(call, w));
    return [toInput, toWeight, toBias].map((one) => (one ? made.shift() : undefined));
  },
};
export default convolution;

/**
 * The counter takes the weight's gradient for a convolution of all input channels with all output channels, so it counts
 * grouped ones `groups` times; `multiplyAdds` is what is really multiplied.
 */
function backwardCost({ args, out, needs }: BackwardCall, w: Tensor): KernelCost {
  const groups = integer(size(args[8] ?? 1));
  const forward = (convolution.macs as NonNullable<Op["macs"]>)(args, out);
  const counted = forward * ((needs[0] ? 1 : 0) + (needs[1] ? groups : 0));
  const multiplyAdds = forward * ((needs[0] ? 1 : 0) + (needs[1] ? 1 : 0));
  const detail = { groups, transposed: flag(args[6]), multiplyAdds, kernel: count(w.shape.slice(2)) };
  return { macs: counted, detail };
}

function outChannels(x: Tensor, w: Tensor, groups: Arg | undefined): Size {
  const [given, perGroup, out] = [x.shape[1] as Size, w.shape[1] as Size, w.shape[0] as Size];
  mustEqual(given, times(perGroup, size(groups ?? 1)), (a, n) => `expected ${n} channels, got ${a}`);
  mustDivide(out, groups, "output channels");
  return out;
}

/** The weight of a transposed convolution holds the input channels first. */
function transposedChannels(x: Tensor, w: Tensor, groups: Arg | undefined): Size {
  mustEqual(x.shape[1], w.shape[0], (a, n) => `expected ${n} channels, got ${a}`);
  mustDivide(x.shape[1] as Size, groups, "input channels");
  return times(w.shape[1] as Size, size(groups ?? 1));
}

function mustDivide(channels: Size, groups: Arg | undefined, what: string): void {
  const parts = size(groups ?? 1, "groups");
  if (!isKnown(parts) || !isKnown(channels)) return;
  if (integer(parts) <= 0 || integer(modulo(channels, parts)) !== 0) {
    throw new Refused(`${showSize(channels)} ${what} cannot be divided into ${showSize(parts)} groups`);
  }
}

function positions([, , , strides, paddings, dilations]: readonly Arg[], x: Tensor, w: Tensor): Size[] {
  const rank = x.shape.length - 2;
  const [stride, padding, dilation] = [
    eachAxis(strides, rank, 1, "stride"),
    eachAxis(paddings, rank, 0, "padding"),
    eachAxis(dilations, rank, 1, "dilation"),
  ];
  return x.shape.slice(2).map((length, i) =>
    windows(length, {
      kernel: w.shape[i + 2] as Size,
      stride: stride[i] as Size,
      padding: padding[i] as Size,
      dilation: dilation[i] as Size,
    }),
  );
}

/** `(n - 1)·stride - 2·padding + dilation·(kernel - 1) + output_padding + 1`. */
function transposedPositions(args: readonly Arg[], x: Tensor, w: Tensor): Size[] {
  const rank = x.shape.length - 2;
  const [stride, padding, dilation, extra] = [
    eachAxis(args[3], rank, 1, "stride"),
    eachAxis(args[4], rank, 0, "padding"),
    eachAxis(args[5], rank, 1, "dilation"),
    eachAxis(args[7], rank, 0, "output_padding"),
  ];
  return x.shape.slice(2).map((length, i) => {
    const [step, dilated, added] = [stride[i] as Size, dilation[i] as Size, extra[i] as Size];
    if ([step, dilated, added].every(isKnown) && integer(added) >= Math.max(integer(step), integer(dilated))) {
      throw new Refused(
        `output_padding ${showSize(added)} must be smaller than stride ${showSize(step)} or dilation ${showSize(dilated)}`,
        "wrong-argument",
      );
    }
    const inner = minus(times(minus(length, 1), step), times(2, padding[i] as Size));
    const out = plus(plus(inner, times(dilated, minus(w.shape[i + 2] as Size, 1))), plus(added, 1));
    if (isKnown(out) && integer(out) < 1)
      throw new Refused(`the output would have ${integer(out)} positions along axis ${i + 2}`);
    return out;
  });
}
