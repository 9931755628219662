/** The optimizer's step as kernels: passes over parameters, gradients and states. */
import type { Scenario } from "../../base/scenario.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { elements, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { Trace } from "../../trace/trace.ts";
import type { Machine } from "./machine.ts";
import type { TimedKernel } from "./timedKernels.ts";

/** Tensors that each pass of an optimizer reads and writes, one behind the other; states are as wide as the parameters. */
const passes: Readonly<Record<Scenario["optimizer"], readonly number[]>> = {
  // Parameter, gradient and both states are read, all but the gradient written, in one kernel (fused).
  adamw: [7],
  // mul_, lerp_, mul_, addcmul_, sqrt, div_, add_, addcdiv_ over lists of tensors (foreach).
  "adamw-foreach": [2, 3, 2, 4, 2, 2, 2, 4],
  "adamw-8bit": [4],
  sgd: [3],
  "sgd-momentum": [2, 3, 3],
  adafactor: [2, 2, 3, 3, 3],
  lion: [3, 2, 3, 3],
  muon: [3, 3],
};

/** Tensors that one kernel over a list takes (ATen, MultiTensorApply.cuh: depth_to_max_tensors). */
const tensorsAtOnce = 36;

export function optimizerKernels(
  trained: readonly Tensor[],
  optimizer: Scenario["optimizer"],
  machine: Machine,
): TimedKernel[] {
  const bytes = trained.reduce((total, one) => total + (elements(one.shape) as number) * itemBytes(one.dtype), 0);
  if (trained.length === 0) return [];
  const { startSeconds, memoryShare } = machine.curves.optimizer;
  const launches = Math.ceil(trained.length / tensorsAtOnce);
  return passes[optimizer].map((tensors) => ({
    index: -1,
    kind: "optimizer",
    launches,
    start: launches * startSeconds,
    rest: (tensors * bytes) / (machine.bytesPerSecond * memoryShare),
    bound: "memory",
    part: "optimizer",
    module: 0,
  }));
}

/** What a later pass of an accumulated step adds: each gradient to that which is there, a kernel a tensor. */
export function gradientSums(trained: readonly Tensor[], machine: Machine): TimedKernel[] {
  const curve = machine.curves.streams["element-wise"];
  if (!curve || trained.length === 0) return [];
  const bytes = trained.reduce((total, one) => total + (elements(one.shape) as number) * itemBytes(one.dtype), 0);
  return [
    {
      index: -1,
      kind: "element-wise",
      launches: trained.length,
      start: trained.length * curve.startSeconds,
      rest: (3 * bytes) / (machine.bytesPerSecond * curve.memoryShare),
      bound: "memory",
      part: "backward",
      module: 0,
    },
  ];
}

/** One tensor for each parameter that a trace reads. */
export function trainedTensors({ events }: Trace): Tensor[] {
  const found = new Map<Storage, Tensor>();
  for (const event of events) {
    if (event.kind !== "operation") continue;
    for (const { shape, dtype, storage } of event.inputs) {
      if (storage.role !== "parameter" || found.has(storage)) continue;
      found.set(storage, storage.base ?? { shape, dtype, storage, strides: null, requiresGrad: true });
    }
  }
  return [...found.values()];
}
