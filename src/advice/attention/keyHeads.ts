/** Key heads of a model: how many, how often each is repeated for query heads, and where the code says the number. */

import { known } from "../../base/unknown.ts";
import { integer } from "../../tensor/size.ts";
import { elements, isTensor, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { Code } from "../code/tree.ts";
import type { AttentionCall } from "./calls.ts";
import { dataflowOf } from "./dataflow.ts";

/** The copy that repeats a call's keys or values for the query heads, and what it copies; undefined where there is none. */
export interface Repeat {
  readonly operation: Operation;
  readonly source: Tensor;
  readonly times: number;
}

export function repeatOf(tensor: Tensor, trace: Trace): Repeat | undefined {
  const flow = dataflowOf(trace);
  let now = tensor;
  for (let maker = flow.maker(now); maker; maker = flow.maker(now)) {
    const [source] = maker.call.args;
    if (!isTensor(source)) return undefined;
    const times = (known(elements(now.shape)) ?? 0) / (known(elements(source.shape)) ?? 1);
    if (/^aten\.(repeat_interleave|repeat)$/.test(maker.name))
      return times > 1 && Number.isInteger(times) ? { operation: maker, source, times } : undefined;
    if (maker.name === "aten.expand" && times > 1) return { operation: maker, source, times };
    if (!/^aten\.(view|reshape|transpose|permute|contiguous|clone|flatten|unsqueeze|squeeze|alias)$/.test(maker.name))
      return undefined;
    const strides = stridesOf(source);
    const repeated = source.shape.findIndex((size, axis) => strides[axis] === 0 && integer(size) > 1);
    if (repeated >= 0) {
      const expanded = flow.maker(source);
      const [narrow] = expanded?.call.args ?? [];
      return expanded && isTensor(narrow)
        ? { operation: maker, source: narrow, times: integer(source.shape[repeated] ?? 1) }
        : undefined;
    }
    now = source;
  }
  return undefined;
}

/** Query heads and key heads of a call; the copies of repeated key heads count once. */
export function headsOf(call: AttentionCall, trace: Trace, sequences: number): { queries: number; keys: number } {
  const key = call.eager ? call.eager.key.tensor : call.operation.call.args[1];
  const times = isTensor(key) ? (repeatOf(key, trace)?.times ?? 1) : 1;
  const rows = Math.min(sequences, call.rows);
  return { queries: call.rows / rows, keys: call.keyRows / rows / times };
}

const named = /^(n|num)_?(kv|key_value)_?heads?$|^kv_?heads$/i;

/** Where the code gives the number of key heads by a name of its own. */
export function keyHeadNumbers(code: Code, number: number): readonly { readonly span: ReturnType<Code["span"]> }[] {
  const isIt = (name: string, value: { kind: string; value?: unknown } | null | undefined) =>
    named.test(name) && value?.kind === "Int" && value.value === number;
  return code.nodes.flatMap((node) => {
    if (node.kind === "AnnAssign" && node.target.kind === "Name" && node.value && isIt(node.target.id, node.value))
      return [{ span: code.span(node.value) }];
    if (node.kind === "Call")
      return node.keywords.flatMap(({ arg, value }) => (arg && isIt(arg, value) ? [{ span: code.span(value) }] : []));
    if (node.kind !== "FunctionDef") return [];
    return node.args.flatMap(({ name, default: value }) =>
      value && isIt(name, value) ? [{ span: code.span(value) }] : [],
    );
  });
}
