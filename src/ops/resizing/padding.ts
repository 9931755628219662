/** Borders added: with a constant, mirrored, repeated or wrapped around. */
import { integer, plus, type Size, showSize } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type BackwardCall, type Op, Refused } from "../op.ts";
import { sizes, tensor } from "../shared/arguments.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { savesSelf } from "../shared/saving.ts";
import { image } from "../shared/spatial.ts";

/** `aten.constant_pad_nd(self, pad, value=0)`: pairs from the last axis on; negative ones cut. */
const constantPad: Op = {
  name: "aten.constant_pad_nd",
  result([input, pad]) {
    const x = tensor(input);
    return image(grown(x, pad), x.dtype, x);
  },
  saves: () => [],
  // A pad with the opposite sign cuts the border off: a view, copied.
  backward: ([grad], call) => [shapedAs(call, "constant_pad_nd", grad)],
};

/** `aten._pad_circular(self, pad)`: copies of slices, of which nothing is kept. */
const circularPad: Op = {
  name: "aten._pad_circular",
  result([input, pad]) {
    const x = tensor(input);
    mustStayInside(x, pad, 0, "circular");
    return fresh(grown(x, pad), x.dtype);
  },
  saves: () => [],
  backward: ([grad], call) => [shapedAs(call, "_pad_circular_backward", grad)],
};

/** `aten.reflection_padNd(self, padding)`: the border itself is not repeated, so a pad must be smaller than its axis. */
function reflectionPad(rank: number): Op {
  return {
    name: `aten.reflection_pad${rank}d`,
    result([input, pad]) {
      const x = checked(input, pad, rank);
      mustStayInside(x, pad, 1, "reflection");
      return fresh(grown(x, pad), x.dtype);
    },
    backward: ([grad], call) => [shapedAs(call, `reflection_pad${rank}d_backward`, grad)],
    saves: savesSelf,
  };
}

/** `aten.replication_padNd(self, padding)`. */
function replicationPad(rank: number): Op {
  return {
    name: `aten.replication_pad${rank}d`,
    result([input, pad]) {
      const x = checked(input, pad, rank);
      return fresh(grown(x, pad), x.dtype);
    },
    backward: ([grad], call) => [shapedAs(call, `replication_pad${rank}d_backward`, grad)],
    saves: savesSelf,
  };
}

const paddings: readonly Op[] = [
  constantPad,
  circularPad,
  ...[1, 2, 3].map(reflectionPad),
  ...[1, 2, 3].map(replicationPad),
];
export default paddings;

/** One kernel from the gradient to the input's shape. */
function shapedAs(call: BackwardCall, name: string, grad: Tensor | undefined): Tensor | undefined {
  const { shape, dtype } = tensor(call.args[0]);
  return call.kernel(`aten.${name}`, [grad, ...call.kept], [{ shape, dtype }])[0];
}

function checked(input: Arg | undefined, pad: Arg | undefined, rank: number): Tensor {
  const x = tensor(input);
  if (sizes(pad, "padding").length !== 2 * rank || x.shape.length < rank + 1 || x.shape.length > rank + 2) {
    throw new Refused(
      `padding of ${sizes(pad).length} numbers does not suit an input of ${x.shape.length} axes`,
      "wrong-argument",
    );
  }
  return x;
}

function grown(x: Tensor, arg: Arg | undefined): readonly Size[] {
  const pad = sizes(arg, "pad");
  if (pad.length % 2 !== 0)
    throw new Refused(`pad must hold pairs, but it holds ${pad.length} numbers`, "wrong-argument");
  if (pad.length / 2 > x.shape.length) {
    throw new Refused(`pad names ${pad.length / 2} axes, but the input has ${x.shape.length}`, "wrong-argument");
  }
  return x.shape.map((length, i) => {
    const at = 2 * (x.shape.length - 1 - i);
    const out = plus(plus(length, pad[at] ?? 0), pad[at + 1] ?? 0);
    if (isKnown(out) && integer(out) < 0)
      throw new Refused(`axis ${i} is ${showSize(length)}, which pad would shrink to ${integer(out)}`);
    return out;
  });
}

/** Refuses a pad that needs more elements than its axis has; `border` of them are never copied. */
function mustStayInside(x: Tensor, arg: Arg | undefined, border: number, mode: string): void {
  sizes(arg).forEach((pad, i) => {
    const length = x.shape[x.shape.length - 1 - Math.floor(i / 2)];
    if (length === undefined || !isKnown(length) || !isKnown(pad)) return;
    if (integer(pad) > integer(length) - border) {
      throw new Refused(`${mode} padding is ${showSize(pad)}, but the axis has only ${showSize(length)} elements`);
    }
  });
}
