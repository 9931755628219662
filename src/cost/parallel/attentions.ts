/** The attentions of a traced forward pass: what a context-parallel group must exchange, and how many heads there are. */
import { Unknown } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { elements } from "../../tensor/tensor.ts";
import type { Operation, TensorNote, Trace } from "../../trace/trace.ts";

/** One attention, its tensors' whole bytes. */
export interface Attention {
  readonly queryBytes: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly outputBytes: number;
  readonly heads: number | undefined;
  readonly keyHeads: number | undefined;
  readonly operation: Operation;
}

/** Fused attentions, and pairs of products of two activations in one module call: scores, then what they weigh. */
export function attentionsOf({ events }: Trace): Attention[] {
  const found: Attention[] = [];
  const scores = new Map<number, Operation>();
  for (const event of events) {
    if (event.kind !== "operation" || event.pass !== "forward") continue;
    const given = event.inputs.filter(({ storage }) => storage.role !== "parameter");
    const [first, second, third] = given;
    if (!first || !second) continue;
    if (/scaled_dot_product|flex_attention|flash_attn/.test(event.name)) {
      if (third) found.push(attention(event, first, second, third));
      continue;
    }
    const isProduct = event.macs !== 0 && given.length === event.inputs.length && first.shape.length >= 3;
    if (!isProduct) continue;
    const before = scores.get(event.module);
    const [query, key] = before?.inputs ?? [];
    if (before && query && key) {
      found.push(attention(event, query, key, second));
      scores.delete(event.module);
    } else scores.set(event.module, event);
  }
  return found;
}

function attention(operation: Operation, query: TensorNote, key: TensorNote, value: TensorNote): Attention {
  return {
    queryBytes: bytesOf(query),
    keyBytes: bytesOf(key),
    valueBytes: bytesOf(value),
    outputBytes: operation.outputs[0] ? bytesOf(operation.outputs[0]) : 0,
    heads: headsOf(query),
    keyHeads: headsOf(key),
    operation,
  };
}

function headsOf({ shape }: TensorNote): number | undefined {
  if (shape.length !== 4) return undefined;
  const count = elements([shape[1] as (typeof shape)[number]]);
  return count instanceof Unknown ? undefined : count;
}

function bytesOf({ shape, dtype }: TensorNote): number {
  const count = elements(shape);
  return count instanceof Unknown ? 0 : count * itemBytes(dtype);
}
