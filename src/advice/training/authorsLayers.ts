/** The layers that Mesa's authors release: which of an operation's tensors they keep in 8 bits. */
import type { Tensor } from "../../tensor/tensor.ts";
import type { Rewrite } from "../../trace/rerun.ts";
import type { Operation } from "../../trace/trace.ts";
import { type Packed, packing } from "./keptOtherwise.ts";

/** Softmax's input is kept as well, as the authors' code keeps both. */
const policy: Readonly<Record<string, Packed>> = {
  linear: { arguments: [0] },
  addmm: { arguments: [1] },
  convolution: { arguments: [0] },
  native_layer_norm: { arguments: [0] },
  native_batch_norm: { arguments: [0] },
  cudnn_batch_norm: { arguments: [0] },
  batch_norm: { arguments: [0] },
  gelu: { arguments: [0] },
  relu: { arguments: [0], out: true },
  softmax: { arguments: [], out: true, more: [0] },
  _softmax: { arguments: [], out: true, more: [0] },
  matmul: { arguments: [0, 1] },
  bmm: { arguments: [0, 1] },
  baddbmm: { arguments: [1, 2] },
};

/** Scale and shift of a group. */
const groupBytes = 8;

export function authorsLayers(
  operations: ReadonlySet<Operation>,
  groups: number,
  isFixed: (tensor: Tensor) => boolean,
): Rewrite {
  const chosen = new Set([...operations].map(({ call }) => call));
  return ({ step: one, args, run }) => {
    const rule = chosen.has(one.call) && !one.call.inPlace ? policy[one.name.replace(/^aten\./, "")] : undefined;
    if (!rule) return undefined;
    const bits = one.name === "aten.relu" ? 1 : 8;
    const overhead = bits === 8 ? groupBytes * groups : 0;
    const pack = (bytes: number, item: number) => Math.ceil((bytes / item) * (bits / 8)) + overhead;
    return run(packing(one.call.op, rule, pack, isFixed), ...args);
  };
}
