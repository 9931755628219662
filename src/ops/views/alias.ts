/** The tensor itself under another name: alias, positive, detach, lift_fresh. */
import type { Op } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { passes } from "../shared/gradients.ts";
import { view } from "../shared/making.ts";

function same(name: string): Op {
  return {
    name: `aten.${name}`,
    result([self]) {
      const input = tensor(self);
      return view(input, input.shape, input.strides, input.data);
    },
    backward: passes,
  };
}

/** detach(self): the same memory, not followed by autograd. */
const detach: Op = {
  name: "aten.detach",
  result([self]) {
    const input = tensor(self);
    return { ...view(input, input.shape, input.strides, input.data), detached: true };
  },
  differentiable: false,
};

const aliases: readonly Op[] = [same("alias"), same("lift_fresh"), same("positive"), detach];
export default aliases;
