/** MLPs of a pass: a linear layer, an activation, a linear layer back to the width it began with. */
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import { type LinearUse, linearUses } from "./linears.ts";

export interface MlpUse {
  readonly first: LinearUse;
  readonly last: LinearUse;
  /** What the block's norm was given: the residual; the MLP's own input where no norm stands before it. */
  readonly residual: Tensor;
  readonly width: number;
  readonly hidden: number;
}

const activations = /^aten\.(gelu|relu|silu|hardswish|mish|elu|leaky_relu|tanh|mul|dropout|native_dropout|_to_copy)$/;

export function mlpUses(trace: Trace, tree: BuiltLayer): MlpUse[] {
  const makers = new Map<Tensor, Operation>();
  for (const event of trace.events)
    if (event.kind === "operation" && (event.pass === "forward" || event.pass === "loss"))
      for (const one of event.call.out) makers.set(one, event);
  const uses = linearUses(trace, tree);
  const byOperation = new Map(uses.map((use) => [use.operation, use]));
  return uses.flatMap((last): MlpUse[] => {
    let value = last.operation.call.args[last.input];
    let active = false;
    let first: LinearUse | undefined;
    for (let i = 0; i < 6 && isTensor(value); i++) {
      const maker = makers.get(value);
      if (!maker) break;
      first = byOperation.get(maker);
      if (first) break;
      if (!activations.test(maker.name)) break;
      if (!/dropout|_to_copy/.test(maker.name)) active = true;
      value = maker.call.args.find(isTensor);
    }
    if (!first || !active || first.inFeatures !== last.outFeatures || first.outFeatures !== last.inFeatures) return [];
    const input = first.operation.call.args[first.input];
    if (!isTensor(input)) return [];
    return [{ first, last, residual: behindNorm(input, makers), width: first.inFeatures, hidden: first.outFeatures }];
  });
}

function behindNorm(input: Tensor, makers: ReadonlyMap<Tensor, Operation>): Tensor {
  let value = input;
  for (let i = 0; i < 3; i++) {
    const maker = makers.get(value);
    const [before] = maker?.call.args ?? [];
    if (!maker || !isTensor(before)) return input;
    if (/layer_norm|rms_norm/.test(maker.name)) return before;
    if (maker.name !== "aten._to_copy") return input;
    value = before;
  }
  return input;
}
