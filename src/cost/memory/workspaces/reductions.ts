/**
 * What a reduction on a GPU stages between thread blocks (aten/src/ATen/native/cuda/Reduce.cuh, setReduceConfig): where there
 * are few results, many blocks share each, and their parts are summed through global memory.
 */
import { itemBytes } from "../../../tensor/dtype.ts";
import { count, integers, type Size } from "../../../tensor/size.ts";
import { isTensor, type Tensor } from "../../../tensor/tensor.ts";
import type { Operation } from "../../../trace/trace.ts";
import { rounded } from "../allocator.ts";
import type { Machine } from "../machine.ts";

export function reductionBytes({ call }: Operation, machine: Machine): number {
  const [input] = call.args;
  const [out] = call.out;
  if (!isTensor(input) || !out) return 0;
  const axes = reducedAxes(call.args[1], input);
  // A sum in another type reads a copy, but for float32 sums of half types, which the kernel widens by itself.
  const widens = (input.dtype === "float16" || input.dtype === "bfloat16") && out.dtype === "float32";
  if (out.dtype === input.dtype || widens) return stagedBytes(input, axes, machine);
  return (
    rounded(count(input.shape) * itemBytes(out.dtype)) + stagedBytes({ ...input, dtype: out.dtype }, axes, machine)
  );
}

const mostThreads = 512;
const warp = 32;
const leastValues = 16;
const mostValues = 256;

function stagedBytes(input: Tensor, axes: ReadonlySet<number>, { units, threadsPerUnit }: Machine): number {
  const sizes = integers(input.shape);
  const inputs = count(input.shape as readonly Size[]);
  const outputs = sizes.reduce((product, size, i) => (axes.has(i) ? product : product * size), 1);
  if (inputs === 0 || outputs === 0) return 0;
  const perOutput = inputs / outputs;
  const last = sizes.findLastIndex((size) => size > 1);
  const alongFastest = last < 0 || axes.has(last);
  let [width, height] = alongFastest ? [perOutput, outputs] : [outputs, perOutput];
  let vector = 1;
  if (alongFastest) {
    if (outputs === 1 && width > 128) width = Math.floor(width / 4);
  } else {
    // Neighbouring results are computed four at a time, where the last axes divide.
    const run = trailing(sizes, axes);
    vector = run % 4 === 0 ? 4 : run % 2 === 0 ? 2 : 1;
    width = Math.floor(width / vector);
  }
  const most = mostThreads / vector;
  const [across, down] = [powerBelow(width, most), powerBelow(height, most)];
  let blockWidth = Math.min(across, warp);
  const blockHeight = Math.min(down, Math.floor(most / blockWidth));
  blockWidth = Math.min(across, Math.floor(most / blockHeight));
  let stepInput = 1;
  let stepOutput = 1;
  if (alongFastest) stepInput *= blockWidth;
  else stepOutput *= blockWidth;
  const perThread = () => Math.ceil(perOutput / stepInput);
  const splitsWarps = perThread() >= Math.min(blockHeight * 16, mostValues);
  if (splitsWarps) stepInput *= blockHeight;
  else stepOutput *= blockHeight;
  const target = units * Math.floor(threadsPerUnit / (blockWidth * blockHeight));
  const grid = Math.ceil(Math.floor(outputs / vector) / stepOutput);
  if (!splitsWarps || perThread() < mostValues || grid > target) return 0;
  const shares = Math.max(
    Math.min(Math.ceil(target / grid), Math.ceil(perThread() / leastValues)),
    Math.ceil(perThread() / mostValues),
  );
  if (shares <= 1) return 0;
  const wide = 4 * (input.dtype === "float64" || input.dtype === "int64" || input.dtype === "complex64" ? 2 : 1);
  const staged = wide * outputs * shares * (alongFastest ? 1 : blockWidth * vector);
  return rounded(staged) + rounded(4 * grid);
}

function reducedAxes(dims: unknown, { shape }: Tensor): ReadonlySet<number> {
  const all = shape.map((_, i) => i);
  const named = Array.isArray(dims) ? dims : typeof dims === "number" ? [dims] : [];
  const axes = named.filter((one): one is number => typeof one === "number");
  return new Set(axes.length === 0 ? all : axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
}

/** Elements of the innermost axes that are kept. */
function trailing(sizes: readonly number[], axes: ReadonlySet<number>): number {
  let run = 1;
  for (let i = sizes.length - 1; i >= 0 && !axes.has(i); i--) run *= sizes[i] ?? 1;
  return run;
}

function powerBelow(n: number, most: number): number {
  return n < most ? 2 ** Math.floor(Math.log2(Math.max(n, 1))) : most;
}
