import { integer } from "../../tensor/size.ts";
import type { Op } from "../op.ts";
import { size, tensor } from "../shared/arguments.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";
import { statisticsType } from "../shared/statistics.ts";

/** `aten._weight_norm_interface(v, g, dim=0)`: `v · g / ‖v‖` over all axes but one, and the norms; keeps all three. */
const weightNormInterface: Op = {
  name: "aten._weight_norm_interface",
  work: 3,
  result([direction, magnitude, dim]) {
    const [v, g] = [tensor(direction, "v"), tensor(magnitude, "g")];
    const along = integer(size(dim ?? 0, "dim"));
    mustEqual(v.shape.at(along), g.shape.at(along), (a, b) => `v has ${a} along axis ${along}, but g has ${b}`);
    return [fresh(v.shape, v.dtype), { ...fresh(g.shape, statisticsType(g.dtype)), detached: true }];
  },
  saves: ([v, g], [, norms]) => [tensor(v), tensor(g), norms],
};
export default weightNormInterface;
