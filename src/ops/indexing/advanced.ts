/** Indexing with tensors: index, index_put, and the axes of a mask. */
import { Unknown } from "../../base/unknown.ts";
import { integer, type Size, sameSize, showSize } from "../../tensor/size.ts";
import { contiguousStrides, isTensor, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { type Elements, fewElements, offsets, picked } from "../shared/folding.ts";
import { countBytes, rowTraffic } from "../shared/gathering.ts";
import { contiguous, into, zeros } from "../shared/gradients.ts";
import { broadcastStrides, iteratedOver, likeInFormat } from "../shared/layout.ts";
import { broadcastShapes, isKnown, showShape } from "../shared/making.ts";
import { restrided } from "../shared/viewing.ts";

/** index(self, indices): a tensor or null for each leading axis; masks stand for the axes they cover. */
const index: Op = {
  name: "aten.index",
  result([self, indices]) {
    const input = tensor(self);
    return indexed(input, perAxisIndices(input, indices));
  },
  saves: ([, indices]) => listed(indices),
  traffic: (args, out) => rowTraffic(countBytes(listed(args[1]).filter(isTensor)), out),
  backward: ([grad], call) => {
    const made = zeros(call, tensor(call.args[0]).shape, (grad as Tensor).dtype);
    // Indices are made one number each and sorted, so that equal ones can be summed (IndexKernel's `index_put_with_sort`).
    const own = contiguous(grad as Tensor, call);
    const workspaceBytes = countBytes(listed(call.args[1]).filter(isTensor)) * 12;
    call.kernel("aten._index_put_impl_", [own, ...call.kept], [{ ...made, sharing: made }], { workspaceBytes });
    return [made];
  },
};

/** index_put(self, indices, values, accumulate=False): values must fit what `index` would give. */
const indexPut: Op = {
  name: "aten.index_put",
  result([self, indices, values]) {
    const input = tensor(self);
    const target = indexed(input, perAxisIndices(input, indices)).shape;
    const source = tensor(values, "values");
    if (source.dtype !== input.dtype) {
      throw new Refused(`index_put: values are ${source.dtype}, but self is ${input.dtype}`, "wrong-argument");
    }
    const shape = broadcastShapes(target, source.shape);
    if (
      shape.length > target.length ||
      !shape.every((one, i) => !isKnown(one) || !isKnown(target[i] as Size) || sameSize(one, target[i] as Size))
    ) {
      throw new Refused(`values ${showShape(source.shape)} do not fit the indexed ${showShape(target)}`);
    }
    return likeInFormat(input, input.dtype, null);
  },
  saves: ([, indices]) => listed(indices),
  backward: ([grad], call) => {
    const target = tensor(call.args[2], "values");
    const own = () => {
      if (call.args[3] === true) return grad;
      const [copy] = call.kernel(
        "aten.clone",
        [grad],
        [{ shape: (grad as Tensor).shape, dtype: (grad as Tensor).dtype }],
      ) as [Tensor];
      into(call, "index_put_", copy, ...call.kept);
      return copy;
    };
    const values = () => call.run("aten.index", grad as Tensor, call.args[1] as Arg);
    return [call.needs[0] ? own() : undefined, undefined, call.needs[2] && target ? values() : undefined];
  },
};

const advanced: readonly Op[] = [index, indexPut];
export default advanced;

function listed(indices: Arg | undefined): readonly (Tensor | null)[] {
  return (Array.isArray(indices) ? indices : [indices]).map((one) => (isTensor(one) ? one : null));
}

/** One integer index or null for each axis; a mask becomes an index for every axis it covers. */
function perAxisIndices(input: Tensor, indices: Arg | undefined): readonly (Tensor | null)[] {
  const out: (Tensor | null)[] = [];
  for (const one of listed(indices)) {
    if (!one) out.push(null);
    else if (one.dtype === "bool" || one.dtype === "uint8") out.push(...maskIndices(input, one, out.length));
    else if (one.dtype === "int64" || one.dtype === "int32") out.push(one);
    else throw new Refused(`an index is of ${one.dtype}; integers and booleans can index`, "wrong-argument");
  }
  if (out.length > input.shape.length) {
    throw new Refused(`${out.length} indices for a tensor of ${input.shape.length} axes`);
  }
  while (out.length < input.shape.length) out.push(null);
  return out;
}

function maskIndices(input: Tensor, mask: Tensor, at: number): readonly Tensor[] {
  mask.shape.forEach((size, i) => {
    const own = input.shape[at + i];
    if (own === undefined || (isKnown(own) && isKnown(size) && !sameSize(own, size))) {
      throw new Refused(
        `a mask of ${showShape(mask.shape)} on ${showShape(input.shape)}: ${showSize(size)} against ${own === undefined ? "no axis" : showSize(own)} at axis ${at + i}`,
      );
    }
  });
  const hits = mask.data?.flatMap((value, i) => (value ? [i] : []));
  const length = hits ? hits.length : new Unknown("the number of true elements of a mask depends on values");
  const steps = hits ? contiguousStrides(mask.shape) : [];
  return mask.shape.map((size, i) => ({
    ...mask,
    shape: [length],
    strides: null,
    dtype: "int64" as const,
    data: hits?.map((hit) => Math.floor(hit / (steps[i] as number)) % integer(size)),
  }));
}

function indexed(input: Tensor, indices: readonly (Tensor | null)[]): Made {
  const used = indices.flatMap((one, i) => (one ? [i] : []));
  const given = indices.filter((one) => one !== null);
  if (given.length === 0) return { shape: input.shape, dtype: input.dtype, data: input.data };
  const common = broadcastShapes(...given.map((one) => one.shape));
  const adjacent = used.every((at, i) => i === 0 || at === (used[i - 1] as number) + 1);
  const first = adjacent ? (used[0] as number) : 0;
  const others = indices.flatMap((one, i) => (one ? [] : [i]));
  const before = others.slice(0, first);
  const after = others.slice(first);
  const around = <T>(list: readonly T[], middle: readonly T[]) => [
    ...before.map((i) => list[i] as T),
    ...middle,
    ...after.map((i) => list[i] as T),
  ];
  const shape = around(input.shape, common);
  const data = elements(input, indices, common, around, shape);
  if ((input.strides === null && given.every((one) => one.strides === null)) || !shape.every(isKnown)) {
    return { shape, dtype: input.dtype, data };
  }
  const own = around(
    stridesOf(input),
    common.map(() => 0),
  );
  const ones = around(new Array<Size>(input.shape.length).fill(1), common);
  const steps = given.map((one) => broadcastStrides(reshaped(one, common, ones), shape));
  return { ...iteratedOver(shape, [own, ...steps], input.dtype), data };
}

/** An index broadcast with the others, with axes of size 1 for those of the input that are not indexed. */
function reshaped(one: Tensor, common: readonly Size[], shape: readonly Size[]): Tensor {
  const plain =
    one.strides === null &&
    one.shape.length === common.length &&
    one.shape.every((size, i) => sameSize(size, common[i] as Size));
  const spread = { ...one, shape: common, strides: plain ? null : broadcastStrides(one, common) };
  return { ...spread, shape, strides: restrided(spread, shape) ?? null };
}

function elements(
  input: Tensor,
  indices: readonly (Tensor | null)[],
  common: readonly Size[],
  around: (list: readonly number[], middle: readonly number[]) => readonly number[],
  shape: readonly Size[],
): Elements {
  if (!input.data || indices.some((one) => one && !one.data) || fewElements(shape) === undefined) return undefined;
  const rowMajor = contiguousStrides(input.shape);
  const zeros = rowMajor.map(() => 0);
  const out = offsets(
    shape,
    around(
      rowMajor,
      common.map(() => 0),
    ),
    0,
  );
  indices.forEach((one, at) => {
    if (!one) return;
    const length = integer(input.shape[at] as Size);
    const steps = broadcastStrides({ ...one, strides: null }, common);
    const chosen = picked(one.data, shape, around(zeros, steps), 0);
    chosen?.forEach((value, i) => {
      if (value < -length || value >= length) {
        throw new Refused(`index ${value} is out of range for axis ${at} of size ${length}`);
      }
      out[i] = (out[i] as number) + (value < 0 ? value + length : value) * (rowMajor[at] as number);
    });
  });
  return out.map((i) => input.data?.[i] as number);
}
