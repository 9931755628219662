/** Products, convolutions, pools and resizing. */
import { Unknown } from "../../base/unknown.ts";
import { Refused } from "../../ops/op.ts";
import { NeedsKnownSize, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Machine } from "../language/machine.ts";
import { get } from "../language/members.ts";
import { JsObject, type Native, type Value } from "../language/values.ts";
import { mustHaveAxes, numbersOf, sizesOf, tensorFunction, tensorOf, tensorsOf } from "./arguments.ts";
import { convolved, convolvedApart, convolvedBack, makes } from "./kernels.ts";
import { apply, JsTensor } from "./tensorValue.ts";
import { type Along, positions } from "./windows.ts";

export function productFunctions(machine: Machine): Record<string, Native> {
  const found: Record<string, Native> = {};
  const on = (name: string, body: (args: readonly Value[], x: Tensor) => Value) => {
    found[name] = tensorFunction(machine, name, ([first, ...rest]) => body(rest, tensorOf(machine, first)));
  };
  /** Where the windows stand along each spatial axis of an input with channels last. */
  const along = (
    x: Tensor,
    kernel: readonly Size[],
    strides: Value,
    padding: Value,
    dilations: Value,
  ): readonly Size[] => {
    const rank = kernel.length;
    const [stride, dilation] = [numbersOf(strides, rank, 1), numbersOf(dilations, rank, 1)];
    const pad = typeof padding === "number" ? padding : padding === "same" ? "same" : "valid";
    return kernel.map((size, i) => {
      const window: Along = { kernel: known(size), stride: stride[i] ?? 1, dilation: dilation[i] ?? 1, padding: pad };
      try {
        return positions(x.shape[x.shape.length - 1 - rank + i] as Size, window);
      } catch (error) {
        if (error instanceof Refused) return machine.refuse(error.message);
        throw error;
      }
    });
  };
  /** Images without a batch axis get one. */
  const batched = (x: Tensor, rank: number, body: (x: Tensor) => Value): Value => {
    if (x.shape.length !== rank - 1) {
      mustHaveAxes(machine, x, rank, "the operation");
      return body(x);
    }
    const one = apply(machine, "aten.unsqueeze", [x, 0]);
    const made = one instanceof Unknown ? one : body(one.value);
    return made instanceof JsTensor ? apply(machine, "aten.squeeze", [made.value, 0]) : made;
  };
  on("matMul", ([other, flipA, flipB], x) =>
    product(machine, x, tensorOf(machine, other), flipA === true, flipB === true),
  );
  on("dot", ([other], x) => apply(machine, "aten.matmul", [x, tensorOf(machine, other)]));
  on("outerProduct", ([other], x) => apply(machine, "aten.outer", [x, tensorOf(machine, other)]));
  found["einsum"] = tensorFunction(machine, "einsum", ([equation, ...list]) =>
    apply(machine, "aten.einsum", [String(equation), tensorsOf(machine, machine.array(list))]),
  );
  for (const rank of [1, 2, 3] as const) {
    const name = `conv${rank}d`;
    on(name, ([filter, strides, pad, format, dilations], x) => {
      const w = tensorOf(machine, filter);
      mustHaveAxes(machine, w, rank + 2, `${name}'s filter`);
      const spread = rank === 1 && typeof format !== "string" ? format : dilations;
      return batched(x, rank + 2, (one) =>
        apply(machine, convolved(name, along(one, w.shape.slice(0, rank), strides, pad, spread)), [one, w]),
      );
    });
    on(`conv${rank}dTranspose`, ([filter, shape], x) =>
      apply(machine, convolvedBack(`conv${rank}dTranspose`, sizesOf(shape)), [x, tensorOf(machine, filter)]),
    );
    on(`maxPool${rank === 2 ? "" : `${rank}d`}`, pool("maxPool", rank));
    on(`avgPool${rank === 2 ? "" : `${rank}d`}`, pool("avgPool", rank));
  }
  function pool(name: string, rank: number) {
    return ([size, strides, pad]: readonly Value[], x: Tensor): Value => {
      const kernel = numbersOf(size, rank, 2);
      return batched(x, rank + 2, (one) => {
        const spatial = along(one, kernel, strides ?? size, pad, 1);
        const shape = [one.shape[0] as Size, ...spatial, one.shape.at(-1) as Size];
        const work = kernel.reduce((a, b) => a * b, 1);
        return apply(
          machine,
          makes(name, shape, one.dtype, { work, saves: ([input], [out]) => [input as Tensor, out] }),
          [one],
        );
      });
    };
  }
  on("depthwiseConv2d", ([filter, strides, pad, , dilations], x) => {
    const w = tensorOf(machine, filter);
    mustHaveAxes(machine, w, 4, "depthwiseConv2d's filter");
    return batched(x, 4, (one) =>
      apply(machine, convolvedApart(along(one, w.shape.slice(0, 2), strides, pad, dilations)), [one, w]),
    );
  });
  on("separableConv2d", ([depthwise, pointwise, strides, pad, dilations], x) => {
    const [w, p] = [tensorOf(machine, depthwise), tensorOf(machine, pointwise)];
    mustHaveAxes(machine, w, 4, "separableConv2d's filter");
    mustHaveAxes(machine, p, 4, "separableConv2d's filter");
    return batched(x, 4, (one) => {
      const apart = apply(machine, convolvedApart(along(one, w.shape.slice(0, 2), strides, pad, dilations)), [one, w]);
      if (apart instanceof Unknown) return apart;
      return apply(machine, convolved("conv2d", apart.value.shape.slice(1, -1)), [apart.value, p]);
    });
  });
  for (const name of ["resizeBilinear", "resizeNearestNeighbor"]) {
    on(name, ([size], x) => {
      const shape = [...x.shape.slice(0, -3), ...sizesOf(size), x.shape.at(-1) as Size];
      return apply(machine, makes(name, shape, "float32", { work: name === "resizeBilinear" ? 8 : 1 }), [x]);
    });
  }
  on("depthToSpace", ([block], x) => {
    const [by] = numbersOf(block, 1, 1) as [number];
    mustHaveAxes(machine, x, 4, "depthToSpace");
    const [batch, height, width, channels] = x.shape as [Size, Size, Size, Size];
    const deep = typeof channels === "number" ? channels / (by * by) : channels;
    return apply(machine, makes("depthToSpace", [batch, times(height, by), times(width, by), deep], x.dtype), [x]);
  });
  return { ...found, ...fusedFunctions(machine, found) };
}

