/** Reading chosen elements: index_select, gather, take, masked_select, nonzero, one_hot. */
import { Unknown } from "../../base/unknown.ts";
import { integer, type Size, showSize } from "../../tensor/size.ts";
import { contiguousStrides, type Tensor } from "../../tensor/tensor.ts";
import { type Op, Refused } from "../op.ts";
import { axis, size, tensor } from "../shared/arguments.ts";
import { fewElements, foldedEach } from "../shared/folding.ts";
import { countBytes, rowTraffic } from "../shared/gathering.ts";
import { into, zeros } from "../shared/gradients.ts";
import { broadcastShapes, isKnown, showShape } from "../shared/making.ts";
import { foldedLines } from "../shared/reducing.ts";
import { kept } from "../shared/saving.ts";

/** index_select(self, dim, index): slices in the order of a vector of indices. */
const indexSelect: Op = {
  name: "aten.index_select",
  result([self, dim, index]) {
    const [input, chosen] = [tensor(self), tensor(index, "index")];
    if (chosen.shape.length > 1)
      throw new Refused(`index_select takes a vector of indices, not ${showShape(chosen.shape)}`);
    mustBeIndex(chosen);
    const at = axis(dim, input.shape.length);
    const count = chosen.shape[0] ?? 1;
    const data = chosen.data && foldedLines(input, at, (line) => chosen.data!.map((i) => element(line, i)));
    const shape = input.shape.map((one, i) => (i === at ? count : one));
    return { shape, dtype: input.dtype, data };
  },
  saves: ([, , index]) => [kept(index)],
  traffic: ([, , index], out) => rowTraffic(countBytes([tensor(index)]), out),
  backward: addedInto("index_add_"),
};

/** gather(self, dim, index): one element for each index, along an axis. */
const gather: Op = {
  name: "aten.gather",
  result([self, dim, index]) {
    const [input, chosen] = [tensor(self), tensor(index, "index")];
    mustBeIndex(chosen);
    const at = axis(dim, input.shape.length);
    if (Math.max(input.shape.length, 1) !== Math.max(chosen.shape.length, 1)) {
      throw new Refused(`gather: index ${showShape(chosen.shape)} must have as many axes as ${showShape(input.shape)}`);
    }
    chosen.shape.forEach((one, i) => {
      const own = input.shape[i] ?? 1;
      if (i !== at && isKnown(one) && isKnown(own) && integer(one) > integer(own)) {
        throw new Refused(`gather: index is ${showSize(one)} at axis ${i}, the input only ${showSize(own)}`);
      }
    });
    return { shape: chosen.shape, dtype: input.dtype, data: gathered(input, chosen, at) };
  },
  saves: ([self, , index]) => [kept(self), kept(index)],
  traffic: ([, , index], out) => rowTraffic(countBytes([tensor(index)]), out),
  backward: addedInto("scatter_add_"),
};

/** take_along_dim(self, indices, dim=None): gather, with the other axes broadcast. */
const takeAlongDim: Op = {
  name: "aten.take_along_dim",
  result([self, indices, dim]) {
    const [input, chosen] = [tensor(self), tensor(indices, "indices")];
    mustBeIndex(chosen);
    if (dim === null || dim === undefined)
      return { shape: [chosen.shape.reduce<number>((n, one) => n * integer(one), 1)], dtype: input.dtype };
    if (input.shape.length !== chosen.shape.length) {
      throw new Refused(`take_along_dim: ${chosen.shape.length} axes of indices for ${input.shape.length}`);
    }
    const at = axis(dim, input.shape.length);
    const others = (shape: readonly Size[]) => shape.map((one, i) => (i === at ? 1 : one));
    const common = broadcastShapes(others(input.shape), others(chosen.shape));
    return { shape: common.map((one, i) => (i === at ? (chosen.shape[at] as Size) : one)), dtype: input.dtype };
  },
  // The indices are brought into range first, which copies them.
  saves: ([self, indices]) => [kept(self), { extraBytes: countBytes([tensor(indices)]), what: "indices in range" }],
  backward: addedInto("scatter_add_"),
};

/** take(self, index): elements of the flattened tensor. */
const take: Op = {
  name: "aten.take",
  result([self, index]) {
    const [input, chosen] = [tensor(self), tensor(index, "index")];
    mustBeIndex(chosen);
    const data = input.data && chosen.data?.map((i) => element(input.data ?? [], i));
    return { shape: chosen.shape, dtype: input.dtype, data };
  },
  saves: ([self, index]) => [kept(self), kept(index)],
  traffic: ([, index], out) => rowTraffic(countBytes([tensor(index)]), out),
  backward: addedInto("put_"),
};

