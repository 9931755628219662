/** Other shapes for the same elements: view, reshape, flatten, unflatten, squeeze, unsqueeze. */
import { Unknown } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { floorDivide, integer, productOf, type Size, times } from "../../tensor/size.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";
import { type BackwardCall, type Gradient, type Made, type Op, Refused } from "../op.ts";
import { axes, axis, dtypeOr, sizes, tensor } from "../shared/arguments.ts";
import { reshaped as gradientAs } from "../shared/gradients.ts";
import { showShape, view as viewed } from "../shared/making.ts";
import { inferredShape, restrided } from "../shared/viewing.ts";

/** view(self, size): refused where the elements would have to move. */
const view: Op = {
  name: "aten.view",
  result([self, size]) {
    const input = tensor(self);
    const shape = inferredShape(input.shape, sizes(size, "size"), "view");
    const strides = restrided(input, shape);
    if (strides !== undefined) return viewed(input, shape, strides, input.data);
    throw new Refused(
      `view of ${showShape(input.shape)} as ${showShape(shape)} would have to move elements: its strides are ` +
        `[${stridesOf(input).join(", ")}]; use reshape or contiguous`,
    );
  },
  backward: goesBack,
};

/** reshape(self, shape): a view where the memory allows it, a copy where not. */
const reshape: Op = {
  name: "aten.reshape",
  result: ([self, shape]) =>
    reshaped(tensor(self), inferredShape(tensor(self).shape, sizes(shape, "shape"), "reshape")),
  backward: goesBack,
};

/** flatten(self, start_dim=0, end_dim=-1) */
const flatten: Op = {
  name: "aten.flatten",
  result([self, start, end]) {
    const input = tensor(self);
    const { shape } = input;
    if (shape.length === 0) return viewed(input, [1], null, input.data);
    const [from, to] = [axis(start ?? 0, shape.length), axis(end ?? -1, shape.length)];
    if (from > to) throw new Refused(`flatten from axis ${from} to ${to}: the first comes after the last`);
    if (from === to) return viewed(input, shape, input.strides, input.data);
    return reshaped(input, [...shape.slice(0, from), productOf(shape.slice(from, to + 1)), ...shape.slice(to + 1)]);
  },
  backward: goesBack,
};

/** unflatten(self, dim, sizes): one axis becomes several. */
const unflatten: Op = {
  name: "aten.unflatten",
  result([self, dim, parts]) {
    const input = tensor(self);
    const at = axis(dim, input.shape.length);
    const inner = inferredShape([input.shape[at] as Size], sizes(parts, "sizes"), "unflatten");
    const shape = [...input.shape.slice(0, at), ...inner, ...input.shape.slice(at + 1)];
    return viewed(input, shape, restrided(input, shape) ?? null, input.data);
  },
  backward: goesBack,
};

/** unsqueeze(self, dim) */
const unsqueeze: Op = {
  name: "aten.unsqueeze",
  result([self, dim]) {
    const input = tensor(self);
    const at = axis(dim, input.shape.length + 1);
    const strides = input.strides?.slice() ?? null;
    strides?.splice(at, 0, at < strides.length ? (strides[at] as number) * integer(input.shape[at] as Size) : 1);
    const shape = input.shape.slice();
    shape.splice(at, 0, 1);
    return viewed(input, shape, strides, input.data);
  },
  backward: goesBack,
};

/** squeeze(self, dim=None): axes of size 1 go, all of them or those named. */
const squeeze: Op = {
  name: "aten.squeeze",
  result([self, dim]) {
    const input = tensor(self);
    const named = axes(dim, input.shape.length);
    const keeps = input.shape.map((size, i) => !named.includes(i) || size instanceof Unknown || integer(size) !== 1);
    const shape = input.shape.filter((_, i) => keeps[i]);
    return viewed(input, shape, input.strides?.filter((_, i) => keeps[i]) ?? null, input.data);
  },
  backward: goesBack,
};

/** view.dtype(self, dtype): the same bytes read as another type; the last axis grows or shrinks with its size. */
const viewDtype: Op = {
  name: "aten.view.dtype",
  result([self, dtype]) {
    const input = tensor(self);
    const to = dtypeOr(dtype, input.dtype);
    const [from, wanted] = [itemBytes(input.dtype), itemBytes(to)];
    if (from === wanted) return { ...viewed(input, input.shape, input.strides), dtype: to };
    const last = input.shape.at(-1);
    if (last === undefined) throw new Refused(`a single number of ${input.dtype} cannot be read as ${to}`);
    if (wanted > from && integer(last) % (wanted / from) !== 0) {
      throw new Refused(
        `the last axis is ${integer(last)}, but reading ${input.dtype} as ${to} takes ${wanted / from} at once`,
      );
    }
    const length = wanted > from ? floorDivide(last, wanted / from) : times(last, from / wanted);
    const strides = input.strides?.map((step, i, all) => (i === all.length - 1 ? 1 : (step * from) / wanted)) ?? null;
    return { ...viewed(input, [...input.shape.slice(0, -1), length], strides), dtype: to };
  },
  // The same bytes: the gradient is read as the other type too.
  backward: ([grad], { args }) => [grad && { ...tensor(args[0]), storage: grad.storage, node: undefined }],
};

const shapes: readonly Op[] = [view, reshape, flatten, unflatten, unsqueeze, squeeze, viewDtype];
export default shapes;

/** The gradient under the shape from before: a copy where its own strides allow no view. */
function goesBack([grad]: readonly (Tensor | undefined)[], call: BackwardCall): readonly Gradient[] {
  return [grad && gradientAs(grad, tensor(call.args[0]).shape, call)];
}

function reshaped(input: Tensor, shape: readonly Size[]): Made {
  const strides = restrided(input, shape);
  if (strides !== undefined) return viewed(input, shape, strides, input.data);
  return { shape, dtype: input.dtype, data: input.data };
}
