/** Signs, absolute values and rounding: the type stays, integers are taken too. */
import { integer } from "../../tensor/size.ts";
import type { Op } from "../op.ts";
import { isSize } from "../shared/arguments.ts";
import { notBool, partOf } from "../shared/dtypes.ts";
import { resultType } from "../shared/making.ts";
import { pointwise } from "../shared/pointwise.ts";
import { halfToEven } from "../shared/rounding.ts";
import { savesSelf, savesSelfAndResult } from "../shared/saving.ts";

const steps = [
  pointwise({ name: "floor", fold: Math.floor }),
  pointwise({ name: "ceil", fold: Math.ceil }),
  pointwise({ name: "trunc", fold: Math.trunc }),
  pointwise({ name: "frac", fold: (x) => x - Math.trunc(x) }),
  pointwise({ name: "sign", fold: Math.sign }),
  pointwise({ name: "neg", dtype: notBool("neg"), fold: (x) => -x }),
];

/** round(self, decimals=0): ties go to the even neighbour. */
const round: Op = {
  ...pointwise({ name: "round" }),
  result([self, decimals]) {
    const digits = isSize(decimals) ? integer(decimals) : 0;
    const scale = 10 ** digits;
    return pointwise({ name: "round", fold: (x) => halfToEven(x * scale) / scale }).result([self ?? null]);
  },
};

/** angle: π for negative numbers, 0 for the others; of complex numbers, their argument. */
const angle = pointwise({
  name: "angle",
  dtype: ([self]) => {
    const dtype = partOf(resultType(self));
    return dtype.startsWith("float") || dtype === "bfloat16" ? dtype : "float32";
  },
  saves: savesSelf,
});

const rounding: readonly Op[] = [
  ...steps,
  round,
  angle,
  pointwise({ name: "abs", dtype: ([self]) => partOf(resultType(self)), saves: savesSelf, fold: Math.abs }),
  pointwise({ name: "sgn", saves: savesSelfAndResult, fold: Math.sign }),
  pointwise({
    name: "square",
    dtype: ([self]) => (resultType(self) === "bool" ? "int64" : resultType(self)),
    saves: savesSelf,
    fold: (x) => x * x,
  }),
  pointwise({
    name: "nan_to_num",
    saves: savesSelf,
    fold: (x) => (Number.isNaN(x) ? 0 : x),
  }),
];
export default rounding;
