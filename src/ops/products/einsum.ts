import { itemBytes } from "../../tensor/dtype.ts";
import { integer, type Size, sameSize, showSize } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Extra, type Op, Refused } from "../op.ts";
import { tensors } from "../shared/arguments.ts";
import { type Equation, labelSizes, loweredEinsum, parsedEquation } from "../shared/einsum.ts";
import { fresh, isKnown, like, view } from "../shared/making.ts";

/**
 * `aten.einsum(equation, operands)`: Einstein's summation with ellipsis, traces and implicit results.
 *
 * Multiply-adds and kept operands are those of the `bmm`s that it lowers to: a view keeps its operand, a copy keeps itself.
 */
const einsum: Op = {
  name: "aten.einsum",

  result(args) {
    const { equation, operands } = read(args);
    const sizes = labelSizes(equation, operands, agree);
    const shape = equation.result.map((label) => sizes.get(label) as Size);
    const [first] = operands;
    if (!first || operands.some((one) => one.dtype !== first.dtype)) {
      throw new Refused(`einsum's operands are ${operands.map(({ dtype }) => dtype).join(" and ")}`, "wrong-argument");
    }
    if (!operands.every((one) => one.shape.every(isKnown))) return fresh(shape, first.dtype);
    const { strides } = loweredEinsum(equation, operands).result;
    const viewed = operands.length === 1 && equation.summed.length === 0;
    return viewed ? view(first, shape, strides) : { ...fresh(shape, first.dtype), strides };
  },

  macs(args) {
    const { equation, operands } = read(args);
    return loweredEinsum(equation, operands).steps.reduce((total, { macs }) => total + macs, 0);
  },

  saves(args) {
    const { equation, operands } = read(args);
    const trained = (from: ReadonlySet<number>) => [...from].some((i) => operands[i]?.requiresGrad);
    return loweredEinsum(equation, operands).steps.flatMap(({ left, right, leftFrom, rightFrom }) => [
      trained(rightFrom) && left,
      trained(leftFrom) && right,
    ]);
  },

  // Each contraction's products again, the last one first: one for each side that leads to an operand that needs a gradient.
  backward([grad], call) {
    const { equation, operands } = read(call.args);
    if (operands.length === 1) return [[call.kernel("aten.sum_backward", [grad], [like(operands[0] as Tensor)])[0]]];
    const found: (Tensor | undefined)[] = operands.map(() => undefined);
    const steps = [...loweredEinsum(equation, operands).steps].reverse();
    let before = grad as Tensor;
    steps.forEach(({ leftFrom, rightFrom, macs, left, right }, i) => {
      const kept = call.kept.slice(2 * (steps.length - 1 - i), 2 * (steps.length - i));
      const made = (from: ReadonlySet<number>, side: Tensor | Extra, other: Tensor | undefined): void => {
        if (![...from].some((one) => operands[one]?.requiresGrad)) return;
        const [only] = from;
        const operand = from.size === 1 ? operands[only as number] : undefined;
        const shape =
          operand?.shape ?? ("storage" in side ? side.shape : [Number(side.extraBytes) / itemBytes(before.dtype)]);
        const name = macs > 0 ? "aten.bmm" : "aten.mul";
        const [one] = call.kernel(name, [before, other], [{ shape, dtype: (grad as Tensor).dtype }], { macs }) as [
          Tensor,
        ];
        if (operand) found[only as number] = one;
        else before = one;
      };
      made(leftFrom, left, kept[1]);
      made(rightFrom, right, kept[0]);
    });
    return [undefined, found];
  },
};
export default einsum;

function read([text, list]: readonly Arg[]): { equation: Equation; operands: readonly Tensor[] } {
  const operands = tensors(list);
  if (typeof text !== "string" || operands.length === 0)
    throw new Refused("einsum takes an equation and operands", "wrong-argument");
  return { equation: parsedEquation(text, operands), operands };
}

function agree(label: string, a: Size, b: Size): Size {
  if (!isKnown(a) || !isKnown(b)) return isKnown(a) && integer(a) !== 1 ? a : b;
  if (sameSize(a, b) || integer(b) === 1) return a;
  if (integer(a) === 1) return b;
  throw new Refused(`einsum's axis ${label} is ${showSize(a)} in one operand, but ${showSize(b)} in another`);
}
