/** Element-wise records, from a line of a table each. */
import type { DType } from "../../tensor/dtype.ts";
import { isTensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { foldedEach } from "./folding.ts";
import { iterated } from "./layout.ts";
import { broadcastShapes, resultType } from "./making.ts";
import type { Saves } from "./saving.ts";

export interface Pointwise {
  readonly name: string;
  /** Leading arguments that broadcast together; 1 where absent. Numbers may stand for tensors. */
  readonly operands?: number;
  /** Type of the result; the promoted type of the operands where absent. */
  readonly dtype?: (operands: readonly Arg[], args: readonly Arg[]) => DType;
  readonly saves?: Saves;
  /** The same for the in-place form, where its derivative is written otherwise. */
  readonly savesInPlace?: Saves;
  readonly backward?: Op["backward"];
  readonly work?: number;
  readonly differentiable?: false;
  /** The element of the result from those of the operands, for results that are known. */
  readonly fold?: (...values: number[]) => number;
}

export function pointwise(rule: Pointwise): Op {
  const name = `aten.${rule.name}`;
  return {
    name,
    result(args) {
      const operands = args.slice(0, rule.operands ?? 1);
      const inputs = operands.filter(isTensor);
      if (inputs.length === 0) throw new Refused(`${rule.name} needs a tensor`, "wrong-argument");
      const dtype = rule.dtype?.(operands, args) ?? resultType(...operands);
      const [first] = inputs;
      const shape = inputs.length === 1 && first ? first.shape : broadcastShapes(...inputs.map((input) => input.shape));
      const data = rule.fold && foldedEach(shape, dtype, operands, rule.fold);
      return { ...iterated(shape, inputs, dtype), data };
    },
    ...(rule.saves && { saves: rule.saves }),
    ...(rule.savesInPlace && { savesInPlace: rule.savesInPlace }),
    ...(rule.backward && { backward: rule.backward }),
    ...(rule.work !== undefined && { work: rule.work }),
    ...(rule.differentiable === false && { differentiable: false as const }),
  };
}