function known(size: Size): number {
  if (size instanceof Unknown) throw new NeedsKnownSize(size);
  return typeof size === "number" ? size : size.hint;
}

/** a @ b, either of them flipped first. */
function product(machine: Machine, a: Tensor, b: Tensor, flipA: boolean, flipB: boolean): Value {
  const flipped = (one: Tensor, flip: boolean): Tensor | Unknown => {
    if (!flip) return one;
    const made = apply(machine, "aten.transpose", [one, -2, -1]);
    return made instanceof Unknown ? made : made.value;
  };
  const [left, right] = [flipped(a, flipA), flipped(b, flipB)];
  if (left instanceof Unknown) return left;
  return right instanceof Unknown ? right : apply(machine, "aten.matmul", [left, right]);
}

/** `tf.fused.*`: the operation, its bias and its activation. */
function fusedFunctions(machine: Machine, found: Record<string, Native>): Record<string, Native> {
  const fused =
    (name: string, args: (given: JsObject) => readonly Value[]): Native =>
    (_, [given]) =>
      given instanceof JsObject
        ? machine.object([
            ["value", (found[name] as Native)(undefined, args(given), undefined)],
            ["bias", get(machine, given, "bias")],
            ["activation", get(machine, given, "activation")],
          ] as [string, Value][])
        : machine.unknown("what is given to a fused operation is not known");
  const part = (given: JsObject, ...names: readonly string[]) => names.map((name) => get(machine, given, name));
  return {
    fusedMatMul: fused("matMul", (given) => part(given, "a", "b", "transposeA", "transposeB")),
    fusedConv2d: fused("conv2d", (given) => part(given, "x", "filter", "strides", "pad", "dataFormat", "dilations")),
    fusedDepthwiseConv2d: fused("depthwiseConv2d", (given) =>
      part(given, "x", "filter", "strides", "pad", "dataFormat", "dilations"),
    ),
  };
}
