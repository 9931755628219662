/** Table look-ups: only the rows that are asked for are read, and only the indices are kept. */
import { category, itemBytes } from "../../tensor/dtype.ts";
import { count, minus, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { flag, optionalTensor, tensor } from "../shared/arguments.ts";
import { numberOf } from "../shared/folding.ts";
import { contiguous } from "../shared/gradients.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

/** `aten.embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False)`. */
const embedding: Op = {
  name: "aten.embedding",
  result([table, indices]) {
    const [weight, at] = [rowsOf(table), indicesOf(indices)];
    mustBeInside(at, weight);
    return fresh([...at.shape, weight.shape[1] as Size], weight.dtype);
  },
  saves: ([, indices]) => [tensor(indices)],
  traffic(args, [out]) {
    const at = indicesOf(args[1]);
    const rows = out ? count(out.shape) * itemBytes(out.dtype) : 0;
    return { read: rows + count(at.shape) * itemBytes(at.dtype), written: rows };
  },
  backward([grad], call) {
    const [weight, at] = [tensor(call.args[0]), tensor(call.args[1])];
    const own = contiguous(grad as Tensor, call);
    const [n, rows, width] = [count(at.shape), count(weight.shape.slice(0, 1)), count(weight.shape.slice(1))];
    // Many indices are sorted, and rows are summed in pieces of ten before they are written (embedding_backward_kernel.cu).
    const workspaceBytes = n <= 3072 ? 0 : (Math.floor(n / 10) + Math.min(n, rows)) * width * 4 + 49 * n;
    const made = fresh(weight.shape, (grad as Tensor).dtype);
    return call.kernel("aten.embedding_dense_backward", [own, at], [made], { workspaceBytes });
  },
};

/**
 * `aten._embedding_bag(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights, include_last_offset,
 * padding_idx)`: the reduced rows, and for the backward pass each index's bag, the bags' sizes and the rows of maxima.
 */
const embeddingBag: Op = {
  name: "aten._embedding_bag",
  result([table, indices, offsets, , mode, , weights, includeLast]) {
    const [weight, at, starts] = [rowsOf(table), indicesOf(indices), indicesOf(offsets)];
    if (at.shape.length !== 1)
      throw new Refused(`indices must have 1 axis beside offsets, but it has ${at.shape.length}`);
    mustEqual(
      optionalTensor(weights)?.shape[0],
      at.shape[0],
      (a, n) => `per_sample_weights has ${a} elements, but there are ${n} indices`,
    );
    mustBeInside(at, weight);
    const bags = flag(includeLast) ? minus(starts.shape[0] as Size, 1) : (starts.shape[0] as Size);
    const width = weight.shape[1] as Size;
    const index = (shape: readonly Size[]) => ({ ...fresh(shape, at.dtype), detached: true as const });
    const picked = numberOf(mode) === 2 ? [bags, width] : [0];
    return [fresh([bags, width], weight.dtype), index(at.shape), index(starts.shape), index(picked)];
  },
  saves: ([weight, indices, offsets, , , , weights], [, ...made], needs) => [
    tensor(indices),
    tensor(offsets),
    ...made,
    optionalTensor(weights),
    needs[6] && tensor(weight),
  ],
  traffic(args, [out]) {
    const [weight, at] = [tensor(args[0]), tensor(args[1])];
    const rows = count(at.shape) * count(weight.shape.slice(1)) * itemBytes(weight.dtype);
    return {
      read: rows + count(at.shape) * itemBytes(at.dtype),
      written: out ? count(out.shape) * itemBytes(out.dtype) : 0,
    };
  },
};

const embeddings: readonly Op[] = [embedding, embeddingBag];
export default embeddings;

function rowsOf(arg: Arg | undefined): Tensor {
  const weight = tensor(arg, "weight");
  if (weight.shape.length !== 2) throw new Refused(`weight must have 2 axes, but it has ${weight.shape.length}`);
  return weight;
}

function indicesOf(arg: Arg | undefined): Tensor {
  const indices = tensor(arg, "indices");
  if (indices.dtype !== "int64" && indices.dtype !== "int32") {
    const hint = category(indices.dtype) > 1 ? " (convert with .long())" : "";
    throw new Refused(`indices must be int64 or int32, not ${indices.dtype}${hint}`, "wrong-argument");
  }
  return indices;
}

/** Known indices that lie outside the table are refused. */
function mustBeInside(indices: Tensor, weight: Tensor): void {
  const rows = weight.shape[0];
  if (typeof rows !== "number" || !indices.data?.length) return;
  const largest = indices.data.reduce((a, b) => Math.max(a, b));
  if (largest >= rows) throw new Refused(`index ${largest} is out of range for a table of ${rows} rows`);
}
