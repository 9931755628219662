/** Reading an operation's arguments: each gives the argument as its kind, or refuses it. */
import { Unknown } from "../../base/unknown.ts";
import { type DType, isDType } from "../../tensor/dtype.ts";
import { integer, type Size, SymInt } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, Refused } from "../op.ts";

export function tensor(arg: Arg | undefined, name = "input"): Tensor {
  if (isTensor(arg)) return arg;
  throw new Refused(`${name} must be a tensor`, "wrong-argument");
}

export function optionalTensor(arg: Arg | undefined): Tensor | null {
  return isTensor(arg) ? arg : null;
}

export function tensors(arg: Arg | undefined): readonly Tensor[] {
  if (Array.isArray(arg) && arg.every(isTensor)) return arg as readonly Tensor[];
  throw new Refused("expects a list of tensors", "wrong-argument");
}

export function isSize(arg: unknown): arg is Size {
  return typeof arg === "number" || arg instanceof SymInt || arg instanceof Unknown;
}

export function size(arg: Arg | undefined, name = "argument"): Size {
  if (isSize(arg)) return arg;
  if (typeof arg === "boolean") return Number(arg);
  throw new Refused(`${name} must be an integer`, "wrong-argument");
}

/** A list of sizes; one size alone is a list of one. */
export function sizes(arg: Arg | undefined, name = "argument"): readonly Size[] {
  if (Array.isArray(arg) && arg.every(isSize)) return arg as readonly Size[];
  return [size(arg as Arg, name)];
}

/** A setting such as a stride, for each of `rank` axes: one number stands for all. Throws NeedsKnownSize. */
export function perAxis(arg: Arg | undefined, rank: number, otherwise: number): number[] {
  if (arg === undefined || arg === null) return new Array(rank).fill(otherwise);
  const list = sizes(arg).map(integer);
  if (list.length === 0) return new Array(rank).fill(otherwise);
  return list.length === 1 ? new Array(rank).fill(list[0]) : list;
}

/** An axis counted from 0, where it may be given from the end. */
export function axis(arg: Arg | undefined, rank: number): number {
  const dim = integer(size(arg, "dim"));
  const bound = Math.max(rank, 1);
  if (dim < -bound || dim >= bound) {
    throw new Refused(`dim ${dim} is out of range for a tensor of ${rank} axes`);
  }
  return dim < 0 ? dim + bound : dim;
}

/** Several axes; all of them for null or an empty list. */
export function axes(arg: Arg | undefined, rank: number): number[] {
  if (arg === undefined || arg === null || (Array.isArray(arg) && arg.length === 0)) return [...Array(rank).keys()];
  return (Array.isArray(arg) ? arg : [arg]).map((one) => axis(one as Arg, rank));
}

export function flag(arg: Arg | undefined, otherwise = false): boolean {
  return typeof arg === "boolean" ? arg : otherwise;
}

export function dtypeOr(arg: Arg | undefined, otherwise: DType): DType {
  return typeof arg === "string" && isDType(arg) ? arg : otherwise;
}
