/** Largest, smallest, middle and most frequent elements, with their indices where one axis is named. */
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { axis, flag, tensor } from "../shared/arguments.ts";
import { mustBeReal } from "../shared/dtypes.ts";
import { scatteredBack } from "../shared/gradientParts.ts";
import { foldedGroups, mustHaveElements, reducedAxes, reducedShape } from "../shared/reducing.ts";
import type { Saves } from "../shared/saving.ts";
import { savesIndices, savesSelfAndResult } from "../shared/saving.ts";

type Pick = (group: readonly number[]) => number;
type Better = (a: number, b: number) => boolean;
const greater: Better = (a, b) => a > b || Number.isNaN(a);
const smaller: Better = (a, b) => a < b || Number.isNaN(a);

/** The place of the first best element. */
const placeOf = (better: Better) => (group: readonly number[]) =>
  group.reduce((best, value, i) => (better(value, group[best] as number) && !Number.isNaN(group[best]) ? i : best), 0);
const bestOf = (better: Better) => (group: readonly number[]) => group[placeOf(better)(group)] as number;
/** The lower of the two middle elements. */
const middle: Pick = (group) => [...group].sort((a, b) => a - b)[(group.length - 1) >> 1] as number;

/** max(self): over everything, one result. */
function overall(name: string, saves: Saves, pick?: Pick): Op {
  return {
    name: `aten.${name}`,
    result([self]) {
      const input = tensor(self);
      mustBeReal(name, input.dtype);
      const all = reducedAxes(null, input.shape.length);
      if (name !== "median" && name !== "nanmedian") mustHaveElements(input, all, name);
      return { shape: [], dtype: input.dtype, data: pick && foldedGroups(input, all, pick) };
    },
    saves,
    backward: sharedOut,
  };
}

/** max.dim(self, dim, keepdim=False): values and indices along an axis. */
function along(name: string, place?: Pick): Op {
  return {
    name: `aten.${name}`,
    result([self, dim, keepdim]) {
      const input = tensor(self);
      mustBeReal(name, input.dtype);
      const rank = input.shape.length;
      const over = rank === 0 ? [] : [axis(dim ?? -1, rank)];
      mustHaveElements(input, over, name);
      const shape = reducedShape(input.shape, over, flag(keepdim));
      const values = place && foldedGroups(input, over, (group) => group[place(group)] as number);
      const indices = place && foldedGroups(input, over, place);
      return [
        { shape, dtype: input.dtype, data: values },
        { shape, dtype: "int64", detached: true, data: indices },
      ];
    },
    saves: savesIndices,
    backward: scatteredBack,
  };
}

/** amax(self, dim=[], keepdim=False): values alone, over several axes. */
function values(name: string, pick: Pick): Op {
  return {
    name: `aten.${name}`,
    result([self, dim, keepdim]) {
      const input = tensor(self);
      mustBeReal(name, input.dtype);
      const over = reducedAxes(dim, input.shape.length);
      mustHaveElements(input, over, name);
      const shape = reducedShape(input.shape, over, flag(keepdim));
      return { shape, dtype: input.dtype, data: foldedGroups(input, over, pick) };
    },
    saves: savesSelfAndResult,
    backward: sharedOut,
  };
}

/** The gradient is shared by all elements that equal the extreme: a mask, divided by its sum, times the gradient. */
const sharedOut: Op["backward"] = ([grad], call) => {
  const self = tensor(call.args[0]);
  const [mask] = call.kernel("aten.eq", [self, ...call.out], [{ shape: self.shape, dtype: "bool" }]) as [Tensor];
  const [many] = call.kernel("aten.sum", [mask], [{ shape: (grad as Tensor).shape, dtype: "int64" }]) as [Tensor];
  const [scaled] = call.kernel("aten.div", [grad, many], [{ shape: (grad as Tensor).shape, dtype: self.dtype }]) as [
    Tensor,
  ];
  return call.kernel("aten.mul", [scaled, mask], [{ shape: self.shape, dtype: self.dtype }]);
};

/** argmax(self, dim=None, keepdim=False) */
function places(name: string, place: Pick): Op {
  return {
    name: `aten.${name}`,
    result([self, dim, keepdim]) {
      const input = tensor(self);
      mustBeReal(name, input.dtype);
      if (input.dtype === "bool") throw new Refused(`${name} does not take booleans`, "wrong-argument");
      const over = reducedAxes(dim, input.shape.length);
      mustHaveElements(input, over, name);
      const shape = reducedShape(input.shape, over, flag(keepdim));
      return { shape, dtype: "int64", detached: true, data: foldedGroups(input, over, place) };
    },
    differentiable: false,
  };
}

/** aminmax(self, dim=None, keepdim=False): both extremes in one pass; autograd keeps nothing of it. */
const aminmax: Op = {
  name: "aten.aminmax",
  result([self, dim, keepdim]) {
    const input = tensor(self);
    const over = reducedAxes(dim as Arg, input.shape.length);
    mustHaveElements(input, over, "aminmax");
    const shape = reducedShape(input.shape, over, flag(keepdim));
    return [smaller, greater].map<Made>((better) => ({
      shape,
      dtype: input.dtype,
      data: foldedGroups(input, over, bestOf(better)),
    }));
  },
};

const extremes: readonly Op[] = [
  overall("max", savesSelfAndResult, bestOf(greater)),
  overall("min", savesSelfAndResult, bestOf(smaller)),
  overall("median", savesSelfAndResult, middle),
  overall("nanmedian", savesSelfAndResult),
  along("max.dim", placeOf(greater)),
  along("min.dim", placeOf(smaller)),
  along("median.dim"),
  along("nanmedian.dim"),
  along("mode"),
  values("amax", bestOf(greater)),
  values("amin", bestOf(smaller)),
  places("argmax", placeOf(greater)),
  places("argmin", placeOf(smaller)),
  aminmax,
];
export default extremes;
