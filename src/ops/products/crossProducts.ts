/** Cross products of vectors of three. */

import { integer } from "../../tensor/size.ts";
import type { Arg, Op } from "../op.ts";
import { axis, tensor } from "../shared/arguments.ts";
import { broadcastShapes, fresh, isKnown, resultType } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

/** `aten.linalg_cross(self, other, dim=-1)`, and `aten.cross`, whose axis is by default the first of size 3. */
function cross(name: string, dimOf: (dim: Arg | undefined, shape: ReturnType<typeof broadcastShapes>) => number): Op {
  return {
    name: `aten.${name}`,
    work: 5,
    result([a, b, dim]) {
      const [x, y] = [tensor(a), tensor(b, "other")];
      const shape = broadcastShapes(x.shape, y.shape);
      mustEqual(shape[dimOf(dim, shape)], 3, (n) => `cross products are of vectors of 3, but the axis has ${n}`);
      return fresh(shape, resultType(x, y));
    },
    saves: ([a, b], _out, needs) => [needs[1] && tensor(a), needs[0] && tensor(b)],
  };
}

const crossProducts: readonly Op[] = [
  cross("linalg_cross", (dim, shape) => axis(dim ?? -1, shape.length)),
  cross("cross", (dim, shape) => {
    if (dim !== undefined && dim !== null) return axis(dim, shape.length);
    return Math.max(
      0,
      shape.findIndex((n) => isKnown(n) && integer(n) === 3),
    );
  }),
];
export default crossProducts;
