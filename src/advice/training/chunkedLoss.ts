/** The edit that computes the loss chunk by chunk from the hidden states, so that the logits never exist as a whole. */
import type { Fix } from "../../cost/report.ts";
import type { FunctionDef } from "../../syntax/ast.ts";
import type { Operation } from "../../trace/trace.ts";
import { replace, statementOf } from "../code/edits.ts";
import { type CallNode, codeOf, enclosing, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { type Reason, scaffolded } from "./scaffold.ts";

/** `head` makes the logits, `loss` is their cross-entropy, `between` are the names of what lies between. */
export function chunkedEdit(
  subject: Subject,
  head: Operation,
  loss: Operation,
  between: readonly string[],
  rows: number,
): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const [made, used] = [code.callAt(head.at), code.callAt(loss.at)];
  const statement = made && statementOf(made, code);
  const own = made && enclosing(made, code, "FunctionDef");
  if (
    !made ||
    !used ||
    !own ||
    statement?.kind !== "Assign" ||
    statement.value !== made ||
    statement.targets.length !== 1
  )
    return { reason: "the layer that makes the logits is not called in a statement of its own in this file" };
  const [target] = statement.targets;
  const [given] = made.args;
  if (target?.kind !== "Name" || !given || made.args.length !== 1 || made.func.kind !== "Attribute")
    return { reason: "the layer that makes the logits is called in no way that is known" };
  if (!/^torch\.nn\.functional\.cross_entropy$/.test(code.dotted(used.func) ?? ""))
    return { reason: "the loss is no call of F.cross_entropy in this file" };
  const others = used.keywords.filter(({ arg }) => arg !== "ignore_index");
  if (used.args.length !== 2 || others.length > 0)
    return { reason: "its loss takes more than logits, targets and ignore_index" };
  if (between.some((name) => !/^aten\.(view|reshape|_unsafe_view|flatten|alias|_to_copy|_?log_softmax)$/.test(name)))
    return { reason: "the logits are shifted or changed before their loss" };
  if (usedElsewhere(own, target.id, [made, used])) return { reason: `${target.id} is used beside the loss` };
  const ignored = used.keywords.map(({ value }) => `, ignore_index=${code.text(value)}`).join("");
  const hidden = `${code.text(given)}.flatten(0, -2)`;
  const answer = code.text(used.args[1] as CallNode);
  const size = rows > 0 ? `, rows=${rows}` : "";
  return scaffolded(subject, {
    title: "Compute the loss chunk by chunk, without the logits",
    above: chunkedCode,
    edits: [
      replace(made, "None  # They are not made as a whole.", code),
      replace(
        used,
        `chunked_cross_entropy(${hidden}, ${code.text(made.func)}.weight, ${answer}${ignored}${size})`,
        code,
      ),
    ],
  });
}

/** Whether a name is read by more than these calls and what the function returns. */
function usedElsewhere(func: FunctionDef, name: string, calls: readonly CallNode[]): boolean {
  const inside = new Set(calls.flatMap((call) => within(call)));
  const returned = new Set(within(func).flatMap((one) => (one.kind === "Return" ? within(one) : [])));
  const uses = within(func).filter(
    (one) => one.kind === "Name" && one.id === name && !inside.has(one) && !returned.has(one),
  );
  // One of them is where it is bound.
  return uses.length > 1;
}

const chunkedCode = (torch: string) => `
class ChunkedCrossEntropy(${torch}.autograd.Function):
    """Logits of one chunk at a time; gradients are made on the way and kept (Liger Kernel, arXiv 2410.10989)."""

    @staticmethod
    def forward(ctx, x, weight, target, ignore_index, rows):
        to_x, to_weight = ${torch}.empty_like(x), ${torch}.zeros_like(weight)
        count = (target != ignore_index).sum()
        total = ${torch}.zeros((), device=x.device)
        for part, wanted, out in zip(x.split(rows), target.split(rows), to_x.split(rows)):
            logits = ${torch}.nn.functional.linear(part, weight).float()
            total += ${torch}.nn.functional.cross_entropy(logits, wanted, ignore_index=ignore_index, reduction="sum")
            grad = logits.softmax(-1)
            grad.scatter_add_(1, wanted.clamp(min=0)[:, None], -${torch}.ones_like(grad[:, :1]))
            grad.masked_fill_((wanted == ignore_index)[:, None], 0).div_(count)
            out.copy_(grad.to(x.dtype) @ weight.to(x.dtype))
            to_weight += grad.to(x.dtype).t() @ part
        ctx.save_for_backward(to_x, to_weight)
        return total / count

    @staticmethod
    def backward(ctx, grad):
        to_x, to_weight = ctx.saved_tensors
        return to_x * grad, to_weight * grad, None, None, None


def chunked_cross_entropy(x, weight, target, ignore_index=-100, rows=0):
    """The mean cross-entropy of x @ weight.T in chunks of so many rows; 0: in eight."""
    rows = rows or -(-len(x) // 8)
    if ${torch}.is_grad_enabled():
        return ChunkedCrossEntropy.apply(x, weight, target, ignore_index, rows)
    return ${torch}.nn.functional.cross_entropy(x @ weight.t(), target, ignore_index=ignore_index)
`;
