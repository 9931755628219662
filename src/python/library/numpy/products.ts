/** Products of matrices and vectors. */
import { Unknown } from "../../../base/unknown.ts";
import { raise } from "../../errors.ts";
import type { Interpreter } from "../../interpreter.ts";
import type { Value } from "../../values.ts";
import { asArray, made, NdArray, promoted } from "./array.ts";
import { broadcastShape, combine, type Rule, rules } from "./elementwise.ts";

/** `a @ b`; a product with a plain number is element-wise, as `np.dot` does it. */
export function matrixProduct(py: Interpreter, left: Value, right: Value): Value {
  const a = asArray(py, left);
  const b = asArray(py, right);
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  if (a.shape.length === 0 || b.shape.length === 0) return combine(py, rules.multiply as Rule, a, b);
  const rows = a.shape.length === 1 ? 1 : (a.shape.at(-2) as number);
  const columns = b.shape.length === 1 ? 1 : (b.shape.at(-1) as number);
  const inner = a.shape.at(-1) as number;
  const other = b.shape.length === 1 ? b.shape[0] : b.shape.at(-2);
  if (inner !== other)
    raise(
      "ValueError",
      `matmul: Input operand 1 has a mismatch in its core dimension 0 (size ${other} is different from ${inner})`,
    );
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, ...(a.shape.length === 1 ? [] : [rows]), ...(b.shape.length === 1 ? [] : [columns])];
  const dtype = promoted(a.dtype, b.dtype);
  const { data } = a;
  if (!data || !b.data || batch.length > 0 || rows * columns * inner > 1e5)
    return shape.length > 0
      ? new NdArray(shape, dtype, undefined)
      : py.unknown("a product of arrays that are not known");
  const product = Array.from({ length: rows * columns }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum +=
        (data[Math.floor(i / columns) * inner + k] as number) *
        ((b.data as readonly number[])[k * columns + (i % columns)] as number);
    }
    return sum;
  });
  return made(shape, dtype, product, py);
}
