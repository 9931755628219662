import { showBytes, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Fix } from "../../cost/report.ts";
import { attentionBackend } from "../../ops/shared/attentionBackend.ts";
import type { Statement } from "../../syntax/ast.ts";
import { integer } from "../../tensor/size.ts";
import { elements, isTensor, type Storage, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { blockOf, removed, statementOf, withKeyword } from "../code/edits.ts";
import { flowOf, isView, trafficOf } from "../code/flow.ts";
import { type CallNode, type Code, codeOf, functionOf, gather, method, receiver } from "../code/tree.ts";
import { assignmentsOf } from "../scripts/bindings.ts";
import type { Rule, Weighed } from "./rule.ts";

/**
 * Keys and values of grouped-query attention that are repeated in memory for each query head (`repeat_kv`) before
 * `scaled_dot_product_attention`.
 *
 * The fused kernels read one key head for several query heads when they are told `enable_gqa=True` (PyTorch 2.5 and later): the
 * copies are neither written nor kept for backward. Where no fused kernel takes the grouped heads (32-bit types), nothing is won
 * and nothing is said.
 */
const repeatedKeys: Rule = {
  id: "repeated-keys",
  price: "needs PyTorch 2.5 or later.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const byCall = new Map<CallNode, { operation: Operation; copies: Copy[] }[]>();
    const flow = flowOf(model.inference, model.figures);
    const makers = new Map<Storage, Operation>();
    for (const operation of flow.operations) {
      for (const storage of operation.made) makers.set(storage, operation);
      if (operation.name !== "aten.scaled_dot_product_attention") continue;
      const call = code.callAt(operation.at);
      const copies = copiesIn(operation, makers);
      if (call && copies) gather(byCall, call, { operation, copies });
    }
    for (const [call, uses] of byCall) yield fault(call, uses, model, code);
  },
};
export default repeatedKeys;

interface Copy {
  readonly maker: Operation;
  readonly bytes: number;
  readonly times: number;
  /** In the order in which the kernel shares heads: each head's copies beside each other. */
  readonly isInterleaved: boolean;
}

/** The copies that an attention reads as keys and values; nothing where it would not be faster without them. */
function copiesIn({ call }: Operation, makers: ReadonlyMap<Storage, Operation>): Copy[] | undefined {
  const [query, key, value] = call.args;
  if (!isTensor(query) || !isTensor(key) || !isTensor(value) || query.shape.length !== 4) return undefined;
  const copies = [key, value].map((one) => copyOf(one, makers));
  const [first, second] = copies;
  if (!first || !second || first.times !== second.times) return undefined;
  const heads = integer(key.shape[1] as number) / first.times;
  const narrow = (one: Tensor): Tensor => ({
    ...one,
    shape: [one.shape[0] as number, heads, ...one.shape.slice(2)],
    strides: null,
  });
  const kernel = attentionBackend({
    query,
    key: narrow(key),
    value: narrow(value),
    mask: isTensor(call.args[3]) ? call.args[3] : null,
    dropout: 0,
    causal: call.args[5] === true,
    grouped: true,
  });
  return kernel === "math" || !Number.isInteger(heads) ? undefined : [first, second];
}

function copyOf(tensor: Tensor, makers: ReadonlyMap<Storage, Operation>): Copy | undefined {
  const maker = makers.get(tensor.storage);
  const source = maker?.call.args.find(isTensor);
  const bytes = known(tensor.storage.bytes);
  if (!maker || !source || isView(maker) || bytes === undefined) return undefined;
  if (maker.name === "aten.repeat_interleave" || maker.name === "aten.repeat") {
    const times = (known(elements(tensor.shape)) ?? 0) / (known(elements(source.shape)) ?? 1);
    return times > 1 ? { maker, bytes, times, isInterleaved: maker.name !== "aten.repeat" } : undefined;
  }
  if (!/^aten\.(reshape|clone|contiguous|flatten)$/.test(maker.name)) return undefined;
  const strides = stridesOf(source);
  const axis = source.shape.findIndex((size, i) => strides[i] === 0 && integer(size) > 1);
  if (axis < 1 || source.shape.length !== 5) return undefined;
  return { maker, bytes, times: integer(source.shape[axis] as number), isInterleaved: (strides[axis - 1] ?? 0) > 0 };
}

