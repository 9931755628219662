/** where, masked_fill, clamp and the fused multiply-adds: element-wise choices and mixes of several operands. */
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { foldedEach } from "../shared/folding.ts";
import { elementwise, into, tensorAt } from "../shared/gradients.ts";
import { iterated } from "../shared/layout.ts";
import { broadcastShapes, resultType } from "../shared/making.ts";
import { pointwise } from "../shared/pointwise.ts";
import { kept } from "../shared/saving.ts";

/** where(condition, self, other) */
const where = pointwise({
  name: "where",
  operands: 3,
  dtype: ([, self, other]) => resultType(self, other),
  saves: ([condition]) => [kept(condition)],
  backward: ([grad], call) =>
    call.needs.map((one, i) => (i > 0 && one ? elementwise(call, "where", [grad, tensorAt(call.args, 0)]) : undefined)),
  fold: (condition, self, other) => (condition ? self : other) as number,
});

/** masked_fill(self, mask, value): the type is self's, whatever the value's. */
const maskedFill: Op = {
  name: "aten.masked_fill",
  result([self, mask, value]) {
    const [input, chosen] = [tensor(self), tensor(mask, "mask")];
    if (chosen.dtype !== "bool" && chosen.dtype !== "uint8") {
      throw new Refused(`masked_fill takes a boolean mask, not ${chosen.dtype}`, "wrong-argument");
    }
    const shape = broadcastShapes(input.shape, chosen.shape);
    const data = foldedEach(shape, input.dtype, [input, chosen, value], (old, hit, filler) => (hit ? filler : old));
    return { shape, dtype: input.dtype, data };
  },
  saves: ([, mask]) => [kept(mask)],
  backward([grad], call) {
    const mask = tensorAt(call.args, 1);
    const own = call.needs[0] ? elementwise(call, "masked_fill", [grad, mask]) : undefined;
    if (!call.needs[2]) return [own];
    return [own, undefined, call.run("aten.sum", elementwise(call, "where", [grad, mask]))];
  },
};

/** clamp(self, min=None, max=None), and its one-sided forms; bounds are numbers or tensors. */
function clamp(name: string, bounds: (args: readonly Arg[]) => readonly [Arg, Arg]): Op {
  return {
    name: `aten.${name}`,
    result(args) {
      const input = tensor(args[0]);
      const [low, high] = bounds(args);
      const given = [low, high].filter((bound) => bound !== null);
      if (given.length === 0) throw new Refused("clamp needs a min or a max", "wrong-argument");
      const inputs = [input, ...given.filter(isTensor)];
      const shape = broadcastShapes(...inputs.map((one) => one.shape));
      const dtype = resultType(input, ...given);
      const operands = [input, low ?? Number.NEGATIVE_INFINITY, high ?? Number.POSITIVE_INFINITY];
      const data = foldedEach(shape, dtype, operands, (x, from, to) => Math.min(Math.max(x, from), to));
      return { ...iterated(shape, inputs, dtype), data };
    },
    saves: ([self, ...others]) => [kept(self), ...others.map(kept)],
    backward([grad], call) {
      const self = tensorAt(call.args, 0);
      const bounds = call.args.slice(1, 3).filter((bound) => bound !== null);
      const inside = bounds.map(() => elementwise(call, "ge", [self], { dtype: "bool" }));
      if (inside.length > 1) into(call, "logical_and_", inside[0] as Tensor, inside[1]);
      return [
        call.needs[0] ? elementwise(call, "where", [grad, inside[0]]) : undefined,
        ...[1, 2].map((i) => (call.needs[i] ? elementwise(call, "where", [grad, inside[0]]) : undefined)),
      ];
    },
    work: 2,
  };
}

/** lerp(self, end, weight): the weight is a number or a tensor. */
const lerp = pointwise({
  name: "lerp",
  operands: 3,
  dtype: (operands) => resultType(...operands.filter(isTensor)),
  work: 3,
  saves: ([self, end, weight], _out, [, , forWeight]) =>
    isTensor(weight) ? [forWeight && kept(self), forWeight && kept(end), weight] : [],
  backward([grad], call) {
    const weight = tensorAt(call.args, 2);
    return call.needs.slice(0, 3).map((one, i) => {
      if (!one) return undefined;
      if (i < 2) return elementwise(call, "mul", [grad, weight]);
      return elementwise(call, "mul", [
        grad,
        elementwise(call, "sub", [tensorAt(call.args, 1), tensorAt(call.args, 0)]),
      ]);
    });
  },
  fold: (self, end, weight) => self + weight * (end - self),
});

/** addcmul(self, tensor1, tensor2, value=1) */
const addcmul: Op = pointwise({
  name: "addcmul",
  operands: 3,
  work: 3,
  saves: ([, a, b], _out, [, forA, forB]) => [forB && kept(a), forA && kept(b)],
  backward: ([grad], call) => [
    grad,
    call.needs[1] ? elementwise(call, "mul", [grad, tensorAt(call.args, 2)]) : undefined,
    call.needs[2] ? elementwise(call, "mul", [grad, tensorAt(call.args, 1)]) : undefined,
  ],
});

/** addcdiv(self, tensor1, tensor2, value=1) */
const addcdiv: Op = pointwise({
  name: "addcdiv",
  operands: 3,
  work: 4,
  saves: ([, a, b], _out, [, , forB]) => [forB && kept(a), kept(b)],
  backward: ([grad], call) => [
    grad,
    call.needs[1] ? elementwise(call, "div", [grad, tensorAt(call.args, 2)]) : undefined,
    call.needs[2]
      ? elementwise(call, "mul", [grad, elementwise(call, "div", [tensorAt(call.args, 1), tensorAt(call.args, 2)])])
      : undefined,
  ],
});

const choosing: readonly Op[] = [
  where,
  maskedFill,
  clamp("clamp", ([, low, high]) => [low ?? null, high ?? null]),
  clamp("clamp_min", ([, low]) => [low ?? null, null]),
  clamp("clamp_max", ([, high]) => [null, high ?? null]),
  lerp,
  addcmul,
  addcdiv,
];
export default choosing;