/** masked_select(self, mask): the elements where the mask is true, as a vector. */
const maskedSelect: Op = {
  name: "aten.masked_select",
  result([self, mask]) {
    const [input, chosen] = [tensor(self), tensor(mask, "mask")];
    if (chosen.dtype !== "bool")
      throw new Refused(`masked_select takes a boolean mask, not ${chosen.dtype}`, "wrong-argument");
    const shape = broadcastShapes(input.shape, chosen.shape);
    const hits = foldedEach(shape, "bool", [chosen], (hit) => hit);
    const values = foldedEach(shape, input.dtype, [input], (value) => value)?.filter((_, i) => hits?.[i]);
    const count = hits
      ? hits.filter(Boolean).length
      : new Unknown("the number of true elements of a mask depends on values");
    return { shape: [count], dtype: input.dtype, data: hits && values };
  },
  saves: ([self, mask]) => [kept(self), kept(mask)],
  backward: addedInto("masked_scatter_"),
};

/** nonzero(self): one row of indices for each element that is not zero. */
const nonzero: Op = {
  name: "aten.nonzero",
  result([self]) {
    const input = tensor(self);
    const hits = input.data?.flatMap((value, i) => (value ? [i] : []));
    const steps = hits ? contiguousStrides(input.shape) : [];
    const count = hits ? hits.length : new Unknown("the number of elements that are not zero depends on values");
    const data = hits?.flatMap((hit) =>
      steps.map((step, i) => Math.floor(hit / step) % integer(input.shape[i] as Size)),
    );
    // PyTorch fills it axis by axis: the indices of one axis lie together.
    const strides = hits && input.shape.length > 1 && hits.length > 1 ? [1, hits.length] : null;
    return { shape: [count, input.shape.length], dtype: "int64", strides, data };
  },
  differentiable: false,
};

/** one_hot(self, num_classes=-1): a last axis of classes; -1 counts them by the largest element. */
const oneHot: Op = {
  name: "aten.one_hot",
  result([self, classes]) {
    const input = tensor(self);
    if (input.dtype !== "int64") throw new Refused(`one_hot takes int64 classes, not ${input.dtype}`, "wrong-argument");
    const asked = classes === null || classes === undefined ? -1 : size(classes, "num_classes");
    const open = isKnown(asked) && integer(asked) === -1;
    const counted = input.data ? Math.max(...input.data) + 1 : new Unknown("the number of classes depends on values");
    const count = open ? counted : asked;
    const shape = [...input.shape, count];
    const few = isKnown(count) && fewElements(shape) !== undefined;
    const data = few
      ? input.data?.flatMap((value) => [...Array(integer(count)).keys()].map((i) => Number(i === value)))
      : undefined;
    return { shape, dtype: "int64", data };
  },
  differentiable: false,
};

const reading: readonly Op[] = [indexSelect, gather, takeAlongDim, take, maskedSelect, nonzero, oneHot];
export default reading;

/** The gradient added into zeros as large as the input, at the places that were read. */
function addedInto(name: string): NonNullable<Op["backward"]> {
  return ([grad], call) => {
    const input = tensor(call.args[0]);
    const made = zeros(call, input.shape, input.dtype);
    into(call, name, made, grad, ...call.kept.slice(1));
    return [made];
  };
}

function mustBeIndex({ dtype }: Tensor): void {
  if (dtype !== "int64" && dtype !== "int32")
    throw new Refused(`an index is of ${dtype}; int64 is needed`, "wrong-argument");
}

function element(line: readonly number[], i: number): number {
  const value = line[i < 0 ? i + line.length : i];
  if (value === undefined) throw new Refused(`index ${i} is out of range for a size of ${line.length}`);
  return value;
}

function gathered(input: Tensor, chosen: Tensor, at: number): readonly number[] | undefined {
  if (!input.data || !chosen.data || input.shape.length === 0) return undefined;
  const [from, to] = [contiguousStrides(input.shape), contiguousStrides(chosen.shape)];
  return chosen.data.map((value, i) => {
    let offset = 0;
    chosen.shape.forEach((one, k) => {
      const place = k === at ? value : Math.floor(i / (to[k] as number)) % integer(one);
      offset += place * (from[k] as number);
    });
    return element(input.data ?? [], offset);
  });
}
