/** Different elements and how often they occur: sizes are known only where the elements are. */
import { Unknown } from "../../base/unknown.ts";
import { integer, largest, type Size } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused } from "../op.ts";
import { axis, flag, size, tensor } from "../shared/arguments.ts";

const uncounted = new Unknown("the number of different elements depends on values");

/** _unique2(self, sorted=True, return_inverse=False, return_counts=False): values, inverse, counts. */
const unique: Op = {
  name: "aten._unique2",
  result([self, , inverse, counts]) {
    const input = tensor(self);
    const values = input.data && [...new Set(input.data)].sort((a, b) => a - b);
    return distinct(
      input,
      values,
      input.data?.map((value) => values?.indexOf(value) as number),
      inverse,
      counts,
    );
  },
  differentiable: false,
  work: 20,
};

/** unique_consecutive(self, return_inverse=False, return_counts=False, dim=None) */
const uniqueConsecutive: Op = {
  name: "aten.unique_consecutive",
  result([self, inverse, counts, dim]) {
    const input = tensor(self);
    if (dim !== null && dim !== undefined) return alongAxis(input, axis(dim, input.shape.length), inverse, counts);
    const starts = input.data?.map((value, i) => i === 0 || value !== input.data?.[i - 1]);
    let run = -1;
    const places = starts?.map((first) => (first ? ++run : run));
    return distinct(
      input,
      input.data?.filter((_, i) => starts?.[i]),
      places,
      inverse,
      counts,
    );
  },
  differentiable: false,
};

/** unique_dim(self, dim, sorted=True, return_inverse=False, return_counts=False): different slices. */
const uniqueDim: Op = {
  name: "aten.unique_dim",
  result: ([self, dim, , inverse, counts]) =>
    alongAxis(tensor(self), axis(dim, tensor(self).shape.length), inverse, counts),
  differentiable: false,
  work: 20,
};

/** bincount(self, weights=None, minlength=0): as many counts as the largest element asks for. */
const bincount: Op = {
  name: "aten.bincount",
  result([self, weights, minlength]) {
    const input = tensor(self);
    if (input.shape.length !== 1) throw new Refused(`bincount takes one axis, not ${input.shape.length}`);
    const least = minlength === null || minlength === undefined ? 0 : size(minlength, "minlength");
    const top = input.data && Math.max(-1, ...input.data) + 1;
    const length: Size = top === undefined ? new Unknown("the number of bins depends on values") : largest(least, top);
    const weighted = isTensor(weights);
    const data =
      top === undefined || weighted
        ? undefined
        : [...Array(integer(length)).keys()].map(
            (bin) => input.data?.filter((value) => value === bin).length as number,
          );
    const dtype = weighted ? (weights.dtype === "float32" ? "float32" : "float64") : "int64";
    return { shape: [length], dtype, data };
  },
};

/** histc(self, bins=100, min=0, max=0) */
const histc: Op = {
  name: "aten.histc",
  result: ([self, bins]) => ({
    shape: [bins === null || bins === undefined ? 100 : size(bins, "bins")],
    dtype: tensor(self).dtype,
  }),
  differentiable: false,
};

const counting: readonly Op[] = [unique, uniqueConsecutive, uniqueDim, bincount, histc];
export default counting;

function distinct(
  input: Tensor,
  values: readonly number[] | undefined,
  places: readonly number[] | undefined,
  inverse: Arg | undefined,
  counts: Arg | undefined,
): readonly Made[] {
  const length = values ? values.length : uncounted;
  const numbers = values?.map((_, i) => places?.filter((place) => place === i).length as number);
  return [
    { shape: [length], dtype: input.dtype, data: values },
    flag(inverse) ? { shape: input.shape, dtype: "int64", data: places } : { shape: [0], dtype: "int64" },
    flag(counts) ? { shape: [length], dtype: "int64", data: numbers } : { shape: [0], dtype: "int64" },
  ];
}

function alongAxis(input: Tensor, at: number, inverse: Arg | undefined, counts: Arg | undefined): readonly Made[] {
  const shape = input.shape.map((one, i) => (i === at ? uncounted : one));
  return [
    { shape, dtype: input.dtype },
    { shape: flag(inverse) ? [input.shape[at] as Size] : [0], dtype: "int64" },
    { shape: flag(counts) ? [uncounted] : [0], dtype: "int64" },
  ];
}
