import { type Known, known, Unknown } from "../base/unknown.ts";
import { integer } from "../tensor/size.ts";
import { elements } from "../tensor/tensor.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import type { ModuleCall, Operation, Trace } from "../trace/trace.ts";

/**
 * Parameters that one token uses: all but those of experts that it is not sent to. Of a layer of `n` experts, whose rows in
 * the grouped product are `k` a token, each token uses `k / n`.
 *
 * Unknown where a size is, and where no forward pass says how many experts a token is sent to.
 */
export function activeParams(tree: BuiltLayer, params: Known<number>, trace: Trace | undefined): Known<number> {
  if (params instanceof Unknown) return params;
  if (!trace) return new Unknown("no forward pass says how many experts a token is sent to");
  const shares = new Map<object, { experts: number; share: number }>();
  for (const event of trace.events) {
    if (event.kind !== "operation" || event.name !== "aten._grouped_mm" || event.pass !== "forward") continue;
    const call = trace.calls[event.module];
    const share = call && expertShare(event, call);
    if (share === undefined) return new Unknown("how many experts a token is sent to is not known");
    shares.set((call as ModuleCall).module, share);
  }
  let idle = 0;
  const counted = new Set<object>();
  const walk = ({ module, parameters, children }: BuiltLayer) => {
    const found = shares.get(module);
    for (const { tensor } of found ? parameters : []) {
      const count = known(elements(tensor.shape));
      if (
        !found ||
        count === undefined ||
        integer(tensor.shape[0] ?? 0) !== found.experts ||
        counted.has(tensor.storage)
      )
        continue;
      counted.add(tensor.storage);
      idle += count * (1 - found.share);
    }
    children.forEach(walk);
  };
  walk(tree);
  return Math.round(params - idle);
}

/** The rows of a grouped product over the rows that its module was given: how many of the experts a token uses. */
function expertShare({ inputs }: Operation, call: ModuleCall): { experts: number; share: number } | undefined {
  const [rows, weights] = inputs;
  const given = call.inputs[0];
  if (!rows || !weights || !given || weights.shape.length !== 3) return undefined;
  const [sent, tokens] = [rows, given].map(({ shape }) => known(elements(shape.slice(0, -1))));
  const experts = integer(weights.shape[0] ?? 0);
  if (!sent || !tokens || experts === 0) return undefined;
  return { experts, share: Math.min(1, sent / tokens / experts) };
}
