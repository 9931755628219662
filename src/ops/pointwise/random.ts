/** Random results of a tensor's shape: what the in-place fillers leave, and draws from given probabilities. */
import type { DType } from "../../tensor/dtype.ts";
import { isTensor } from "../../tensor/tensor.ts";
import { type Op, Refused } from "../op.ts";
import { size, tensor } from "../shared/arguments.ts";
import { iterated, likeInFormat } from "../shared/layout.ts";
import { broadcastShapes } from "../shared/making.ts";

const series = 10;

/** uniform(self, from=0, to=1), normal_fill(self, mean=0, std=1), …: self's shape and type, new numbers. */
function drawn(name: string): Op {
  return {
    name: `aten.${name}`,
    result: ([self]) => likeInFormat(tensor(self), tensor(self).dtype, null),
    work: series,
  };
}

/** normal(mean, std): either may be a tensor. */
const normal: Op = {
  name: "aten.normal",
  result(args) {
    const inputs = args.slice(0, 2).filter(isTensor);
    const dtype: DType = inputs[0]?.dtype ?? "float32";
    if (inputs.length === 0) throw new Refused("normal needs a tensor of means or deviations", "wrong-argument");
    return iterated(broadcastShapes(...inputs.map((input) => input.shape)), inputs, dtype);
  },
  work: series,
};

/** multinomial(self, num_samples, replacement=False): indices drawn from each row of probabilities. */
const multinomial: Op = {
  name: "aten.multinomial",
  result([self, samples]) {
    const { shape } = tensor(self);
    if (shape.length !== 1 && shape.length !== 2)
      throw new Refused(`multinomial takes 1 or 2 axes, not ${shape.length}`);
    return { shape: [...shape.slice(0, -1), size(samples, "num_samples")], dtype: "int64", detached: true };
  },
  differentiable: false,
};

const random: readonly Op[] = [
  ...[
    "uniform",
    "normal_fill",
    "exponential",
    "random",
    "bernoulli",
    "log_normal",
    "cauchy",
    "geometric",
    "poisson",
  ].map(drawn),
  normal,
  multinomial,
];
export default random;
