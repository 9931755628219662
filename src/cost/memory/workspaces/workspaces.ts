/** Bytes that an operation takes while it runs and gives back before it ends. */
import { known } from "../../../base/unknown.ts";
import { itemBytes } from "../../../tensor/dtype.ts";
import { NeedsKnownSize } from "../../../tensor/size.ts";
import { isContiguous, isTensor, type Tensor } from "../../../tensor/tensor.ts";
import type { Operation } from "../../../trace/trace.ts";
import type { Machine } from "../machine.ts";
import { convolutionBytes } from "./convolutions.ts";
import { reductionBytes } from "./reductions.ts";

/** What an operation takes beside its results: as its record says, else as the kernels of this machine are known to. */
export function workspaceBytes(event: Operation, machine: Machine): number {
  const own = known(event.workspaceBytes) ?? 0;
  const rule = rules.get(event.name);
  if (own > 0 || !rule || !machine.caching) return own;
  try {
    return rule(event, machine);
  } catch (error) {
    // A size that is not known: the totals are not, either, and say so.
    if (error instanceof NeedsKnownSize) return 0;
    throw error;
  }
}

type Rule = (event: Operation, machine: Machine) => number;

/** The result itself once more, or parts of it. */
const asResult =
  (times: number): Rule =>
  ({ call }) =>
    (call.out[0] ? bytesOf(call.out[0]) : 0) * times;

/** Inputs in an order of axes that the kernel does not take are copied. */
const copiesInput: Rule = ({ call }) => {
  const [input] = call.args;
  return isTensor(input) && !isContiguous(input.shape, input.strides) ? bytesOf(input) : 0;
};

/** Element-wise losses keep each element's part until it is reduced (`at::mse_loss` and its like, reduction not none). */
const asInput =
  (times: number): Rule =>
  ({ call }) => {
    const [input] = call.args;
    const [out] = call.out;
    return isTensor(input) && out && out.shape.length === 0 ? times * bytesOf(input) : 0;
  };

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>(
  Object.entries({
    sum: reductionBytes,
    mean: reductionBytes,
    prod: reductionBytes,
    amax: reductionBytes,
    amin: reductionBytes,
    linalg_vector_norm: reductionBytes,
    convolution: convolutionBytes,
    convolution_backward: convolutionBytes,
    // A bias is added to the product of a copy, which is no part of it.
    linear: (event: Operation) => {
      const [input, , bias] = event.call.args;
      const copied = isTensor(input) && input.shape.length > 2 && !isContiguous(input.shape, input.strides);
      return copied && isTensor(bias) ? asResult(1)(event, noMachine) : 0;
    },
    native_layer_norm: copiesInput,
    _fused_rms_norm: copiesInput,
    // The axes are rolled one after the other.
    roll: (event: Operation) => (lengthOf(event.call.args[1]) > 1 ? asResult(1)(event, noMachine) : 0),
    mse_loss: asInput(1),
    l1_loss: asInput(1),
    smooth_l1_loss: asInput(1),
    huber_loss: asInput(1),
    binary_cross_entropy_with_logits: asInput(2),
    native_layer_norm_backward: ({ call }: Operation) =>
      call.args
        .filter(isTensor)
        .slice(0, 2)
        .reduce((total, one) => total + (isContiguous(one.shape, one.strides) ? 0 : bytesOf(one)), 0),
  } satisfies Record<string, Rule>).map(([name, rule]) => [`aten.${name}`, rule]),
);

const noMachine = {} as Machine;

function lengthOf(arg: unknown): number {
  return Array.isArray(arg) ? arg.length : 1;
}

function bytesOf({ shape, dtype }: Tensor): number {
  return shape.reduce<number>((product, size) => product * integerOf(size), 1) * itemBytes(dtype);
}

function integerOf(size: Tensor["shape"][number]): number {
  return typeof size === "number" ? size : "hint" in size ? size.hint : 0;
}

/** Products that cuBLAS runs, by which its workspace is first asked for. */
const products = new Set(
  [
    "mm",
    "addmm",
    "bmm",
    "baddbmm",
    "addbmm",
    "linear",
    "matmul",
    "mv",
    "addmv",
    "dot",
    "vdot",
    "einsum",
    "tensordot",
    "bilinear",
    "_scaled_mm",
    "_int_mm",
  ].map((name) => `aten.${name}`),
);

export function usesProducts({ name, macs }: Operation): boolean {
  return products.has(name) && macs !== 0;
}

/** Products that add a bias as they go, which cuBLASLt runs: a matrix (or what is viewed as one) and a bias of one axis. */
export function usesBiasedProducts({ name, call, macs }: Operation): boolean {
  if (macs === 0) return false;
  const [first, second, third] = call.args;
  if (name === "aten.addmm") return isTensor(first) && first.shape.length === 1;
  if (name !== "aten.linear" || !isTensor(first) || !isTensor(second) || !isTensor(third)) return false;
  return first.shape.length > 1 && (first.shape.length === 2 || isContiguous(first.shape, first.strides));
}
