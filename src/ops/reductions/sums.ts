/** Sums, means, products, truth and spread over some or all axes. */
import { category, type DType } from "../../tensor/dtype.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type BackwardCall, type Op, Refused } from "../op.ts";
import { dtypeOr, flag, tensor } from "../shared/arguments.ts";
import { floatOf, integerOf, partOf } from "../shared/dtypes.ts";
import { inType, numberOf } from "../shared/folding.ts";
import { elementwise, viewed } from "../shared/gradients.ts";
import { isKnown } from "../shared/making.ts";
import { foldedGroups, mustHaveElements, reducedAxes, reducedShape } from "../shared/reducing.ts";
import { type Saves, savesSelf, savesSelfAndResult } from "../shared/saving.ts";

interface Reduction {
  readonly name: string;
  readonly dtype: (of: DType, asked: Arg | undefined) => DType;
  readonly fold?: (group: readonly number[]) => number;
  readonly saves?: Saves;
  readonly differentiable?: false;
  /** Where keepdim and dtype stand among the arguments. */
  readonly keepdim?: number;
  readonly asked?: number;
  readonly work?: number;
  readonly backward?: Op["backward"];
}

/** A reduction(self, dim=None, keepdim=False, dtype=None). */
function reduction({ name, dtype, fold, keepdim = 2, asked = 3, ...rest }: Reduction): Op {
  return {
    name: `aten.${name}`,
    result(args) {
      const input = tensor(args[0]);
      const over = reducedAxes(args[1], input.shape.length);
      const type = dtype(input.dtype, args[asked]);
      const data = fold && foldedGroups(input, over, fold);
      return {
        shape: reducedShape(input.shape, over, flag(args[keepdim])),
        dtype: type,
        data: data && inType(data, type),
      };
    },
    ...rest,
  };
}

const summed = (of: DType, asked: Arg | undefined) => dtypeOr(asked, integerOf(of));
const floating = (of: DType, asked: Arg | undefined) => dtypeOr(asked, floatOf(of));
const truth = (of: DType): DType => (of === "uint8" ? "uint8" : "bool");
const add = (group: readonly number[]) => group.reduce((a, b) => a + b, 0);

function averaged(of: DType, asked: Arg | undefined): DType {
  const dtype = dtypeOr(asked, of);
  if (category(dtype) < 2) throw new Refused(`mean takes floating-point tensors, not ${dtype}`, "wrong-argument");
  return dtype;
}

function spread(of: DType): DType {
  if (category(of) < 2) throw new Refused(`var and std take floating-point tensors, not ${of}`, "wrong-argument");
  return partOf(of);
}

/** var(self, dim=None, correction=1, keepdim=False) and std; with the mean as a second result where asked. */
function deviation(name: string, saves: Saves, withMean: boolean): Op {
  const one = reduction({ name, dtype: spread, keepdim: 3 });
  const mean = reduction({ name, dtype: (of) => of, keepdim: 3 });
  const made = (op: Op, args: readonly Arg[]) => [op.result(args)].flat();
  return {
    name: `aten.${name}`,
    result: (args) => (withMean ? [...made(one, args), ...made(mean, args)] : one.result(args)),
    saves,
    work: 4,
    // (2 / (n - 1) · grad) · (self - mean), for a deviation divided by twice itself first; a mean's is repeated.
    backward([grad, ofMean], call) {
      const self = call.args[0] as Tensor;
      const mean = ofMean && elementwise(call, "div", [repeated(ofMean, call, 3)]);
      if (!grad) return [mean];
      const scaled = elementwise(call, "mul", [grad]);
      const middle = call.kernel("aten.mean", [self], [{ shape: grad.shape, dtype: grad.dtype }])[0];
      const less = elementwise(call, "sub", [self]);
      call.drop(middle as Tensor);
      const made = elementwise(call, "mul", [less, repeated(scaled, call, 3)]);
      call.drop(less);
      return [mean ? elementwise(call, "add", [made, mean]) : made];
    },
  };
}

