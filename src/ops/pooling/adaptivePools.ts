/** Pools that are told their output's size, and the way back from maxima to places. */
import type { DType } from "../../tensor/dtype.ts";
import { integer, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { isSize, tensor } from "../shared/arguments.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { eachAxis, image } from "../shared/spatial.ts";

/** `aten.adaptive_avg_poolNd(self, output_size)`. To a single position it is a mean, which keeps nothing. */
function adaptiveAvg(rank: number): Op {
  return {
    name: `aten.adaptive_avg_pool${rank}d`,
    result([input, size]) {
      const x = tensor(input);
      return laidOut(outShape(x, size, rank), x.dtype, x);
    },
    saves: ([input], [out]) => [!isMean(out, rank) && tensor(input)],
    backward: ([grad], call) => {
      const x = tensor(call.args[0]);
      const name = isMean(call.out[0], rank) ? "aten.div" : `aten._adaptive_avg_pool${rank}d_backward`;
      return call.kernel(name, [grad], [laidOut(x.shape, x.dtype, x)]);
    },
  };
}

/** `aten.adaptive_max_poolNd(self, output_size)`: the maxima and where they stood. */
function adaptiveMax(rank: number): Op {
  return {
    name: `aten.adaptive_max_pool${rank}d`,
    result([input, size]) {
      const x = tensor(input);
      const shape = outShape(x, size, rank);
      return [laidOut(shape, x.dtype, x), { ...laidOut(shape, "int64", x), detached: true }];
    },
    saves: ([input], [, indices]) => [tensor(input), indices],
  };
}

/** `aten.fractional_max_poolNd(self, kernel_size, output_size, random_samples)`. */
function fractional(rank: number): Op {
  return {
    name: `aten.fractional_max_pool${rank}d`,
    result([input, , size]) {
      const x = tensor(input);
      const shape = outShape(x, size, rank);
      return [fresh(shape, x.dtype), { ...fresh(shape, "int64"), detached: true }];
    },
    saves: ([input], [, indices]) => [tensor(input), indices],
  };
}

/** `aten.max_unpoolNd(self, indices, output_size)`: only the indices are kept. */
function unpool(rank: number): Op {
  return {
    name: `aten.max_unpool${rank}d`,
    result([input, indices, size]) {
      const [x, at] = [tensor(input), tensor(indices, "indices")];
      if (at.shape.length !== x.shape.length) {
        throw new Refused(`indices have ${at.shape.length} axes, but the input has ${x.shape.length}`);
      }
      return fresh(outShape(x, size, rank), x.dtype);
    },
    saves: ([, indices]) => [tensor(indices)],
  };
}

const adaptivePools: readonly Op[] = [
  ...[1, 2, 3].map(adaptiveAvg),
  ...[1, 2, 3].map(adaptiveMax),
  ...[2, 3].map(fractional),
  ...[2, 3].map(unpool),
];
export default adaptivePools;

/** The given sizes along the last axes; `None` keeps the input's. */
function outShape(x: Tensor, arg: Arg | undefined, rank: number): readonly Size[] {
  if (x.shape.length !== rank + 1 && x.shape.length !== rank + 2) {
    throw new Refused(
      `pooling over ${rank} axes takes ${rank + 1} or ${rank + 2} axes, but the input has ${x.shape.length}`,
    );
  }
  const own = x.shape.slice(-rank);
  const given = Array.isArray(arg) ? arg.map((one, i) => (isSize(one) ? one : (own[i % rank] as Size))) : arg;
  return [...x.shape.slice(0, -rank), ...eachAxis(given ?? null, rank, own, "output_size")];
}

/** Images keep the input's order of axes, volumes come out contiguous. */
function laidOut(shape: readonly Size[], dtype: DType, x: Tensor): Made {
  return shape.length === 5 ? fresh(shape, dtype) : image(shape, dtype, x);
}

function isMean(out: Tensor | undefined, rank: number): boolean {
  return (out?.shape ?? []).slice(-rank).every((size) => isKnown(size) && integer(size) === 1);
}