function fault(
  call: CallNode,
  uses: readonly { operation: Operation; copies: readonly Copy[] }[],
  model: Weighed,
  code: Code,
) {
  const flow = flowOf(model.inference, model.figures);
  const copies = uses.flatMap((use) => use.copies);
  const bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0);
  const traffic = copies.reduce((sum, { maker, bytes: own }) => sum + trafficOf(maker) + own, 0);
  const { times } = copies[0] as Copy;
  return {
    severity: traffic > 0.05 * flow.trafficBytes ? ("information" as const) : ("hint" as const),
    at: code.place(call),
    what: `Keys and values are written out ${times} times over, ${showBytes(bytes / uses.length, "GB")} ${uses.length === 1 ? "here" : `in each of ${uses.length} calls`}.`,
    why: `Writing and reading the copies is ${showShare(traffic, flow.trafficBytes)} of the forward pass's memory traffic. With enable_gqa=True the kernel reads each key head for its ${times} query heads.`,
    fixes: copies.every(({ isInterleaved }) => isInterleaved) ? grouped(call, copies, code) : [],
  };
}

/** The call with `enable_gqa=True`, and without the two statements that repeat what it reads. */
function grouped(call: CallNode, copies: readonly Copy[], code: Code): Fix[] {
  const func = functionOf(call, code);
  const repeats = [1, 2].map((position) => func && repeatOf(call, position, func.body, copies, code));
  const edits = repeats.map((statement) => statement && removed(statement, blockOf(statement, code), code));
  const [key, value] = edits;
  if (!key || !value || key.text === "pass" || value.text === "pass" || repeats[0] === repeats[1]) return [];
  return [
    {
      title: "Share key heads with enable_gqa=True",
      edits: [key, value, withKeyword(call, "enable_gqa", "True", code)],
    },
  ];
}

/** `k = repeat_kv(k, n)` or `k = k.repeat_interleave(n, dim=1)`, for the name that the attention is given. */
function repeatOf(
  call: CallNode,
  position: number,
  body: readonly Statement[],
  copies: readonly Copy[],
  code: Code,
): Statement | undefined {
  const given =
    call.args[position] ?? call.keywords.find(({ arg }) => arg === ["query", "key", "value"][position])?.value;
  if (given?.kind !== "Name") return undefined;
  return assignmentsOf(given.id, body).find((one) => {
    if (
      one.kind !== "Assign" ||
      one.targets.length !== 1 ||
      one.targets[0]?.kind !== "Name" ||
      one.value.kind !== "Call"
    )
      return false;
    const { value } = one;
    const on = method(value) === "repeat_interleave" && !code.dotted(value.func) ? receiver(value) : value.args[0];
    if (on?.kind !== "Name" || on.id !== given.id || !isAlone(one, code)) return false;
    return copies.some(({ maker }) => runsIn(maker, value, code));
  });
}

const isAlone = (statement: Statement, code: Code) =>
  statementOf(statement, code) === statement && code.parent(statement)?.kind === "FunctionDef";

/** Whether an operation ran for a call: at it, or in the function of this file that it calls. */
function runsIn({ at }: Operation, call: CallNode, code: Code): boolean {
  if (at?.path !== code.path) return false;
  const span = code.span(call);
  if (at.line >= span.line && at.endLine <= span.endLine) return true;
  const name = call.func.kind === "Name" ? call.func.id : call.func.kind === "Attribute" ? call.func.attr : "";
  const func = code.nodes.find((node) => node.kind === "FunctionDef" && node.name === name);
  return func !== undefined && at.line >= code.span(func).line && at.endLine <= code.span(func).endLine;
}
