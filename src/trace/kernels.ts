/** Kernels that only backward passes have. */
import type { KernelCost, Made, Op } from "../ops/op.ts";
import { elements, type Tensor } from "../tensor/tensor.ts";
import type { Standing } from "./graph.ts";
import { note, scaled, total } from "./recording.ts";
import type { Tracer } from "./tracer.ts";

/** Records a kernel that reads all of `reads` and writes all that it makes, also where that lies in memory it shares. */
export function recordKernel(
  tracer: Tracer,
  name: string,
  reads: readonly Tensor[],
  makes: readonly Made[],
  cost: KernelCost,
  { slices, module, at }: Omit<Standing, "index">,
): Tensor[] {
  const device = (reads[0] ?? makes[0]?.sharing)?.storage.device ?? tracer.defaultDevice;
  const { out, fresh } = tracer.make(makes, device);
  tracer.events.push({
    kind: "operation",
    index: tracer.events.length,
    name,
    inputs: reads.map(note),
    outputs: out.map(note),
    macs: scaled(cost.macs ?? 0, slices),
    bytesRead: scaled(total(reads), slices),
    bytesWritten: scaled(total(out), slices),
    work: out[0] ? scaled(elements(out[0].shape), slices * (cost.work ?? 1)) : 0,
    made: fresh,
    saved: [],
    workspaceBytes: cost.workspaceBytes ?? 0,
    detail: cost.detail,
    pass: tracer.pass,
    call: { op: kernelOp(name), args: reads, out, inPlace: false },
    module,
    at,
  });
  return out;
}

/** It is a record of nothing but its name: nobody can ask for it. */
function kernelOp(name: string): Op {
  return { name, result: () => [] };
}
