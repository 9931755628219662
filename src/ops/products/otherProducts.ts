/** Products that the counter has no formula for, or that only some kernels offer. */
import { count, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Op, Refused, type Saved } from "../op.ts";
import { dtypeOr, optionalTensor, tensor } from "../shared/arguments.ts";
import { mustHaveRank, mustShareDType } from "../shared/contracting.ts";
import { fresh, resultType } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";
import { reshaped, strided } from "../shared/strided.ts";

/** `aten.kron(self, other)`: an element-wise product of interleaved axes. */
const kron: Op = {
  name: "aten.kron",
  result([a, b]) {
    const [x, y] = [tensor(a), tensor(b, "other")];
    const rank = Math.max(x.shape.length, y.shape.length);
    const at = (of: Tensor, i: number): Size => of.shape[i - rank + of.shape.length] ?? 1;
    return fresh(
      [...Array(rank).keys()].map((i) => times(at(x, i), at(y, i))),
      resultType(x, y),
    );
  },
  saves: ([a, b], _out, needs) => [needs[1] && tensor(a), needs[0] && tensor(b)],
};

/** `aten.bilinear(input1, input2, weight, bias=None)`: `x1ᵀ·W·x2` for each output; one fused kernel. */
const bilinear: Op = {
  name: "aten.bilinear",
  result([a, b, weight, bias]) {
    const [x, y, w] = [tensor(a, "input1"), tensor(b, "input2"), tensor(weight, "weight")];
    mustHaveRank(w, 3, "weight");
    mustEqual(x.shape.at(-1), w.shape[1], (n, m) => `last axis of input1 is ${n}, but in1_features is ${m}`);
    mustEqual(y.shape.at(-1), w.shape[2], (n, m) => `last axis of input2 is ${n}, but in2_features is ${m}`);
    x.shape.slice(0, -1).forEach((n, i) => {
      mustEqual(n, y.shape[i], (p, q) => `axis ${i} is ${p} in input1, but ${q} in input2`);
    });
    mustEqual(optionalTensor(bias)?.shape[0], w.shape[0], (n, m) => `bias has ${n} elements, but out_features is ${m}`);
    return fresh([...x.shape.slice(0, -1), w.shape[0] as Size], x.dtype);
  },
  saves([a, b, weight], _out, needs) {
    const flat = (one: Tensor): Saved =>
      reshaped(strided(one), [count(one.shape.slice(0, -1)), count(one.shape.slice(-1))]).kept;
    const [first, second, third] = needs;
    return [
      (second || third) && flat(tensor(a)),
      (first || third) && flat(tensor(b)),
      (first || second) && tensor(weight),
    ];
  },
};

/**
 * `aten._grouped_mm(self, mat2, offs=None)`: one matrix product for each group of rows, or for each matrix of a batch.
 *
 * Rows of a two-dimensional operand are divided among the groups by `offs`, so together they are multiplied once.
 */
const groupedMm: Op = {
  name: "aten._grouped_mm",
  result([a, b, offsets, , dtype]) {
    const [x, y] = [tensor(a), tensor(b, "mat2")];
    mustShareDType(x, y);
    mustEqual(x.shape.at(-1), y.shape.at(-2), (n, m) => `last axis of the first is ${n}, but the second has ${m} rows`);
    const groups = optionalTensor(offsets)?.shape[0];
    if ((x.shape.length === 2 || y.shape.length === 2) && groups === undefined)
      throw new Refused("offs must be given for grouped rows", "wrong-argument");
    const rank = `${x.shape.length}${y.shape.length}`;
    const [rows, columns] = [x.shape.at(-2) as Size, y.shape.at(-1) as Size];
    if (rank === "23") mustEqual(groups, y.shape[0], (n, m) => `offs divides ${n} groups, but there are ${m} matrices`);
    const shape =
      rank === "22"
        ? [groups as Size, rows, columns]
        : rank === "33"
          ? [x.shape[0] as Size, rows, columns]
          : [rows, columns];
    return fresh(shape, dtypeOr(dtype, x.dtype));
  },
  macs([a, b]) {
    const [x, y] = [tensor(a), tensor(b)];
    const batch = x.shape.length === 3 && y.shape.length === 3 ? count(x.shape.slice(0, 1)) : 1;
    return batch * count(x.shape.slice(-2)) * count(y.shape.slice(-1));
  },
  saves: ([a, b, offsets], _out, needs) => [needs[1] && tensor(a), needs[0] && tensor(b), optionalTensor(offsets)],
  backward([grad], call) {
    const macs = (groupedMm.macs as NonNullable<Op["macs"]>)(call.args, call.out);
    const [x, y] = [tensor(call.args[0]), tensor(call.args[1])];
    const made = (of: Tensor, other: Tensor) =>
      call.kernel("aten._grouped_mm", [grad, other, call.kept[2]], [fresh(of.shape, of.dtype)], { macs })[0];
    return [call.needs[0] ? made(x, y) : undefined, call.needs[1] ? made(y, x) : undefined];
  },
};

/** `aten._scaled_mm(self, mat2, scale_a, scale_b, bias, scale_result, out_dtype, use_fast_accum)`: float8 operands; it has no derivative. */
const scaledMm: Op = {
  name: "aten._scaled_mm",
  result([a, b, , , bias, , dtype]) {
    const [x, y] = [tensor(a), tensor(b, "mat2")];
    mustHaveRank(x, 2, "the first operand");
    mustHaveRank(y, 2, "the second operand");
    mustEqual(x.shape[1], y.shape[0], (n, m) => `last axis of the first is ${n}, but the second has ${m} rows`);
    mustEqual(
      optionalTensor(bias)?.shape[0],
      y.shape[1],
      (n, m) => `bias has ${n} elements, but the result has ${m} columns`,
    );
    return { ...fresh([x.shape[0] as Size, y.shape[1] as Size], dtypeOr(dtype, x.dtype)), detached: true };
  },
  macs: ([a], [out]) => count(out?.shape ?? []) * count(tensor(a).shape.slice(-1)),
  differentiable: false,
};

const otherProducts: readonly Op[] = [kron, bilinear, groupedMm, scaledMm];
export default otherProducts;
