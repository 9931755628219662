/** Functions that rearrange, join and reduce: `tf.reshape`, `tf.concat`, `tf.mean`. */
import { Unknown } from "../../base/unknown.ts";
import { count, floorDivide, integer, minus, plus, productOf, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Machine } from "../language/machine.ts";
import { isNullish, JsArray, type Native, type Value } from "../language/values.ts";
import { axesOf, axisOf, NotKnown, numberOf, sizesOf, tensorFunction, tensorOf, tensorsOf } from "./arguments.ts";
import { makes, transposed } from "./kernels.ts";
import { apply, applyAll, JsTensor } from "./tensorValue.ts";

type Body = (args: readonly Value[], x: Tensor) => Value;

export function shapeFunctions(machine: Machine): Record<string, Native> {
  const found: Record<string, Native> = {};
  /** A function whose first argument is a tensor. */
  const on = (name: string, body: Body) => {
    found[name] = tensorFunction(machine, name, ([first, ...rest]) => body(rest, tensorOf(machine, first)));
  };
  const listed = (name: string, body: (args: readonly Value[], list: Tensor[]) => Value) => {
    found[name] = tensorFunction(machine, name, (args) => {
      const [first, ...rest] = args;
      return first instanceof JsTensor
        ? body(
            [],
            args.map((one) => tensorOf(machine, one)),
          )
        : body(rest, filledList(tensorsOf(machine, first), name));
    });
  };
  const many = (op: string, args: Parameters<typeof applyAll>[2]): Value => {
    const all = applyAll(machine, op, args);
    return all instanceof Unknown ? all : machine.array(all);
  };
  on("reshape", ([shape], x) => apply(machine, "aten.reshape", [x, filled(machine, x, sizesOf(shape))]));
  on("flatten", (_, x) => apply(machine, "aten.reshape", [x, [-1]]));
  on("as1D", (_, x) => apply(machine, "aten.reshape", [x, [-1]]));
  for (const rank of [2, 3, 4, 5])
    on(`as${rank}D`, (sizes, x) => apply(machine, "aten.reshape", [x, sizesOf(machine.array(sizes))]));
  on("asScalar", (_, x) => apply(machine, "aten.reshape", [x, []]));
  on("expandDims", ([axis], x) => apply(machine, "aten.unsqueeze", [x, axisOf(axis, x.shape.length + 1, 0)]));
  on("squeeze", ([axes], x) => {
    const over = axesOf(axes, x.shape.length) ?? x.shape.flatMap((size, i) => (size === 1 ? [i] : []));
    return apply(machine, "aten.reshape", [x, x.shape.filter((_, i) => !over.includes(i))]);
  });
  on("transpose", ([order], x) => {
    const axes = axesOf(order, x.shape.length) ?? x.shape.map((_, i) => x.shape.length - 1 - i);
    return apply(machine, transposed(axes), [x]);
  });
  on("tile", ([reps], x) => {
    const times_ = sizesOf(reps);
    const shape = x.shape.map((size, i) => times(size, times_[i] ?? 1));
    return apply(machine, makes("tile", shape, x.dtype, { saves: ([one]) => [one as Tensor] }), [x]);
  });
  on("broadcastTo", ([shape], x) => apply(machine, makes("broadcastTo", sizesOf(shape), x.dtype), [x]));
  on("reverse", (_, x) => apply(machine, makes("reverse", x.shape, x.dtype), [x]));
  on("clone", (_, x) => apply(machine, "aten.reshape", [x, x.shape]));
  on("slice", ([begin, size], x) => {
    const from = sizesOf(begin);
    const lengths = isNullish(size) ? [] : sizesOf(size);
    const shape = x.shape.map((all, i): Size => {
      const length = lengths[i];
      return length === undefined || length === -1 ? minus(all, from[i] ?? 0) : length;
    });
    return apply(machine, makes("slice", shape, x.dtype), [x]);
  });
  for (const rank of [1, 2, 3, 4]) {
    on(`slice${rank}d`, ([begin, size], x) => {
      const lengths = sizesOf(size);
      const from = sizesOf(begin);
      const shape = x.shape.map(
        (all, i): Size =>
          lengths[i] === -1 || lengths[i] === undefined ? minus(all, from[i] ?? 0) : (lengths[i] as Size),
      );
      return apply(machine, makes("slice", shape, x.dtype), [x]);
    });
  }
  on("stridedSlice", ([begin, end, strides], x) => {
    const [from, to, steps] = [sizesOf(begin), sizesOf(end), isNullish(strides) ? [] : sizesOf(strides)];
    const shape = x.shape.map((all, i): Size => {
      const [start, stop, by] = [from[i] ?? 0, to[i] ?? all, integer(steps[i] ?? 1)];
      const clamp = (at: Size) =>
        Math.min(integer(all), Math.max(0, integer(at) < 0 ? integer(at) + integer(all) : integer(at)));
      return Math.max(0, Math.ceil((clamp(stop) - clamp(start)) / by));
    });
    return apply(machine, makes("stridedSlice", shape, x.dtype), [x]);
  });
  on("pad", ([paddings], x) => apply(machine, makes("pad", padded(x, paddings), x.dtype), [x]));
  for (const name of ["pad1d", "pad2d", "pad3d", "pad4d", "mirrorPad"]) found[name] = found["pad"] as Native;
  on("split", ([parts, axis], x) => {
    const at = axisOf(axis, x.shape.length, 0);
    if (parts instanceof JsArray) return many("aten.split_with_sizes", [x, sizesOf(parts), at]);
    const pieces = numberOf(parts, 1);
    if (!Number.isInteger(pieces) || pieces < 1 || pieces > mostPieces)
      return machine.refuse(`a tensor cannot be split into ${pieces} parts`);
    const length = x.shape[at] as Size;
    if (!(length instanceof Unknown) && integer(length) % pieces !== 0)
      return machine.refuse(`${integer(length)} cannot be split into ${pieces} equal parts`);
    return many("aten.split", [x, floorDivide(length, pieces), at]);
  });
  on("unstack", ([axis], x) => {
    const at = axisOf(axis, x.shape.length, 0);
    const length = x.shape[at] as Size;
    if (!(length instanceof Unknown) && integer(length) > mostPieces)
      throw new NotKnown(new Unknown(`a tensor in ${integer(length)} parts is not followed`));
    return many("aten.unbind", [x, at]);
  });
  on("gather", ([indices, axis], x) => {
    const picked = tensorOf(machine, indices);
    const at = axisOf(axis, x.shape.length, 0);
    const shape = [...x.shape.slice(0, at), ...picked.shape, ...x.shape.slice(at + 1)];
    const traffic = () => ({ read: 4 * count(shape) + 4 * count(picked.shape), written: 4 * count(shape) });
    return apply(machine, makes("gather", shape, x.dtype, { traffic, saves: ([, one]) => [one as Tensor] }), [
      x,
      picked,
    ]);
  });
  on("oneHot", ([depth], x) =>
    apply(machine, makes("oneHot", [...x.shape, numberOf(depth, 1)], "float32", { differentiable: false }), [x]),
  );
  on("cumsum", ([axis], x) => apply(machine, "aten.cumsum", [x, axisOf(axis, x.shape.length, 0)]));
  on("topk", ([k], x) => {
    const made = applyAll(machine, "aten.topk", [x, numberOf(k, 1)]);
    return made instanceof Unknown
      ? made
      : machine.object([
          ["values", made[0]],
          ["indices", made[1]],
        ] as [string, Value][]);
  });
  for (const [name, op] of [
    ["softmax", "aten._softmax"],
    ["logSoftmax", "aten._log_softmax"],
  ] as const)
    on(name, ([axis], x) => apply(machine, op, [x, axisOf(axis, x.shape.length, x.shape.length - 1), false]));
  listed("concat", ([axis], list) => apply(machine, "aten.cat", [list, axisOf(axis, list[0]?.shape.length ?? 1, 0)]));
  for (const rank of [1, 2, 3, 4]) found[`concat${rank}d`] = found["concat"] as Native;
  listed("stack", ([axis], list) =>
    apply(machine, "aten.stack", [list, axisOf(axis, (list[0]?.shape.length ?? 0) + 1, 0)]),
  );
  for (const [name, op] of reductions) {
    on(name, ([axes, keep], x) => {
      const over = axesOf(axes, x.shape.length) ?? x.shape.map((_, i) => i);
      const shape = x.shape.flatMap((size, i): Size[] => (!over.includes(i) ? [size] : keep === true ? [1] : []));
      const dtype = /^arg/.test(name)
        ? "int32"
        : x.dtype === "bool" && name === "sum"
          ? "int32"
          : name === "mean"
            ? "float32"
            : x.dtype;
      return apply(machine, makes(op, shape, dtype, { saves: ([one]) => [one as Tensor] }), [x]);
    });
  }
  on("argMax", ([axis], x) => argument(machine, x, axisOf(axis, x.shape.length, 0)));
  on("argMin", ([axis], x) => argument(machine, x, axisOf(axis, x.shape.length, 0)));
  on("moments", ([axes, keep], x) => {
    const give = (name: string) => {
      const over = axesOf(axes, x.shape.length) ?? x.shape.map((_, i) => i);
      const shape = x.shape.flatMap((size, i): Size[] => (!over.includes(i) ? [size] : keep === true ? [1] : []));
      return apply(machine, makes(name, shape, "float32", { saves: ([one]) => [one as Tensor] }), [x]);
    };
    return machine.object([
      ["mean", give("mean")],
      ["variance", give("variance")],
    ] as [string, Value][]);
  });
  return found;
}

