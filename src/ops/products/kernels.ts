/** Products of matrices and vectors without a batch to broadcast: one kernel each. The counter has no formula for vectors. */
import { promoteTypes } from "../../tensor/dtype.ts";
import { count, type Size } from "../../tensor/size.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type BackwardCall, type Op, Refused } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { mustExpand, mustHaveRank, mustShareDType } from "../shared/contracting.ts";
import { productGradients } from "../shared/gradientProducts.ts";
import { viewed } from "../shared/gradients.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

interface Kernel {
  /** Axes of the first and the second operand. */
  readonly ranks: readonly [number, number];
  readonly counted: boolean;
  shape(a: readonly Size[], b: readonly Size[]): readonly (Size | undefined)[];
}

const kernels = {
  mm: { ranks: [2, 2], counted: true, shape: (a, b) => [a[0], b[1]] },
  bmm: { ranks: [3, 3], counted: true, shape: (a, b) => [a[0], a[1], b[2]] },
  mv: { ranks: [2, 1], counted: false, shape: (a) => [a[0]] },
  dot: { ranks: [1, 1], counted: false, shape: () => [] },
} satisfies Record<string, Kernel>;

/** `aten.mm(self, mat2)` and its kin; each keeps an operand where the other needs a gradient. */
function product(name: keyof typeof kernels): Op {
  const kernel: Kernel = kernels[name];
  return {
    name: `aten.${name}`,
    result: ([a, b]) => {
      const [first, second] = [tensor(a), tensor(b, "mat2")];
      return fresh(productShape(kernel, first, second), first.dtype);
    },
    ...(kernel.counted && { macs: ([a], [out]) => multiplyAdds(tensor(a), out) }),
    saves: ([a, b], _out, needs) => [needs[1] && tensor(a), needs[0] && tensor(b)],
    backward([grad], call) {
      const [a, b] = [tensor(call.args[0]), tensor(call.args[1])];
      return kernel.counted && grad
        ? productGradients(grad, a, b, [call.needs[0], call.needs[1]], call, true)
        : vectorGradients(grad as Tensor, a, b, call);
    },
  };
}

/** Products with vectors: an outer product for the first operand, a product with a vector for the second. */
function vectorGradients(grad: Tensor, a: Tensor, b: Tensor, call: BackwardCall): readonly (Tensor | undefined)[] {
  const made = (of: Tensor, name: string, other: Tensor) =>
    call.kernel(`aten.${name}`, [grad, other], [{ shape: of.shape, dtype: of.dtype }])[0];
  const [outer, inner] = a.shape.length === 1 ? ["mul", "mul"] : ["ger", "mv"];
  return [
    call.needs[0] ? made(a, outer as string, b) : undefined,
    call.needs[1] ? made(b, inner as string, a) : undefined,
  ];
}

/** `aten.addmm(self, mat1, mat2, *, beta=1, alpha=1)` and its kin: the product plus a bias that broadcasts to it. */
function biased(name: string, of: keyof typeof kernels, summed = false): Op {
  const kernel: Kernel = kernels[of];
  return {
    name: `aten.${name}`,
    result: ([bias, a, b]) => {
      const [added, first, second] = [tensor(bias), tensor(a, "mat1"), tensor(b, "mat2")];
      mustShareDType(added, first);
      const shape = productShape(kernel, first, second).slice(summed ? 1 : 0);
      mustExpand(added, shape);
      return fresh(shape, first.dtype);
    },
    ...(kernel.counted && !summed && { macs: ([, a], [out]) => multiplyAdds(tensor(a), out) }),
    saves: ([, a, b], _out, needs) => [needs[2] && tensor(a), needs[1] && tensor(b)],
    backward([grad], call) {
      const [a, b] = [tensor(call.args[1]), tensor(call.args[2])];
      if (!grad || !kernel.counted)
        return [grad, ...vectorGradients(grad as Tensor, a, b, { ...call, needs: call.needs.slice(1) })];
      // The sum over a batch is taken back by repeating its gradient.
      const each = summed ? viewed(grad, [a.shape[0] as Size, ...grad.shape], [0, ...stridesOf(grad)]) : grad;
      return [grad, ...productGradients(each, a, b, [call.needs[1], call.needs[2]], call, false)];
    },
  };
}

function productShape(kernel: Kernel, a: Tensor, b: Tensor): readonly Size[] {
  mustHaveRank(a, kernel.ranks[0], "the first operand");
  mustHaveRank(b, kernel.ranks[1], "the second operand");
  mustShareDType(a, b);
  mustEqual(
    a.shape.at(-1),
    kernel.ranks[1] === 1 ? b.shape[0] : b.shape.at(-2),
    (x, y) => `last axis of the first is ${x}, but the second has ${y} rows`,
  );
  if (kernel.ranks[0] === 3)
    mustEqual(a.shape[0], b.shape[0], (x, y) => `the first holds ${x} matrices, but the second ${y}`);
  return kernel.shape(a.shape, b.shape).map((size) => size ?? 1);
}

