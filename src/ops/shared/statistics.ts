/** What the kernels of normalisation share: the type they accumulate in, and the type their parameters must have. */
import type { DType } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, Refused } from "../op.ts";
import { optionalTensor } from "./arguments.ts";

/** The type that CUDA's kernels accumulate in: float32 for the half formats, otherwise the type itself. */
export function statisticsType(dtype: DType): DType {
  return dtype === "float16" || dtype === "bfloat16" ? "float32" : dtype;
}

/** Refuses weight or bias in another dtype than the input, as the CUDA kernels do. */
export function mustShareDType(x: Tensor, ...parameters: readonly (Arg | undefined)[]): void {
  for (const parameter of parameters.map(optionalTensor)) {
    if (parameter && parameter.dtype !== x.dtype) {
      throw new Refused(`input is ${x.dtype}, but weight or bias is ${parameter.dtype}`, "wrong-argument");
    }
  }
}
