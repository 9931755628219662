/** Losses of scores against class numbers, sequences of them, or another vector. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, integer, plus, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused, type Saved } from "../op.ts";
import { axis, optionalTensor, sizes, tensor } from "../shared/arguments.ts";
import { numberOf } from "../shared/folding.ts";
import { broadcastShapes, fresh, resultType } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

/** `aten.nll_loss[2d]_forward(self, target, weight, reduction, ignore_index)`: the loss, and the weights' sum that the mean divides by. */
function nll(name: string, spatial: boolean): Op {
  return {
    name: `aten.${name}`,
    result([input, target, weight, reduction]) {
      const [x, classes] = [tensor(input), tensor(target, "target")];
      if (spatial ? x.shape.length !== 4 : x.shape.length !== 1 && x.shape.length !== 2) {
        throw new Refused(`${name} does not take scores of ${x.shape.length} axes`);
      }
      const expected = x.shape.length === 1 ? [] : [x.shape[0] as Size, ...x.shape.slice(2)];
      if (classes.shape.length !== expected.length) {
        throw new Refused(`target must have ${expected.length} axes, but it has ${classes.shape.length}`);
      }
      expected.forEach((size, i) => {
        mustEqual(size, classes.shape[i], (a, b) => `scores are for ${a} along axis ${i}, but target has ${b}`);
      });
      const many = x.shape.length === 1 ? x.shape[0] : x.shape[1];
      mustEqual(
        optionalTensor(weight)?.shape[0],
        many,
        (a, b) => `weight has ${a} elements, but there are ${b} classes`,
      );
      const shape = numberOf(reduction) === 0 ? expected : [];
      return [fresh(shape, x.dtype), { ...fresh([], x.dtype), detached: true }];
    },
    saves: ([input, target, weight], [, total]) => [tensor(input), tensor(target), optionalTensor(weight), total],
    // Zeros, with one element of each row written: the scores themselves are not read.
    backward: ([grad], call) => {
      const x = tensor(call.args[0]);
      const reads = [grad, ...call.kept.slice(1)];
      return call.kernel(`aten.${name.replace("_forward", "_backward")}`, reads, [fresh(x.shape, x.dtype)]);
    },
  };
}

/** `aten.multi_margin_loss(self, target, p, margin, weight, reduction)`. */
const multiMargin: Op = {
  name: "aten.multi_margin_loss",
  work: 3,
  result([input, target, , , , reduction]) {
    const [x, classes] = [tensor(input), tensor(target, "target")];
    return fresh(numberOf(reduction) === 0 ? classes.shape : [], x.dtype);
  },
  saves: ([input, target, , , weight]) => [tensor(input), tensor(target), optionalTensor(weight)],
};

/** `aten.multilabel_margin_loss_forward(self, target, reduction)`: the loss and which classes are targets. */
const multilabelMargin: Op = {
  name: "aten.multilabel_margin_loss_forward",
  work: 3,
  result([input, target, reduction]) {
    const [x, labels] = [tensor(input), tensor(target, "target")];
    mustEqual(x.shape.at(-1), labels.shape.at(-1), (a, b) => `there are ${a} scores, but target has ${b}`);
    const shape = numberOf(reduction) === 0 ? x.shape.slice(0, -1) : [];
    return [fresh(shape, x.dtype), { ...fresh(labels.shape, x.dtype), detached: true }];
  },
  saves: ([input, target], [, chosen]) => [tensor(input), tensor(target), chosen],
};

/** `aten._ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity)`: a loss per sequence, and `log_alpha` `[N, T, 2·S + 1]`. */
const ctc: Op = {
  name: "aten._ctc_loss",
  result([scores, targets, inputLengths, targetLengths]) {
    const [x, labels] = [tensor(scores, "log_probs"), tensor(targets, "targets")];
    const batched = x.shape.length === 3;
    const batch = batched ? (x.shape[1] as Size) : 1;
    const longest = (arg: Arg | undefined, otherwise: Size): Size =>
      Array.isArray(arg) && arg.length > 0 ? Math.max(...sizes(arg).map(integer)) : otherwise;
    const steps = longest(inputLengths, x.shape[0] as Size);
    const states = plus(times(2, longest(targetLengths, labels.shape.at(-1) as Size)), 1);
    return [fresh(batched ? [batch] : [], x.dtype), { ...fresh([batch, steps, states], x.dtype), detached: true }];
  },
  saves: ([scores, targets], [losses, alpha]) => [tensor(scores), tensor(targets), losses, alpha],
};

/**
 * `aten.cosine_similarity(x1, x2, dim=1, eps)`: both vectors divided by their norms, multiplied and summed.
 *
 * Keeps each vector whose gradient is wanted with its norm before and after clamping, and both quotients.
 */
const cosineSimilarity: Op = {
  name: "aten.cosine_similarity",
  work: 6,
  result([a, b, dim]) {
    const [x, y] = [tensor(a, "x1"), tensor(b, "x2")];
    const shape = broadcastShapes(x.shape, y.shape);
    return fresh(shape.toSpliced(axis(dim ?? 1, shape.length), 1), resultType(x, y));
  },
  saves([a, b], [out], needs) {
    const [x, y] = [tensor(a), tensor(b)];
    const bytes = itemBytes(resultType(x, y));
    const whole = count(broadcastShapes(x.shape, y.shape)) * bytes;
    const norms = { extraBytes: 2 * count(out?.shape ?? []) * bytes, what: "norms" };
    const quotient = { extraBytes: whole, what: "normalised vectors" };
    const kept = (one: Tensor, own: boolean | undefined): Saved[] => (own ? [one, norms, quotient] : []);
    return [...kept(x, needs[0]), ...kept(y, needs[1])];
  },
};

const classLosses: readonly Op[] = [
  nll("nll_loss_forward", false),
  nll("nll_loss2d_forward", true),
  multiMargin,
  multilabelMargin,
  ctc,
  cosineSimilarity,
];
export default classLosses;
