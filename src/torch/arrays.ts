/** NumPy's arrays and tensors made of each other: shape, dtype, and the elements where they are few and known. */
import type { Unknown } from "../base/unknown.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { NdArray } from "../python/library/numpy/array.ts";
import type { Value } from "../python/values.ts";
import { type DType, isDType } from "../tensor/dtype.ts";
import { Float } from "../tensor/scalar.ts";
import { integers, NeedsKnownSize } from "../tensor/size.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { listOf } from "./arguments.ts";
import { type MakingOptions, make } from "./making.ts";

/** The elements that a tensor may keep are few: others need not be carried over. */
const most = 4096;

/** A tensor of an array's shape; in the array's dtype unless another is asked for. */
export function arrayTensor(py: Interpreter, { shape, dtype, data }: NdArray, options: MakingOptions): Value {
  if (!isDType(dtype)) return py.unknown(`a tensor made of an array of ${dtype}`);
  const few = data && data.length <= most ? listOf(data.map((one) => new Float(one))) : null;
  return make(py, "tensor", [few, listOf(shape)], options, dtype);
}

/** An array of a tensor's shape. Unknown where a size is. */
export function tensorArray({ shape, dtype, data }: Tensor): NdArray | Unknown {
  try {
    return new NdArray(integers(shape), numpyName(dtype), data);
  } catch (error) {
    if (error instanceof NeedsKnownSize) return error.unknown;
    throw error;
  }
}

/** NumPy lacks bfloat16: PyTorch refuses it, and nothing is lost by another name. */
const numpyName = (dtype: DType): string => (dtype === "bfloat16" ? "float32" : dtype);
