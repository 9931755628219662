import { type Known, known, Unknown } from "../base/unknown.ts";
import { configOf } from "../evidence/caches.ts";
import { isFloating } from "../tensor/dtype.ts";
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
  const chosen = chosenExperts(tree);
  const shares = new Map<object, { experts: number; share: number }>();
  for (const event of trace.events) {
    if (event.kind !== "operation" || event.pass !== "forward") continue;
    const call = trace.calls[event.module];
    if (!call) continue;
    if (event.name === "aten._grouped_mm") {
      const share = expertShare(event, call, trace);
      if (share === undefined) return new Unknown("how many experts a token is sent to is not known");
      shares.set(call.module, share);
    } else if (chosen && event.name === "aten.bmm" && isOverExperts(event, chosen.experts)) {
      shares.set(call.module, { experts: chosen.experts, share: chosen.most / chosen.experts });
    }
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

/** The rows of a grouped product over the tokens that reach it: how many of the experts a token uses. */
function expertShare(
  { inputs }: Operation,
  call: ModuleCall,
  { calls }: Trace,
): { experts: number; share: number } | undefined {
  const [rows, weights] = inputs;
  if (!rows || !weights || weights.shape.length !== 3) return undefined;
  const sent = known(elements(rows.shape.slice(0, -1)));
  const tokens = tokensOf(call, calls);
  const experts = integer(weights.shape[0] ?? 0);
  if (!sent || !tokens || experts === 0) return undefined;
  return { experts, share: Math.min(1, sent / tokens / experts) };
}

/** Tokens of the layer around a call: a module that is handed one row for each choice lies inside one that is handed tokens. */
function tokensOf(call: ModuleCall, calls: readonly ModuleCall[]): number | undefined {
  let fewest: number | undefined;
  for (let at: ModuleCall | undefined = call; at && at.id !== 0; at = calls[at.parent]) {
    const given = at.inputs[0];
    if (!given || !isFloating(given.dtype) || given.shape.length < 2) break;
    const rows = known(elements(given.shape.slice(0, -1)));
    if (!rows) break;
    fewest = Math.min(fewest ?? rows, rows);
  }
  return fewest;
}

/** Whether a product sends every token through all experts' weights, of which the router's choice alone counts. */
function isOverExperts({ inputs }: Operation, experts: number): boolean {
  const weights = inputs[1];
  return (
    weights?.storage.role === "parameter" && weights.shape.length === 3 && integer(weights.shape[0] ?? 0) === experts
  );
}

/** How many experts there are and how many a token is sent to, as the model's config says. */
function chosenExperts({ module }: BuiltLayer): { experts: number; most: number } | undefined {
  const facts = configOf(module);
  const number = (names: readonly string[]) =>
    names.map((name) => facts[name]).find((value): value is number => typeof value === "number" && value > 0);
  const experts = number(["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"]);
  const most = number(["num_experts_per_tok", "num_experts_per_token", "moe_top_k", "moe_k", "top_k"]);
  return experts && most && most < experts ? { experts, most } : undefined;
}