/** Tensors in more parts than this are not followed. */
const mostPieces = 10_000;

const reductions: readonly (readonly [string, string])[] = "sum mean max min prod any all logSumExp norm euclideanNorm"
  .split(" ")
  .map((name) => [name, name]);

/** A list that nothing was put into was filled by what was not followed. */
function filledList(list: Tensor[], name: string): Tensor[] {
  if (list.length === 0) throw new NotKnown(new Unknown(`what ${name} joins is not known`));
  return list;
}

function argument(machine: Machine, x: Tensor, axis: number): Value {
  const shape = x.shape.filter((_, i) => i !== axis);
  return apply(machine, makes("argMax", shape, "int32", { differentiable: false }), [x]);
}

/** A shape with what -1 stands for worked out, so that it keeps its expression. */
export function filled(machine: Machine, x: Tensor, shape: readonly Size[]): readonly Size[] {
  const at = shape.indexOf(-1);
  if (at < 0) return shape;
  const rest = productOf(shape.filter((_, i) => i !== at));
  const whole = productOf(x.shape);
  if (rest instanceof Unknown || whole instanceof Unknown || integer(rest) === 0) return shape;
  if (integer(whole) % integer(rest) !== 0)
    return machine.refuse(`${integer(whole)} elements do not fill a shape whose other sizes give ${integer(rest)}`);
  return shape.map((size, i) => (i === at ? floorDivide(whole, rest) : size));
}

function padded(x: Tensor, paddings: Value): Size[] {
  if (paddings instanceof Unknown) throw new NotKnown(paddings);
  const each = paddings instanceof JsArray ? paddings.items : [];
  const single = !(each[0] instanceof JsArray);
  return x.shape.map((size, i) => {
    const around = sizesOf(single ? paddings : each[i]);
    return around.reduce((total: Size, one) => plus(total, one), size);
  });
}
