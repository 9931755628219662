/** Arguments and results of linear algebra: matrices, square ones, and what LAPACK leaves column after column. */
import { integer, integers, minus, type Size, showSize } from "../../tensor/size.ts";
import { contiguousStrides, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, Refused } from "../op.ts";
import { tensor } from "./arguments.ts";
import { fresh, isKnown } from "./making.ts";

export function matrixOf(arg: Arg | undefined): Tensor {
  const a = tensor(arg, "A");
  if (a.shape.length < 2) throw new Refused(`A must have at least 2 axes, but it has ${a.shape.length}`);
  return a;
}

export function square(arg: Arg | undefined): Tensor {
  const a = matrixOf(arg);
  const [rows, columns] = a.shape.slice(-2) as [Size, Size];
  if (isKnown(rows) && isKnown(columns) && integer(minus(rows, columns)) !== 0) {
    throw new Refused(`A must be square, but it is ${showSize(rows)} by ${showSize(columns)}`);
  }
  return a;
}

export function byColumn(shape: readonly Size[], dtype: Tensor["dtype"]): Made {
  if (!shape.every(isKnown)) return fresh(shape, dtype);
  const known = integers(shape);
  const swapped = contiguousStrides([...known.slice(0, -2), known.at(-1) ?? 1, known.at(-2) ?? 1]);
  return { shape, dtype, strides: [...swapped.slice(0, -2), 1, swapped.at(-2) ?? 1] };
}
