/** What autograd keeps, for the rules that many operations share. Python numbers are never kept. */
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Arg, Saved } from "../op.ts";

export type Saves = (args: readonly Arg[], out: readonly Tensor[], needs: readonly boolean[]) => readonly Saved[];

export const savesSelf: Saves = ([self]) => [kept(self)];
export const savesResult: Saves = (_args, [out]) => [out];
export const savesSelfAndResult: Saves = ([self], [out]) => [kept(self), out];
/** The indices that a pair of values and indices holds: the gradient goes to the elements chosen. */
export const savesIndices: Saves = (_args, [, indices]) => [indices];

/** Every tensor among the first `count` arguments. */
export function savesFirst(count: number): Saves {
  return (args) => args.slice(0, count).map(kept);
}

/** The argument where it is a tensor. */
export function kept(arg: Arg | undefined): Tensor | null {
  return isTensor(arg) ? arg : null;
}
