/** Normalizations over the channels in a trace, as one kernel or written out, and whether linear layers alone read them. */
import { sizesOf } from "../../cost/memory/holdings.ts";
import { isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import { flowOf, isView } from "../code/flow.ts";
import type { Subject } from "../subject.ts";

export interface Norm {
  /** In order; the last makes the result. */
  readonly operations: readonly Operation[];
  readonly input: Tensor;
  readonly result: Tensor;
  /** Factor and addend, where it has them. */
  readonly weights: readonly Tensor[];
  /** Bytes that its kernels read and write. */
  readonly trafficBytes: number;
}

/** `layer_norm`, `rms_norm`, and modules that take a root of a mean and multiply by it. */
export function normsIn(trace: Trace, figures: Subject["figures"]): Norm[] {
  const groups = new Map<number, Operation[]>();
  const found: Norm[] = [];
  for (const one of flowOf(trace, figures).operations) {
    if (/^aten\.(native_layer_norm|_fused_rms_norm|rms_norm)$/.test(one.name)) found.push(...normOf([one]));
    else groups.set(one.module, [...(groups.get(one.module) ?? []), one]);
  }
  for (const group of groups.values()) {
    const names = group.map(({ name }) => name);
    const isWrittenOut = names.includes("aten.rsqrt") && names.includes("aten.mean") && group.length < 12;
    if (isWrittenOut && group.every(({ macs }) => macs === 0)) found.push(...normOf(group));
  }
  return found;
}

function normOf(operations: readonly Operation[]): Norm[] {
  const input = operations[0]?.call.args.find(isTensor);
  const result = operations.at(-1)?.call.out[0];
  if (!input || !result || !sizesOf(input) || sizesOf(input)?.join() !== sizesOf(result)?.join()) return [];
  const weights = operations
    .flatMap(({ call }) => call.args.filter(isTensor))
    .filter(({ storage }) => storage.role === "parameter");
  const trafficBytes = operations.reduce(
    (sum, { bytesRead, bytesWritten }) => sum + Number(bytesRead) + Number(bytesWritten),
    0,
  );
  return [{ operations, input, result, weights, trafficBytes }];
}

/** Whether linear layers, reached through views alone, are all that read its result. */
export function isFoldable({ result }: Norm, trace: Trace, figures: Subject["figures"]): boolean {
  const uses = flowOf(trace, figures)
    .readers(result.storage)
    .filter((one) => !isView(one));
  const width = sizesOf(result)?.at(-1);
  const flow = flowOf(trace, figures);
  // A matrix that something else reads too (an embedding tied to the output) cannot take the factor.
  const alone = (one: Operation) =>
    one.inputs.every(
      ({ storage }) => storage.role !== "parameter" || flow.readers(storage).every((other) => other.macs !== 0),
    );
  return uses.length > 0 && uses.every((one) => isLinear(one, result.storage, width) && alone(one));
}

function isLinear({ name, call }: Operation, storage: Storage, width: number | undefined): boolean {
  const at = /addmm$/.test(name) ? 1 : 0;
  const [x, weight] = [call.args[at], call.args[at + 1]];
  return (
    /^aten\.(linear|addmm|mm)$/.test(name) &&
    isTensor(x) &&
    isTensor(weight) &&
    x.storage === storage &&
    weight.storage.role === "parameter" &&
    sizesOf(x)?.at(-1) === width
  );
}