const sums: readonly Op[] = [
  reduction({ name: "sum", dtype: summed, fold: add, backward: ([grad], call) => [repeated(grad, call)] }),
  reduction({ name: "nansum", dtype: summed, saves: savesSelf }),
  reduction({
    name: "mean",
    dtype: averaged,
    fold: (group) => add(group) / group.length,
    backward: ([grad], call) => [elementwise(call, "div", [repeated(grad, call)])],
  }),
  reduction({
    name: "prod",
    dtype: summed,
    saves: savesSelfAndResult,
    fold: (group) => group.reduce((a, b) => a * b, 1),
  }),
  reduction({ name: "all", dtype: truth, differentiable: false, fold: (group) => Number(group.every(Boolean)) }),
  reduction({ name: "any", dtype: truth, differentiable: false, fold: (group) => Number(group.some(Boolean)) }),
  // count_nonzero(self, dim=None)
  reduction({
    name: "count_nonzero",
    dtype: () => "int64",
    differentiable: false,
    fold: (group) => group.filter(Boolean).length,
  }),
  // logsumexp(self, dim, keepdim=False)
  reduction({
    name: "logsumexp",
    dtype: (of) => floatOf(of),
    saves: savesSelfAndResult,
    work: 12,
    // grad * exp(self - result)
    backward: ([grad], call) => {
      const [less] = [elementwise(call, "sub", call.kept.slice(0, 1))];
      const raised = elementwise(call, "exp", [less]);
      call.drop(less);
      return [elementwise(call, "mul", [raised, repeated(grad, call)])];
    },
  }),
  deviation("var", savesSelf, false),
  deviation("std", savesSelfAndResult, false),
  deviation("var_mean", savesSelf, true),
  deviation("std_mean", savesSelfAndResult, true),
  norm("linalg_vector_norm"),
  norm("norm"),
];
export default sums;

/** linalg_vector_norm(self, ord=2, dim=None, keepdim=False, dtype=None); norm(self, p=2, …) is the same. */
function norm(name: string): Op {
  const plain = reduction({ name, dtype: (of, asked) => partOf(floating(of, asked)), keepdim: 2, asked: 3 });
  return {
    name: `aten.${name}`,
    result([self, order, ...rest]) {
      const { dtype, shape } = tensor(self);
      if (category(dtype) < 2)
        throw new Refused(`${name} takes floating-point tensors, not ${dtype}`, "wrong-argument");
      if (Math.abs(numberOf(order) ?? 2) === Number.POSITIVE_INFINITY) {
        mustHaveElements(tensor(self), reducedAxes(rest[0], shape.length), name);
      }
      return plain.result([self ?? null, ...rest]);
    },
    saves: savesSelfAndResult,
    work: 2,
    // self · (grad / norm)
    backward([grad], call) {
      const scale = elementwise(call, "div", [grad]);
      const own = repeated(scale, { ...call, args: [call.args[0] as Arg, ...call.args.slice(2)] });
      return [elementwise(call, "mul", [call.args[0] as Tensor, own])];
    },
  };
}

/** A result's gradient under the input's shape: repeated along the axes that were reduced, without copying. */
function repeated(grad: Tensor | undefined, { args }: Pick<BackwardCall, "args">, keepdim = 2): Tensor {
  const one = grad as Tensor;
  const { shape } = tensor(args[0]);
  const over = reducedAxes(args[1], shape.length);
  const steps = [...(shape.every(isKnown) && one.shape.every(isKnown) ? stridesOf(one) : [])];
  if (flag(args[keepdim]))
    return viewed(one, shape, steps.length > 0 ? steps.map((step, i) => (over.includes(i) ? 0 : step)) : null);
  const own = shape.map((_, i) => (over.includes(i) ? 0 : (steps.shift() ?? 0)));
  return viewed(one, shape, shape.every(isKnown) ? own : null);
}
