/** Losses of a prediction and a target of one shape, reduced by `reduction`: 0 not at all, 1 to the mean, 2 to the sum. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count } from "../../tensor/size.ts";
import { type Arg, type Extra, type Op, Refused, type Saved } from "../op.ts";
import { flag, optionalTensor, tensor } from "../shared/arguments.ts";
import { numberOf } from "../shared/folding.ts";
import { broadcastShapes, fresh, resultType } from "../shared/making.ts";
import type { Saves } from "../shared/saving.ts";
import { savesFirst } from "../shared/saving.ts";

/** `aten.NAME(self, target, …, reduction, …)`; `at` is the position of `reduction`. */
function loss(name: string, at: number, saves: Saves, work = 3): Op {
  return {
    name: `aten.${name}`,
    work,
    result(args) {
      const [x, target] = [tensor(args[0]), tensor(args[1], "target")];
      const shape = broadcastShapes(x.shape, target.shape);
      return fresh(isReduced(args[at]) ? [] : shape, resultType(x, target));
    },
    saves,
  };
}

const pointwiseLosses: readonly Op[] = [
  loss("mse_loss", 2, savesFirst(2)),
  loss("l1_loss", 2, (args) => [broadcastExtra(args, "difference")]),
  loss("smooth_l1_loss", 2, savesFirst(2)),
  loss("huber_loss", 2, savesFirst(2)),
  loss("soft_margin_loss", 2, savesFirst(2)),
  loss("binary_cross_entropy", 3, savesFirst(3), 6),
  loss("binary_cross_entropy_with_logits", 4, savesFirst(4), 8),
  loss("kl_div", 2, divergenceSaves, 4),
  loss("poisson_nll_loss", 5, poissonSaves, 4),
];
export default pointwiseLosses;

/** Whether the result is one number. */
function isReduced(arg: Arg | undefined): boolean {
  const reduction = arg === undefined ? 1 : numberOf(arg);
  if (reduction !== 0 && reduction !== 1 && reduction !== 2)
    throw new Refused("reduction must be none, mean or sum", "wrong-argument");
  return reduction !== 0;
}

function broadcastExtra([a, b]: readonly Arg[], what: string): Extra {
  const [x, target] = [tensor(a), tensor(b)];
  return { extraBytes: count(broadcastShapes(x.shape, target.shape)) * itemBytes(resultType(x, target)), what };
}

/** `target·(log target - input)`, or `exp(target)·(target - input)` where the target is logarithmic. */
function divergenceSaves(args: readonly Arg[], _out: unknown, needs: readonly boolean[]): readonly Saved[] {
  const [x, target] = [tensor(args[0]), tensor(args[1])];
  if (!flag(args[3])) return [target, needs[1] && x];
  const weights = { extraBytes: count(target.shape) * itemBytes(target.dtype), what: "exponential of the target" };
  return [weights, needs[1] && broadcastExtra(args, "difference")];
}

/** `exp(input) - target·input`, or `input - target·log(input + eps)`. */
function poissonSaves(args: readonly Arg[], _out: unknown, needs: readonly boolean[]): readonly Saved[] {
  const [x, target] = [tensor(args[0]), tensor(args[1])];
  const made = {
    extraBytes: count(x.shape) * itemBytes(x.dtype),
    what: flag(args[2]) ? "exponential of the input" : "shifted input",
  };
  return [needs[0] && made, needs[0] && target, needs[1] && optionalTensor(args[0])];
}
