/** Comparisons, logic and bits. None has a gradient. */
import { category } from "../../tensor/dtype.ts";
import { isTensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { inBool, oneType } from "../shared/dtypes.ts";
import { constants, fewElements, numberOf } from "../shared/folding.ts";
import { resultType } from "../shared/making.ts";
import { type Pointwise, pointwise } from "../shared/pointwise.ts";

type Fold = Pointwise["fold"];
const plain = { differentiable: false } as const;

const comparisons: readonly (readonly [string, Fold])[] = [
  ["eq", (a, b) => Number(a === b)],
  ["ne", (a, b) => Number(a !== b)],
  ["lt", (a, b) => Number((a as number) < (b as number))],
  ["le", (a, b) => Number((a as number) <= (b as number))],
  ["gt", (a, b) => Number((a as number) > (b as number))],
  ["ge", (a, b) => Number((a as number) >= (b as number))],
  ["logical_and", (a, b) => Number(Boolean(a) && Boolean(b))],
  ["logical_or", (a, b) => Number(Boolean(a) || Boolean(b))],
  ["logical_xor", (a, b) => Number(Boolean(a) !== Boolean(b))],
];

const tests: readonly (readonly [string, Fold])[] = [
  ["isnan", (x) => Number(Number.isNaN(x))],
  ["isinf", (x) => Number(Math.abs(x as number) === Number.POSITIVE_INFINITY)],
  ["isfinite", (x) => Number(Number.isFinite(x))],
  ["isposinf", (x) => Number(x === Number.POSITIVE_INFINITY)],
  ["isneginf", (x) => Number(x === Number.NEGATIVE_INFINITY)],
  ["signbit", (x) => Number((x as number) < 0 || Object.is(x, -0))],
  ["logical_not", (x) => Number(!x)],
];

// Bits of integers that JavaScript's 32-bit operators hold; larger ones are not folded.
const bits: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ["bitwise_and", (a, b) => a & b],
  ["bitwise_or", (a, b) => a | b],
  ["bitwise_xor", (a, b) => a ^ b],
];
const shifts: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ["bitwise_left_shift", (a, b) => a * 2 ** b],
  ["bitwise_right_shift", (a, b) => Math.floor(a / 2 ** b)],
];

const flipped = whole("bitwise_not");
const bitwiseNot: Op = {
  ...pointwise({ name: "bitwise_not", dtype: flipped, ...plain }),
  result(args) {
    const truth = flipped(args) === "bool";
    return pointwise({ name: "bitwise_not", dtype: flipped, fold: (x) => (truth ? 1 - x : -x - 1) }).result(args);
  },
};

/** Nothing that is at least 0 is less than 0, as where layers are dropped with a probability of 0. */
const less: Op = {
  ...pointwise({ name: "lt", operands: 2, dtype: inBool, ...plain }),
  result(args) {
    const [self, other] = args;
    const made = pointwise({ name: "lt", operands: 2, dtype: inBool, fold: (a, b) => Number(a < b) }).result(
      args,
    ) as Made;
    const bound = isTensor(self) ? self.atLeast : undefined;
    const limit = numberOf(other);
    const never = bound !== undefined && limit !== undefined && limit <= bound;
    const total = never ? fewElements(made.shape) : undefined;
    return total === undefined ? made : { ...made, data: constants(total, 0) };
  },
};

const logic: readonly Op[] = [
  ...comparisons.map(([name, fold]) =>
    name === "lt" ? less : pointwise({ name, operands: 2, dtype: inBool, ...plain, ...(fold && { fold }) }),
  ),
  ...tests.map(([name, fold]) => pointwise({ name, dtype: inBool, ...plain, ...(fold && { fold }) })),
  // isclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False)
  pointwise({
    name: "isclose",
    operands: 2,
    dtype: (operands) => oneType("isclose")(operands) && "bool",
    work: 4,
    ...plain,
  }),
  ...bits.map(([name, each]) =>
    pointwise({
      name,
      operands: 2,
      dtype: whole(name),
      ...plain,
      fold: (a, b) => (fits(a) && fits(b) ? each(a, b) : Number.NaN),
    }),
  ),
  ...shifts.map(([name, fold]) => pointwise({ name, operands: 2, dtype: whole(name), ...plain, fold })),
  bitwiseNot,
];
export default logic;

function fits(value: number): boolean {
  return (value | 0) === value;
}

function whole(name: string): (operands: readonly Arg[]) => ReturnType<typeof resultType> {
  return (operands) => {
    const dtype = resultType(...operands);
    if (category(dtype) > 1) throw new Refused(`${name} takes integers and booleans, not ${dtype}`, "wrong-argument");
    return dtype;
  };
}
