/** Arithmetic of two operands. Python numbers may stand for either; they are never kept for the gradient. */
import { category } from "../../tensor/dtype.ts";
import { integer } from "../../tensor/size.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { isSize } from "../shared/arguments.ts";
import { floatOf, inFloat, notBool, oneType } from "../shared/dtypes.ts";
import { foldedEach, numberOf } from "../shared/folding.ts";
import { elementwise, tensorAt } from "../shared/gradients.ts";
import { resultType } from "../shared/making.ts";
import { pointwise } from "../shared/pointwise.ts";
import { kept, type Saves, savesFirst } from "../shared/saving.ts";
import { floorModulo } from "../shared/specialFunctions.ts";

const two = { operands: 2 } as const;
const both = savesFirst(2);
/** Both operands, where the second needs a gradient. */
const bothForOther: Saves = ([self, other], _out, [, forOther]) => (forOther ? [kept(self), kept(other)] : []);

/** add(self, other, alpha=1), sub the same, rsub(self, other, alpha) = other - alpha·self. */
function sum(
  name: string,
  dtype: (operands: readonly Arg[]) => ReturnType<typeof resultType>,
  each: (a: number, b: number, alpha: number) => number,
): Op {
  const plain = pointwise({ name, ...two, dtype });
  return {
    ...plain,
    backward([grad], call) {
      const scale = call.args[2] !== undefined && numberOf(call.args[2] ?? 1) !== 1;
      const signs = { add: [0, 0], sub: [0, 1], rsub: [1, 0] }[name] ?? [0, 0];
      const scaled = name === "rsub" ? 0 : 1;
      return [0, 1].map((i) => {
        if (!grad || !call.needs[i]) return undefined;
        const signed = signs[i] ? elementwise(call, "neg", [grad]) : grad;
        return scale && i === scaled ? elementwise(call, "mul", [signed]) : signed;
      });
    },
    result(args) {
      // rsub subtracts with its operands exchanged, so the second one's memory order comes first.
      const [self, other] = args as [Arg, Arg];
      const made = plain.result(name === "rsub" ? [other, self] : [self, other]);
      const alpha = numberOf(args[2] ?? 1);
      if (alpha === undefined || !("shape" in made)) return made;
      const data = foldedEach(made.shape, made.dtype, [self, other], (a, b) => each(a, b, alpha));
      return { ...made, data };
    },
  };
}

/** div(self, other, rounding_mode=None): true division gives floats, "floor" and "trunc" keep integers. */
const div: Op = {
  ...pointwise({ name: "div", ...two, work: 2 }),
  result([self, other, mode]) {
    const rule =
      mode === "floor"
        ? pointwise({ name: "div", ...two, fold: (a, b) => Math.floor(a / b) })
        : mode === "trunc"
          ? pointwise({ name: "div", ...two, fold: (a, b) => Math.trunc(a / b) })
          : pointwise({ name: "div", ...two, dtype: inFloat, fold: (a, b) => a / b });
    return rule.result([self ?? null, other ?? null]);
  },
  saves: ([self, other], _out, [forSelf, forOther]) => [forOther && kept(self), (forSelf || forOther) && kept(other)],
  backward([grad], call) {
    const [self, other] = [tensorAt(call.args, 0), tensorAt(call.args, 1)];
    if (typeof call.args[2] === "string")
      return call.needs.map((one) => (one ? elementwise(call, "zeros_like", [grad]) : undefined));
    const forSelf = () => (call.needs[0] ? elementwise(call, "div", [grad, other]) : undefined);
    if (!call.needs[1]) return [forSelf()];
    // -grad * ((self / other) / other)
    const once = elementwise(call, "div", [self ?? other, other]);
    const twice = elementwise(call, "div", [once, other]);
    call.drop(once);
    const negative = elementwise(call, "neg", [grad]);
    const forOther = elementwise(call, "mul", [negative, twice]);
    call.drop(negative, twice);
    return [forSelf(), forOther];
  },
};

