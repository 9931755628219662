import { showBytes, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Fix } from "../../cost/report.ts";
import type { Expression } from "../../syntax/ast.ts";
import { integer } from "../../tensor/size.ts";
import { isTensor, type Storage } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { eagerIn } from "../attention/eager.ts";
import { blockOf, removed, replace, statementOf } from "../code/edits.ts";
import { flowOf, isView, trafficOf } from "../code/flow.ts";
import { type CallNode, type Code, codeOf, functionOf, gather, isIn, keyword, within } from "../code/tree.ts";
import { assignmentsOf } from "../scripts/bindings.ts";
import type { Rule, Weighed } from "./rule.ts";

/**
 * A causal mask of S × S elements that each forward pass builds anew.
 *
 * `scaled_dot_product_attention(…, is_causal=True)` needs no mask: the fused kernels skip what lies behind it. Where a mask is
 * needed, a buffer that is built once serves all passes.
 */
const causalMaskBuilt: Rule = {
  id: "causal-mask-built",
  price: "none where queries and keys are equally many: with a KV cache is_causal would be another mask.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const flow = flowOf(model.inference, model.figures);
    const byCall = new Map<CallNode, Operation[]>();
    for (const operation of flow.operations) {
      const call = isTriangle(operation) ? code.callAt(operation.at) : undefined;
      if (call) gather(byCall, call, operation);
    }
    const written = new Set(eagerIn(model.inference).flatMap(({ gone }) => [...gone]));
    for (const [call, built] of byCall) {
      const [first] = built;
      const size = integer(first?.outputs[0]?.shape.at(-1) ?? 0);
      const bytes = built.reduce(
        (sum, { made }) => sum + made.reduce((own, one) => own + (known(one.bytes) ?? 0), 0),
        0,
      );
      const reads = readersThrough(built, model);
      // Attention that writes its scores out is told of as a whole, its mask included.
      if (reads.some((one) => written.has(one))) continue;
      const shaping = reads.filter(isShaping).reduce((sum, operation) => sum + trafficOf(operation), 0);
      const building = built.reduce((sum, operation) => sum + trafficOf(operation), shaping);
      const traffic = building + (reads.length * bytes) / built.length;
      const attended = reads.filter(({ name }) => name === "aten.scaled_dot_product_attention");
      const isAttention = attended.length > 0;
      yield {
        severity: traffic > 0.05 * flow.trafficBytes ? "information" : "hint",
        at: code.place(call),
        what: `The ${size} × ${size} causal mask is built ${built.length === 1 ? "in each forward pass" : `${built.length} times in each forward pass`}: ${showBytes(bytes, "GB")}.`,
        why: isAttention
          ? `Fused attention does without it: is_causal=True skips what lies behind the diagonal, half of the products, while a mask is read by all of them.`
          : `Building it is ${showShare(building, flow.trafficBytes)} of the pass's memory traffic. As a buffer it is built once.`,
        fixes: isAttention ? causal(call, attended, model, code) : [],
      };
    }
  },
};
export default causalMaskBuilt;

/** A triangle of ones or of -inf over two equal axes, that no constant replaces. */
function isTriangle({ name, outputs, call }: Operation): boolean {
  if (name !== "aten.tril" && name !== "aten.triu") return false;
  const shape = outputs[0]?.shape ?? [];
  const [rows, columns] = shape.slice(-2);
  const [source] = call.args;
  const isFilled =
    isTensor(source) && source.storage.role !== "parameter" && source.storage.role !== "buffer" && !source.requiresGrad;
  return isFilled && shape.length >= 2 && integer(rows ?? 0) === integer(columns ?? 1) && integer(rows ?? 0) > 8;
}

/** Operations that read a mask, or what is made of it alone. */
function readersThrough(built: readonly Operation[], { inference, figures }: Weighed): Operation[] {
  const flow = flowOf(inference, figures);
  const found = new Set<Operation>();
  const seen = new Set<Storage>();
  const visit = (storage: Storage) => {
    if (seen.has(storage)) return;
    seen.add(storage);
    for (const reader of flow.readers(storage)) {
      if (!isView(reader)) found.add(reader);
      if (isView(reader) || isShaping(reader)) for (const { storage: next } of reader.outputs) visit(next);
    }
  };
  for (const { outputs } of built) for (const { storage } of outputs) visit(storage);
  return [...found];
}

const isShaping = ({ name }: Operation) =>
  /^aten\.(_to_copy|eq|ne|logical_not|bitwise_not|masked_fill|clone|contiguous|expand)/.test(name);

/** `is_causal=True` in the place of the mask, and the mask's statements gone, where nothing else reads them. */
function causal(triangle: CallNode, attended: readonly Operation[], _model: Weighed, code: Code): Fix[] {
  const calls = [...new Set(attended.map((operation) => code.callAt(operation.at)))];
  const [call] = calls;
  if (calls.length !== 1 || !call || attended.some(({ call: { args } }) => !isSquare(args))) return [];
  const given = keyword(call, "attn_mask");
  const func = functionOf(call, code);
  if (given?.value.kind !== "Name" || !func || keyword(call, "is_causal")) return [];
  const { value: name } = given;
  const assigned = assignmentsOf(name.id, func.body);
  const reads = within(func).filter((node) => node.kind === "Name" && node.id === name.id);
  const [made] = assigned;
  const isPlain = assigned.length === 1 && made?.kind === "Assign" && reads.length === 2 && isIn(triangle, made, code);
  if (!isPlain || !isLower(triangle, made.value, code)) return [];
  const away = removed(made, blockOf(statementOf(made, code), code), code);
  const start = code.span(given.value);
  const before = (code.lines[start.line] ?? "").slice(0, start.column).search(/attn_mask\s*=\s*$/);
  if (!away || before < 0) return [];
  const edit = replace(given.value, "is_causal=True", code);
  return [
    { title: "Use is_causal=True", edits: [away, { ...edit, span: { ...edit.span, column: before } }], exact: true },
  ];
}

function isSquare(args: readonly unknown[]): boolean {
  const [query, key] = args;
  return isTensor(query) && isTensor(key) && integer(query.shape.at(-2) ?? 0) === integer(key.shape.at(-2) ?? 1);
}

/** `torch.tril(torch.ones(…))` as booleans: what may be seen. */
function isLower(triangle: CallNode, value: Expression, code: Code): boolean {
  const text = code.text(value).replaceAll(/\s/g, "");
  const isOnes = /ones\(/.test(text) && /bool/.test(text) && /tril\(|\.tril\(/.test(text);
  return (
    isOnes && !/diagonal|~|logical_not|==|\*/.test(text) && triangle.args.length <= 1 && triangle.keywords.length === 0
  );
}
