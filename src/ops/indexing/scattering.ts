/** Writing to chosen elements: scatter, index_add, index_copy, index_fill, masked_scatter. The result is a new tensor. */
import { integer, type Size, showSize } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Op, Refused } from "../op.ts";
import { axis, tensor } from "../shared/arguments.ts";
import { elementwise } from "../shared/gradients.ts";
import { likeInFormat } from "../shared/layout.ts";
import { broadcastShapes, isKnown, showShape } from "../shared/making.ts";
import { kept, type Saves } from "../shared/saving.ts";

/** scatter(self, dim, index, src or value, reduce=None), scatter_add, scatter_reduce: elements by their indices. */
function scatter(name: string, saves: Saves): Op {
  return {
    name: `aten.${name}`,
    result([self, dim, index, src]) {
      const [input, chosen] = [tensor(self), tensor(index, "index")];
      if (chosen.dtype !== "int64")
        throw new Refused(`${name} takes an int64 index, not ${chosen.dtype}`, "wrong-argument");
      const at = axis(dim, input.shape.length);
      if (isTensor(src)) {
        if (src.dtype !== input.dtype) {
          throw new Refused(`${name}: src is ${src.dtype}, but self is ${input.dtype}`, "wrong-argument");
        }
        mustCover(chosen, src, name, "src", -1);
      }
      mustCover(chosen, input, name, "self", at);
      return { shape: input.shape, dtype: input.dtype };
    },
    saves,
    ...(name !== "scatter_reduce" && { backward: written(name === "scatter", "gather") }),
  };
}

/** The gradient of what was written over is zero at those places; that of what was written is read from them. */
function written(overwrites: boolean, reads: string): NonNullable<Op["backward"]> {
  return ([grad], call) => {
    const own = () => {
      if (!overwrites) return grad;
      const { shape, dtype } = grad as Tensor;
      return call.kernel("aten.scatter", [grad, ...call.kept], [{ shape, dtype }])[0];
    };
    const source = call.args[3];
    const from = () =>
      isTensor(source)
        ? call.kernel(`aten.${reads}`, [grad, ...call.kept], [{ shape: source.shape, dtype: source.dtype }])[0]
        : undefined;
    return [call.needs[0] ? own() : undefined, undefined, undefined, call.needs[3] ? from() : undefined];
  };
}

/** index_add(self, dim, index, source, alpha=1) and index_copy: whole slices by their indices. */
function slices(name: string, saves: Saves): Op {
  return {
    name: `aten.${name}`,
    result([self, dim, index, source]) {
      const [input, chosen, given] = [tensor(self), tensor(index, "index"), tensor(source, "source")];
      const at = axis(dim, input.shape.length);
      if (given.dtype !== input.dtype) {
        throw new Refused(`${name}: source is ${given.dtype}, but self is ${input.dtype}`, "wrong-argument");
      }
      const count = chosen.shape[0] ?? 1;
      const wanted = input.shape.map((one, i) => (i === at ? count : one));
      const fits = given.shape.length === wanted.length && wanted.every((one, i) => agree(one, given.shape[i] as Size));
      if (!fits)
        throw new Refused(`${name}: source is ${showShape(given.shape)}, but the index asks for ${showShape(wanted)}`);
      return { shape: input.shape, dtype: input.dtype };
    },
    saves,
    backward: written(name === "index_copy", "index_select"),
  };
}

/** index_fill(self, dim, index, value) */
const indexFill: Op = {
  name: "aten.index_fill",
  result([self, dim, index]) {
    const input = tensor(self);
    axis(dim, input.shape.length);
    tensor(index, "index");
    return likeInFormat(input, input.dtype, null);
  },
  saves: ([, , index]) => [kept(index)],
  backward: written(true, "index_select"),
};

/** masked_scatter(self, mask, source): the source's elements in turn, where the mask is true. */
const maskedScatter: Op = {
  name: "aten.masked_scatter",
  result([self, mask, source]) {
    const [input, chosen, given] = [tensor(self), tensor(mask, "mask"), tensor(source, "source")];
    if (given.dtype !== input.dtype) {
      throw new Refused(`masked_scatter: source is ${given.dtype}, but self is ${input.dtype}`, "wrong-argument");
    }
    return { shape: broadcastShapes(input.shape, chosen.shape), dtype: input.dtype };
  },
  saves: ([, mask]) => [kept(mask)],
  // Zero where it was written over; the source takes those elements in turn.
  backward: ([grad], call) => {
    const own = call.needs[0] ? elementwise(call, "masked_fill", [grad, ...call.kept]) : undefined;
    const source = tensor(call.args[2], "source");
    if (!call.needs[2]) return [own];
    const [chosen] = call.kernel(
      "aten.masked_select",
      [grad, ...call.kept],
      [{ shape: source.shape, dtype: source.dtype }],
    );
    return [own, undefined, chosen];
  },
};

const writing: readonly Op[] = [
  scatter("scatter", ([, , index]) => [kept(index)]),
  scatter("scatter_add", ([, , index], _out, [, , , forSource]) => [forSource && kept(index)]),
  scatter("scatter_reduce", ([self, , index, src], [out]) => [kept(self), kept(index), kept(src), out]),
  slices("index_add", ([, , index, source], _out, [, , , forSource]) => (forSource ? [kept(index), kept(source)] : [])),
  slices("index_copy", ([, , index, source], _out, [, , , forSource]) => [kept(index), forSource && kept(source)]),
  indexFill,
  maskedScatter,
];
export default writing;

/** The index may be smaller than what it points into, but for the axis it counts along. */
function mustCover(index: Tensor, other: Tensor, name: string, what: string, but: number): void {
  if (Math.max(index.shape.length, 1) !== Math.max(other.shape.length, 1)) {
    throw new Refused(
      `${name}: index ${showShape(index.shape)} must have as many axes as ${what} ${showShape(other.shape)}`,
    );
  }
  index.shape.forEach((one, i) => {
    const own = other.shape[i] ?? 1;
    if (i !== but && isKnown(one) && isKnown(own) && integer(one) > integer(own)) {
      throw new Refused(`${name}: index is ${showSize(one)} at axis ${i}, ${what} only ${showSize(own)}`);
    }
  });
}

function agree(a: Size, b: Size): boolean {
  return !isKnown(a) || !isKnown(b) || integer(a) === integer(b);
}