function multiplyAdds(a: Tensor, out: Tensor | undefined): number {
  return count(out?.shape ?? []) * count(a.shape.slice(-1));
}

/** `aten.outer(self, vec2)`: an element-wise product of a column and a row. */
const outer: Op = {
  name: "aten.outer",
  result: ([a, b]) => {
    const [first, second] = [tensor(a), tensor(b, "vec2")];
    mustHaveRank(first, 1, "the first operand");
    mustHaveRank(second, 1, "the second operand");
    return fresh([...first.shape, ...second.shape], promoteTypes(first.dtype, second.dtype));
  },
  saves: ([a, b], _out, needs) => [needs[1] && tensor(a), needs[0] && tensor(b)],
  backward: ([grad], call) => {
    const made = (of: number, other: number) =>
      call.needs[of]
        ? call.kernel(
            "aten.mv",
            [grad, tensor(call.args[other])],
            [fresh(tensor(call.args[of]).shape, (grad as Tensor).dtype)],
          )[0]
        : undefined;
    return [made(0, 1), made(1, 0)];
  },
};

/** `aten.chain_matmul(matrices)`, `torch.linalg.multi_dot`: the cheapest order of products; all partial products are kept. */
const chain: Op = {
  name: "aten.linalg_multi_dot",
  result: ([list]) => {
    const matrices = chained(list);
    const [first, last] = [matrices[0] as Tensor, matrices.at(-1) as Tensor];
    const rows = first.shape.length === 1 ? [] : first.shape.slice(0, 1);
    return fresh([...rows, ...(last.shape.length === 1 ? [] : last.shape.slice(1))], first.dtype);
  },
  macs: ([list]) => cheapestOrder(chained(list)).macs,
  saves: ([list]) => {
    const matrices = chained(list);
    const partial = cheapestOrder(matrices).partialElements * (matrices[0]?.dtype === "float64" ? 8 : 4);
    return [...matrices, { extraBytes: partial, what: "partial products" }];
  },
  backward([grad], call) {
    const matrices = chained(call.args[0]);
    const macs = 2 * cheapestOrder(matrices).macs;
    const makes = matrices.map((one) => fresh(one.shape, one.dtype));
    return [call.kernel("aten.linalg_multi_dot_backward", [grad, ...call.kept], makes, { macs })];
  },
};

function chained(list: Arg | undefined): readonly Tensor[] {
  const matrices = (Array.isArray(list) ? list : []).map((one) => tensor(one as Arg));
  if (matrices.length < 2) throw new Refused("multi_dot needs at least 2 tensors", "wrong-argument");
  matrices.slice(1).forEach((next, i) => {
    mustEqual(
      matrices[i]?.shape.at(-1),
      next.shape[0],
      (x, y) => `last axis of matrix ${i} is ${x}, but the next has ${y} rows`,
    );
  });
  return matrices;
}

/** The classic dynamic programme over where to split; partial products are all but the last. */
function cheapestOrder(matrices: readonly Tensor[]): { macs: number; partialElements: number } {
  const sides = [
    matrices[0]?.shape.length === 1 ? 1 : count(matrices[0]?.shape.slice(0, 1) ?? []),
    ...matrices.map((one, i) => (i > 0 && one.shape.length === 1 ? 1 : count(one.shape.slice(-1)))),
  ];
  const best: { macs: number; partialElements: number }[][] = matrices.map(() => []);
  const cell = (i: number, j: number) => best[i]?.[j] ?? { macs: 0, partialElements: 0 };
  for (let length = 1; length < matrices.length; length++) {
    for (let i = 0; i + length < matrices.length; i++) {
      const j = i + length;
      const side = (at: number) => sides[at] ?? 1;
      let least = { macs: Number.POSITIVE_INFINITY, partialElements: 0 };
      for (let k = i; k < j; k++) {
        const macs = cell(i, k).macs + cell(k + 1, j).macs + side(i) * side(k + 1) * side(j + 1);
        const made = (k > i ? side(i) * side(k + 1) : 0) + (k + 1 < j ? side(k + 1) * side(j + 1) : 0);
        if (macs < least.macs)
          least = { macs, partialElements: cell(i, k).partialElements + cell(k + 1, j).partialElements + made };
      }
      (best[i] as (typeof least)[])[j] = least;
    }
  }
  return cell(0, matrices.length - 1);
}

const products: readonly Op[] = [
  product("mm"),
  product("bmm"),
  product("mv"),
  product("dot"),
  biased("addmm", "mm"),
  biased("baddbmm", "bmm"),
  biased("addbmm", "bmm", true),
  biased("addmv", "mv"),
  outer,
  chain,
  { ...chain, name: "aten.chain_matmul" },
];
export default products;
