import type { Op } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { loweredMatmul, matmulShape } from "../shared/contracting.ts";
import { fresh } from "../shared/making.ts";
import { matmulGradients } from "../shared/matmulGradients.ts";

/**
 * `aten.matmul(self, other)`: `torch.matmul` with its broadcasting, as the `dot`, `mv`, `mm` or `bmm` that it lowers to.
 *
 * Where an operand has to be expanded or copied for that kernel, the copy is what autograd keeps.
 */
const matmul: Op = {
  name: "aten.matmul",

  result([a, b]) {
    const first = tensor(a);
    return fresh(matmulShape(first, tensor(b, "other")), first.dtype);
  },

  macs: ([a, b]) => loweredMatmul(tensor(a), tensor(b)).macs,

  saves([a, b], _out, needs) {
    const { left, right } = loweredMatmul(tensor(a), tensor(b));
    return [needs[1] && left, needs[0] && right];
  },

  backward: matmulGradients,
};
export default matmul;
