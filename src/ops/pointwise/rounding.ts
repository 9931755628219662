/** Signs, absolute values and rounding: the type stays, integers are taken too. */
import { integer } from "../../tensor/size.ts";
import type { Op } from "../op.ts";
import { isSize } from "../shared/arguments.ts";
import { notBool, partOf } from "../shared/dtypes.ts";
import { chained, elementwise, passes } from "../shared/gradients.ts";
import { resultType } from "../shared/making.ts";
import { pointwise } from "../shared/pointwise.ts";
import { halfToEven } from "../shared/rounding.ts";
import { savesSelf, savesSelfAndResult } from "../shared/saving.ts";

/** A step has no slope: its gradient is zeros. */
const zeroed: Op["backward"] = ([grad], call) => [elementwise(call, "zeros_like", [grad])];

const steps = [
  pointwise({ name: "floor", backward: zeroed, fold: Math.floor }),
  pointwise({ name: "ceil", backward: zeroed, fold: Math.ceil }),
  pointwise({ name: "trunc", backward: zeroed, fold: Math.trunc }),
  pointwise({ name: "frac", backward: passes, fold: (x) => x - Math.trunc(x) }),
  pointwise({ name: "sign", backward: zeroed, fold: Math.sign }),
  pointwise({ name: "neg", dtype: notBool("neg"), backward: chained("neg"), fold: (x) => -x }),
];

/** round(self, decimals=0): ties go to the even neighbour. */
const round: Op = {
  ...pointwise({ name: "round", backward: zeroed }),
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
  pointwise({
    name: "abs",
    dtype: ([self]) => partOf(resultType(self)),
    saves: savesSelf,
    backward: chained("sgn", "mul"),
    fold: Math.abs,
  }),
  pointwise({ name: "sgn", saves: savesSelfAndResult, fold: Math.sign }),
  pointwise({
    name: "square",
    dtype: ([self]) => (resultType(self) === "bool" ? "int64" : resultType(self)),
    saves: savesSelf,
    backward: chained("pow", "mul", "mul"),
    fold: (x) => x * x,
  }),
  pointwise({
    name: "nan_to_num",
    saves: savesSelf,
    fold: (x) => (Number.isNaN(x) ? 0 : x),
  }),
];
export default rounding;
