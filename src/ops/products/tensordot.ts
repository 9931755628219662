import { integer, integers, productOf, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { axis, isSize, tensor } from "../shared/arguments.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";
import { permuted, reshaped, strided } from "../shared/strided.ts";

/** `aten.tensordot(self, other, dims)`: one matrix product over the axes named, a number of them or a pair of lists. */
const tensordot: Op = {
  name: "aten.tensordot",

  result(args) {
    const { a, b, freeA, freeB, ownA, ownB } = read(args);
    ownA.forEach((d, i) => {
      mustEqual(
        a.shape[d],
        b.shape[ownB[i] as number],
        (x, y) => `tensordot contracts an axis of ${x} with one of ${y}`,
      );
    });
    return fresh([...freeA.map((d) => a.shape[d] as Size), ...freeB.map((d) => b.shape[d] as Size)], a.dtype);
  },

  macs(args) {
    const { a, b, freeB } = read(args);
    return integer(productOf(a.shape)) * integer(productOf(freeB.map((d) => b.shape[d] as Size)));
  },

  saves(args, _out, needs) {
    const { a, b, freeA, freeB, ownA, ownB } = read(args);
    const total = (of: Tensor, axes: readonly number[]) =>
      integers(of.shape)
        .filter((_, d) => axes.includes(d))
        .reduce((n, m) => n * m, 1);
    const left = reshaped(permuted(strided(a), [...freeA, ...ownA]), [total(a, freeA), total(a, ownA)]);
    const right = reshaped(permuted(strided(b), [...ownB, ...freeB]), [total(b, ownB), total(b, freeB)]);
    return [needs[1] && left.kept, needs[0] && right.kept];
  },

  backward([grad], call) {
    const macs = (tensordot.macs as NonNullable<Op["macs"]>)(call.args, call.out);
    const { a, b } = read(call.args);
    const made = (of: Tensor, other: Tensor) =>
      call.kernel("aten.mm", [grad, other], [fresh(of.shape, of.dtype)], { macs })[0];
    return [call.needs[0] ? made(a, b) : undefined, call.needs[1] ? made(b, a) : undefined];
  },
};
export default tensordot;

function read([self, other, dims]: readonly Arg[]) {
  const [a, b] = [tensor(self), tensor(other, "other")];
  const [ownA, ownB] = contractedAxes(dims, a, b);
  const free = (of: Tensor, own: readonly number[]) => [...of.shape.keys()].filter((d) => !own.includes(d));
  return { a, b, ownA, ownB, freeA: free(a, ownA), freeB: free(b, ownB) };
}

function contractedAxes(dims: Arg | undefined, a: Tensor, b: Tensor): [number[], number[]] {
  if (isSize(dims)) {
    const n = integer(dims);
    if (n < 0 || n > a.shape.length || n > b.shape.length)
      throw new Refused(`tensordot cannot contract ${n} axes here`);
    return [[...Array(n).keys()].map((i) => a.shape.length - n + i), [...Array(n).keys()]];
  }
  const [first, second] = (dims ?? []) as unknown as readonly (readonly Arg[])[];
  const [ownA, ownB] = [
    [first ?? []].flat().map((one) => axis(one, a.shape.length)),
    [second ?? []].flat().map((one) => axis(one, b.shape.length)),
  ];
  if (ownA.length !== ownB.length)
    throw new Refused(`tensordot is given ${ownA.length} axes of the first, but ${ownB.length} of the second`);
  return [ownA, ownB];
}
