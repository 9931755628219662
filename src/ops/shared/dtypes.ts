/** Result types that differ from plain promotion, and types that an operation does not take. */
import { category, type DType, isComplex } from "../../tensor/dtype.ts";
import { isTensor } from "../../tensor/tensor.ts";
import { type Arg, Refused } from "../op.ts";
import { resultType } from "./making.ts";

/** The floating type that PyTorch computes in where it is given integers. */
export const defaultFloat: DType = "float32";

/** The promoted type; integers become the default float. */
export function inFloat(operands: readonly (Arg | undefined)[]): DType {
  return floatOf(resultType(...operands));
}

export function floatOf(dtype: DType): DType {
  return category(dtype) < 2 ? defaultFloat : dtype;
}

/** The promoted type; booleans become integers. */
export function inInteger(operands: readonly (Arg | undefined)[]): DType {
  return integerOf(resultType(...operands));
}

/** The type that sums of it are kept in: integers and booleans add up as int64. */
export function integerOf(dtype: DType): DType {
  return category(dtype) < 2 ? "int64" : dtype;
}

export const inBool = (): DType => "bool";

/** The type of a complex number's parts; other types as they are. */
export function partOf(dtype: DType): DType {
  return dtype === "complex64" ? "float32" : dtype === "complex128" ? "float64" : dtype;
}

/** The promoted type of operands that must not be boolean. */
export function notBool(what: string): (operands: readonly Arg[]) => DType {
  return (operands) => {
    const dtype = resultType(...operands);
    if (dtype === "bool") throw new Refused(`${what} does not take booleans`, "wrong-argument");
    return dtype;
  };
}

/** The type of tensors that must all have the same one. */
export function oneType(what: string): (operands: readonly Arg[]) => DType {
  return (operands) => {
    const [first, ...others] = operands.filter(isTensor).map((operand) => operand.dtype);
    const odd = others.find((dtype) => dtype !== first);
    if (odd) throw new Refused(`${what} takes tensors of one type, not ${first} and ${odd}`, "wrong-argument");
    return first ?? defaultFloat;
  };
}

/** The promoted type of operands that must be floating: kernels exist for no other. */
export function onlyFloat(what: string): (operands: readonly Arg[]) => DType {
  return (operands) => {
    const dtype = resultType(...operands.filter(isTensor));
    if (category(dtype) < 2) throw new Refused(`${what} takes floating-point tensors, not ${dtype}`, "wrong-argument");
    return dtype;
  };
}

export function mustBeReal(what: string, dtype: DType): void {
  if (isComplex(dtype)) throw new Refused(`${what} does not take complex numbers`, "wrong-argument");
}