/** pow(self, exponent): of tensors, or of a tensor and a number on either side. */
const pow: Op = {
  ...pointwise({ name: "pow", ...two, work: 10 }),
  result(args) {
    const [self, exponent] = args;
    const whole = category(resultType(self, exponent)) < 2;
    if (whole && isSize(exponent) && integer(exponent) < 0) {
      throw new Refused(`integers cannot be raised to the negative power ${integer(exponent)}`, "wrong-argument");
    }
    return pointwise({ name: "pow", ...two, dtype: powType, fold: (a, b) => a ** b }).result(args);
  },
  saves([self, exponent], [out]) {
    const [base, power] = [kept(self), kept(exponent)];
    return power ? [base, power, out] : [base];
  },
  backward([grad], call) {
    const [self, exponent, [out]] = [tensorAt(call.args, 0), tensorAt(call.args, 1), call.out];
    const power = () => {
      const raised = elementwise(call, "pow", [self, exponent]);
      const scaled = elementwise(call, "mul", [raised, exponent]);
      return elementwise(call, "mul", [grad, scaled]);
    };
    const logarithm = () => {
      const log = elementwise(call, "log", [self ?? exponent]);
      return elementwise(call, "mul", [grad, elementwise(call, "mul", [out, log])]);
    };
    return [call.needs[0] ? power() : undefined, call.needs[1] ? logarithm() : undefined];
  },
};

const powType = ([self, exponent]: readonly (Arg | undefined)[]) => {
  const dtype = resultType(self, exponent);
  return dtype === "bool" && isSize(exponent) ? "int64" : dtype;
};

/** The gradient goes to the greater (or lesser) operand, half to each where they are equal. */
const chosen: Op["backward"] = ([grad], call) => {
  const both = [tensorAt(call.args, 0), tensorAt(call.args, 1)];
  const halves = elementwise(call, "div", [grad]);
  return call.needs.slice(0, 2).map((one) => {
    if (!one) return undefined;
    const equal = elementwise(call, "eq", both, { dtype: "bool" });
    const mixed = elementwise(call, "where", [grad, equal, halves]);
    const other = elementwise(call, "gt", both, { dtype: "bool" });
    return elementwise(call, "masked_fill_", [mixed, other]);
  });
};

const arithmetic: readonly Op[] = [
  sum(
    "add",
    (operands) => resultType(...operands),
    (a, b, alpha) => a + alpha * b,
  ),
  sum("sub", notBool("sub"), (a, b, alpha) => a - alpha * b),
  sum("rsub", notBool("rsub"), (a, b, alpha) => b - alpha * a),
  pointwise({
    name: "mul",
    ...two,
    saves: ([self, other], _out, [forSelf, forOther]) => [forOther && kept(self), forSelf && kept(other)],
    backward: ([grad], call) =>
      [0, 1]
        .map((i) => (call.needs[1 - i] ? elementwise(call, "mul", [grad, tensorAt(call.args, i)]) : undefined))
        .reverse(),
    fold: (a, b) => a * b,
  }),
  div,
  pow,
  pointwise({ name: "floor_divide", ...two, work: 2, fold: (a, b) => Math.floor(a / b) }),
  pointwise({ name: "remainder", ...two, work: 3, saves: bothForOther, fold: floorModulo }),
  pointwise({ name: "fmod", ...two, work: 3, saves: bothForOther, fold: (a, b) => a % b }),
  pointwise({ name: "maximum", ...two, saves: both, backward: chosen, fold: Math.max }),
  pointwise({ name: "minimum", ...two, saves: both, backward: chosen, fold: Math.min }),
  pointwise({ name: "fmax", ...two, saves: both }),
  pointwise({ name: "fmin", ...two, saves: both }),
  pointwise({ name: "atan2", ...two, dtype: inFloat, work: 10, saves: both, fold: Math.atan2 }),
  pointwise({
    name: "hypot",
    ...two,
    work: 4,
    saves: ([self, other], [out], [forSelf, forOther]) => [forSelf && kept(self), forOther && kept(other), out],
    fold: Math.hypot,
  }),
  pointwise({
    name: "copysign",
    ...two,
    dtype: inFloat,
    saves: ([self], [out], [forSelf]) => [forSelf && kept(self), out],
  }),
  pointwise({ name: "xlogy", ...two, dtype: inFloat, work: 11, saves: both }),
  pointwise({
    name: "logaddexp",
    ...two,
    dtype: (operands) => floatOf(resultType(...operands)),
    work: 22,
    saves: both,
  }),
  pointwise({
    name: "logaddexp2",
    ...two,
    dtype: (operands) => floatOf(resultType(...operands)),
    work: 22,
    saves: both,
  }),
  pointwise({ name: "heaviside", ...two, dtype: oneType("heaviside") }),
  pointwise({ name: "nextafter", ...two }),
  pointwise({ name: "gcd", ...two, work: 10 }),
  pointwise({ name: "lcm", ...two, work: 10 }),
];
export default arithmetic;
