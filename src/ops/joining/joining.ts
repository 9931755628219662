/** Tensors put together: cat, stack, block_diag, meshgrid, and all combinations of elements. */
import { integer, plus, productOf, type Size, sameSize, showSize } from "../../tensor/size.ts";
import { contiguousStrides, longestData, type Tensor } from "../../tensor/tensor.ts";
import { type Made, type Op, Refused } from "../op.ts";
import { axis, tensors } from "../shared/arguments.ts";
import { type Elements, fewElements, inType, offsets } from "../shared/folding.ts";
import { narrowed, selected } from "../shared/gradientParts.ts";
import { channelsLastStrides, isChannelsLast } from "../shared/layout.ts";
import { isKnown, resultType, showShape } from "../shared/making.ts";
import { walked } from "../shared/viewing.ts";

/** cat(tensors, dim=0): every other axis must agree; empty vectors are passed over. */
const cat: Op = {
  name: "aten.cat",
  result([list, dim]) {
    const all = tensors(list);
    if (all.length === 0) throw new Refused("cat needs at least one tensor", "wrong-argument");
    const dtype = resultType(...all);
    const parts = all.filter((one) => !(one.shape.length === 1 && one.shape[0] === 0));
    const [first] = parts;
    if (!first) return { shape: [0], dtype };
    if (parts.some((one) => one.shape.length === 0)) throw new Refused("a tensor of no axes cannot be concatenated");
    const at = axis(dim ?? 0, first.shape.length);
    for (const part of parts) mustAgree(first, part, at);
    const length = parts.map((one) => one.shape[at] as Size).reduce(plus);
    return joined(
      parts,
      first.shape.map((size, i) => (i === at ? length : size)),
      at,
      dtype,
    );
  },
  backward([grad], { args }) {
    if (!grad) return [];
    const at = axis(args[1] ?? 0, grad.shape.length);
    return [
      tensors(args[0]).map((part) =>
        part.shape.length === grad.shape.length ? narrowed(grad, at, part.shape[at] as Size) : undefined,
      ),
    ];
  },
};

/** stack(tensors, dim=0): equal shapes along a new axis. */
const stack: Op = {
  name: "aten.stack",
  result([list, dim]) {
    const parts = tensors(list);
    const [first] = parts;
    if (!first) throw new Refused("stack needs at least one tensor", "wrong-argument");
    const at = axis(dim ?? 0, first.shape.length + 1);
    for (const part of parts) {
      const same =
        part.shape.length === first.shape.length && part.shape.every((size, i) => agree(size, first.shape[i] as Size));
      if (!same)
        throw new Refused(`stack needs equal shapes, not ${showShape(first.shape)} and ${showShape(part.shape)}`);
    }
    const inserted = (size: Size) => [...first.shape.slice(0, at), size, ...first.shape.slice(at)];
    const flat = parts.map((part) => ({ ...part, shape: inserted(1), strides: null }));
    return joined(flat, inserted(parts.length), at, resultType(...parts));
  },
  backward: ([grad], { args }) => [
    grad && tensors(args[0]).map(() => selected(grad, axis(args[1] ?? 0, grad.shape.length))),
  ],
};

/** block_diag(tensors): matrices along the diagonal of a larger one. */
const blockDiag: Op = {
  name: "aten.block_diag",
  result([list]) {
    const parts = tensors(list);
    const rows = parts.map(({ shape }) => (shape.length === 2 ? (shape[0] as Size) : 1));
    const columns = parts.map(({ shape }) => shape.at(-1) ?? 1);
    if (parts.some(({ shape }) => shape.length > 2)) throw new Refused("block_diag takes tensors of at most 2 axes");
    return { shape: [rows.reduce(plus, 0), columns.reduce(plus, 0)], dtype: resultType(...parts) };
  },
};

/** meshgrid(tensors, indexing="ij"): each vector repeated along the axes of the others, without copying. */
const meshgrid: Op = {
  name: "aten.meshgrid",
  list: true,
  result([list, indexing]) {
    const parts = tensors(list);
    const shape = parts.map(({ shape: own }) => own[0] ?? 1);
    if (parts.some(({ shape: own }) => own.length > 1)) throw new Refused("meshgrid takes vectors");
    const flip = indexing === "xy" && parts.length > 1;
    const swap = <T>(list: readonly T[]) => (flip ? [list[1], list[0], ...list.slice(2)] : list) as readonly T[];
    return parts.map((part, i) => ({
      ...walked(part, swap(shape), ([step]) => ({
        strides: swap(shape.map((size, k) => (k === i ? (step ?? 0) : isKnown(size) && integer(size) === 1 ? 1 : 0))),
        offset: 0,
      })),
      // Each result belongs to its own vector's graph.
      ...(!part.requiresGrad && { detached: true as const }),
    }));
  },
};

/** cartesian_prod(tensors): all combinations of the elements of several vectors, one a row. */
const cartesianProd: Op = {
  name: "aten.cartesian_prod",
  result([list]) {
    const parts = tensors(list);
    const lengths = parts.map(({ shape }) => shape[0] ?? 1);
    const [only] = parts;
    if (only && parts.length === 1) return walked(only, only.shape, (strides) => ({ strides, offset: 0 }));
    return { shape: [productOf(lengths), parts.length], dtype: resultType(...parts) };
  },
};

const joins: readonly Op[] = [cat, stack, blockDiag, meshgrid, cartesianProd];
export default joins;

function mustAgree(first: Tensor, part: Tensor, at: number): void {
  if (part.shape.length !== first.shape.length) {
    throw new Refused(
      `cat of ${showShape(first.shape)} and ${showShape(part.shape)}: ${first.shape.length} axes against ${part.shape.length}`,
    );
  }
  const odd = part.shape.findIndex((size, i) => i !== at && !agree(size, first.shape[i] as Size));
  if (odd < 0) return;
  const [one, other] = [first.shape[odd] as Size, part.shape[odd] as Size];
  throw new Refused(
    `cat along axis ${at} of ${showShape(first.shape)} and ${showShape(part.shape)}: axis ${odd} is ${showSize(one)} against ${showSize(other)}`,
  );
}

function agree(a: Size, b: Size): boolean {
  return !isKnown(a) || !isKnown(b) || sameSize(a, b);
}

function joined(parts: readonly Tensor[], shape: readonly Size[], at: number, dtype: Made["dtype"]): Made {
  const channelsLast = shape.every(isKnown) && parts.every(isChannelsLast);
  const strides = channelsLast
    ? channelsLastStrides(shape, shape.length === 4 ? "channels_last" : "channels_last_3d")
    : null;
  const data = elements(parts, shape, at);
  return { shape, dtype, strides, data: data && inType(data, dtype) };
}

function elements(parts: readonly Tensor[], shape: readonly Size[], at: number): Elements {
  if (parts.some((part) => !part.data) || (fewElements(shape) ?? longestData + 1) > longestData) return undefined;
  const steps = contiguousStrides(shape);
  const out: number[] = new Array(fewElements(shape) as number);
  let start = 0;
  for (const part of parts) {
    if (part.data?.length)
      offsets(part.shape, steps, start).forEach((to, i) => {
        out[to] = part.data?.[i] as number;
      });
    start += integer(part.shape[at] as Size) * (steps[at] as number);
  }
  return out;
}
