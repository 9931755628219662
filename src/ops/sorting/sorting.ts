/** Elements in order: sort, argsort, topk, kthvalue, and places in sorted boundaries. */
import { integer, type Size, sameSize, showSize } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Made, type Op, Refused } from "../op.ts";
import { axis, flag, size, tensor } from "../shared/arguments.ts";
import { mustBeReal } from "../shared/dtypes.ts";
import { numberOf } from "../shared/folding.ts";
import { scatteredBack } from "../shared/gradientParts.ts";
import { iterated, likeInFormat } from "../shared/layout.ts";
import { isKnown, showShape } from "../shared/making.ts";
import { foldedGroups, foldedLines, reducedShape } from "../shared/reducing.ts";
import { savesIndices } from "../shared/saving.ts";

/** sort(self, dim=-1, descending=False): values and their places. */
const sort: Op = {
  name: "aten.sort",
  result([self, dim, descending]) {
    const input = tensor(self);
    mustBeReal("sort", input.dtype);
    return ordered(input, axis(dim ?? -1, input.shape.length), flag(descending));
  },
  saves: savesIndices,
  work: 20,
  backward: scatteredBack,
};

/** argsort(self, dim=-1, descending=False) */
const argsort: Op = {
  name: "aten.argsort",
  result([self, dim, descending]) {
    const input = tensor(self);
    return ordered(input, axis(dim ?? -1, input.shape.length), flag(descending))[1] as Made;
  },
  differentiable: false,
  work: 20,
};

/** topk(self, k, dim=-1, largest=True, sorted=True) */
const topk: Op = {
  name: "aten.topk",
  result([self, k, dim, largest]) {
    const input = tensor(self);
    mustBeReal("topk", input.dtype);
    const rank = input.shape.length;
    const at = axis(dim ?? -1, rank);
    const [wanted, length] = [size(k, "k"), input.shape[at] ?? 1];
    if (isKnown(wanted) && isKnown(length) && (integer(wanted) < 0 || integer(wanted) > integer(length))) {
      throw new Refused(`topk takes ${showSize(wanted)} of axis ${at}, which has ${showSize(length)}`);
    }
    const shape = input.shape.map((one, i) => (i === at ? wanted : one));
    const count = numberOf(k);
    const places = (line: readonly number[]) => inOrder(line, flag(largest, true)).slice(0, count);
    // Equal elements come in no promised order, so places are known only where all elements differ.
    const data = count !== undefined && isDistinct(input, at) ? input : { ...input, data: undefined };
    return pair(shape, data, at, places);
  },
  saves: savesIndices,
  work: 10,
  backward: scatteredBack,
};

/** kthvalue(self, k, dim=-1, keepdim=False): the k-th smallest element and its place. */
const kthvalue: Op = {
  name: "aten.kthvalue",
  result([self, k, dim, keepdim]) {
    const input = tensor(self);
    const at = axis(dim ?? -1, input.shape.length);
    const over = input.shape.length === 0 ? [] : [at];
    const [wanted, length] = [integer(size(k, "k")), input.shape[at] ?? 1];
    if (wanted < 1 || (isKnown(length) && wanted > integer(length))) {
      throw new Refused(`kthvalue asks for element ${wanted} of axis ${at}, which has ${showSize(length)}`);
    }
    const shape = reducedShape(input.shape, over, flag(keepdim));
    const place = (line: readonly number[]) => inOrder(line, false)[wanted - 1] as number;
    const known = isDistinct(input, at) ? input : { ...input, data: undefined };
    return [
      { shape, dtype: input.dtype, data: foldedGroups(known, over, (line) => line[place(line)] as number) },
      { shape, dtype: "int64", detached: true, data: foldedGroups(known, over, place) },
    ];
  },
  saves: savesIndices,
  backward: scatteredBack,
};

/** msort(self): the values sorted along the first axis. */
const msort: Op = {
  name: "aten.msort",
  result: ([self]) => ordered(tensor(self), 0, false)[0] as Made,
  saves: (_args, [out]) => [
    out && { extraBytes: 8 * out.shape.reduce<number>((n, one) => n * integer(one), 1), what: "indices" },
  ],
  work: 20,
};

/** searchsorted(sorted_sequence, self, out_int32=False, right=False) */
const searchsorted: Op = {
  name: "aten.searchsorted",
  result([sequence, values, narrow, right]) {
    const rows = tensor(sequence, "sorted_sequence");
    const leading = rows.shape.slice(0, -1);
    const shape = isTensor(values) ? values.shape : [];
    if (
      leading.length > 0 &&
      !leading.every((one, i) => !isKnown(one) || !isKnown(shape[i] as Size) || sameSize(one, shape[i] as Size))
    ) {
      throw new Refused(`searchsorted: boundaries ${showShape(rows.shape)} do not go with values ${showShape(shape)}`);
    }
    return placed(shape, narrow === true, leading.length === 0 ? rows.data : undefined, values, flag(right));
  },
  differentiable: false,
  work: 10,
};

/** bucketize(self, boundaries, out_int32=False, right=False) */
const bucketize: Op = {
  name: "aten.bucketize",
  result([values, boundaries, narrow, right]) {
    const edges = tensor(boundaries, "boundaries");
    if (edges.shape.length !== 1) throw new Refused(`boundaries must have one axis, not ${edges.shape.length}`);
    return placed(isTensor(values) ? values.shape : [], narrow === true, edges.data, values, flag(right));
  },
  differentiable: false,
  work: 10,
};

const sorting: readonly Op[] = [sort, argsort, topk, kthvalue, msort, searchsorted, bucketize];
export default sorting;

function ordered(input: Tensor, at: number, descending: boolean): readonly Made[] {
  const [values, indices] = pair(input.shape, input, at, (line) => inOrder(line, descending));
  const like = likeInFormat(input, input.dtype, null);
  return [
    { ...values, strides: like.strides ?? null },
    { ...indices, strides: like.strides ?? null },
  ] as Made[];
}

function pair(
  shape: readonly Size[],
  input: Tensor,
  at: number,
  places: (line: readonly number[]) => number[],
): readonly Made[] {
  return [
    { shape, dtype: input.dtype, data: foldedLines(input, at, (line) => places(line).map((i) => line[i] as number)) },
    { shape, dtype: "int64", detached: true, data: foldedLines(input, at, places) },
  ];
}

/** Places in order of their elements; equal ones keep theirs. */
function inOrder(line: readonly number[], descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  return line.map((_, i) => i).sort((a, b) => sign * ((line[a] as number) - (line[b] as number)) || a - b);
}

function isDistinct(input: Tensor, at: number): boolean {
  const over = input.shape.length === 0 ? [] : [at];
  return foldedGroups(input, over, (line) => Number(new Set(line).size === line.length))?.every(Boolean) ?? false;
}

function placed(
  shape: readonly Size[],
  narrow: boolean,
  edges: readonly number[] | undefined,
  values: unknown,
  right: boolean,
): Made {
  const dtype = narrow ? "int32" : "int64";
  const list = isTensor(values) ? values.data : undefined;
  const data = edges && list?.map((value) => edges.filter((edge) => (right ? edge <= value : edge < value)).length);
  return isTensor(values) ? { ...iterated(shape, [], dtype), data } : { shape, dtype };
}
