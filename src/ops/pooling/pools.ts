/** Windows reduced to their maximum or mean, over 1 to 3 axes, with or without a batch axis. */
import { integer, minus, type Size, showSize, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { flag, tensor } from "../shared/arguments.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { savesSelf } from "../shared/saving.ts";
import { eachAxis, image, windows } from "../shared/spatial.ts";

/**
 * `aten.max_poolNd_with_indices(self, kernel_size, stride=[], padding=0, dilation=1, ceil_mode=False)`: the maxima and where
 * they stood, as int64. Both the input and the indices are kept.
 */
function maxPool(rank: number): Op {
  return {
    name: `aten.max_pool${rank}d_with_indices`,
    result([input, kernel, stride, padding, dilation, ceil]) {
      const x = pooled(input, rank);
      const shape = slid(x, rank, kernel, stride, padding, dilation ?? 1, ceil);
      return [image(shape, x.dtype, x), { ...image(shape, "int64", x), detached: true }];
    },
    saves: ([input], [, indices]) => [tensor(input), indices],
  };
}

/** `aten.avg_poolNd(self, kernel_size, stride=[], padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)`; volumes come out contiguous. */
function avgPool(rank: number): Op {
  return {
    name: `aten.avg_pool${rank}d`,
    result([input, kernel, stride, padding, ceil]) {
      const x = pooled(input, rank);
      const shape = slid(x, rank, kernel, stride, padding, 1, ceil);
      return rank === 3 ? fresh(shape, x.dtype) : image(shape, x.dtype, x);
    },
    saves: savesSelf,
  };
}

const pools: readonly Op[] = [maxPool(1), maxPool(2), maxPool(3), avgPool(1), avgPool(2), avgPool(3)];
export default pools;

function pooled(input: Arg | undefined, rank: number): Tensor {
  const x = tensor(input);
  if (x.shape.length !== rank + 1 && x.shape.length !== rank + 2) {
    throw new Refused(
      `pooling over ${rank} axes takes ${rank + 1} or ${rank + 2} axes, but the input has ${x.shape.length}`,
    );
  }
  return x;
}

function slid(x: Tensor, rank: number, ...settings: readonly (Arg | undefined)[]): Made["shape"] {
  const kernel = eachAxis(settings[0], rank, 1, "kernel_size");
  const [stride, padding, dilation] = [
    eachAxis(settings[1], rank, kernel, "stride"),
    eachAxis(settings[2], rank, 0, "padding"),
    eachAxis(settings[3], rank, 1, "dilation"),
  ];
  const along = x.shape.slice(-rank).map((length, i) => {
    const one = {
      kernel: kernel[i] as Size,
      stride: stride[i] as Size,
      padding: padding[i] as Size,
      dilation: dilation[i] as Size,
      ceil: flag(settings[4]),
    };
    const reach = minus(times(one.dilation, minus(one.kernel, 1)), -1);
    if (isKnown(one.padding) && isKnown(reach) && integer(one.padding) > integer(reach) / 2) {
      throw new Refused(
        `padding ${showSize(one.padding)} is more than half of the kernel's ${showSize(reach)}`,
        "wrong-argument",
      );
    }
    return windows(length, one);
  });
  return [...x.shape.slice(0, -rank), ...along];
}
