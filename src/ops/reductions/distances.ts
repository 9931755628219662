/** Distances: of two tensors, and of all pairs of rows. */
import { type Size, sameSize, showSize } from "../../tensor/size.ts";
import { type Op, Refused } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { inFloat } from "../shared/dtypes.ts";
import { broadcastShapes, isKnown, resultType } from "../shared/making.ts";
import { kept } from "../shared/saving.ts";

/** dist(self, other, p=2) */
const dist: Op = {
  name: "aten.dist",
  result([self, other]) {
    const [a, b] = [tensor(self), tensor(other, "other")];
    broadcastShapes(a.shape, b.shape);
    return { shape: [], dtype: inFloat([a, b]) };
  },
  saves: ([self, other], [out]) => [kept(self), kept(other), out],
  work: 3,
};

/** cdist(x1, x2, p=2): `[…, P, M]` and `[…, R, M]` give `[…, P, R]`. */
const cdist: Op = {
  name: "aten.cdist",
  result([x1, x2]) {
    const [a, b] = [tensor(x1, "x1"), tensor(x2, "x2")];
    if (a.shape.length < 2 || b.shape.length < 2) throw new Refused("cdist takes tensors of at least 2 axes");
    const [left, right] = [a.shape.at(-1) as Size, b.shape.at(-1) as Size];
    if (isKnown(left) && isKnown(right) && !sameSize(left, right)) {
      throw new Refused(`cdist: rows of ${showSize(left)} against rows of ${showSize(right)}`);
    }
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { shape: [...batch, a.shape.at(-2) as Size, b.shape.at(-2) as Size], dtype: resultType(a, b) };
  },
  saves: ([x1, x2], [out]) => [kept(x1), kept(x2), out],
};

const distances: readonly Op[] = [dist, cdist];
export default distances;
