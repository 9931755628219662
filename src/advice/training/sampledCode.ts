/** The code of linear layers that estimate their weight's gradient from a part of the rows, and the edit that builds them. */
import type { Fix } from "../../cost/report.ts";
import { replace } from "../code/edits.ts";
import { codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { constructions } from "../weights/modules.ts";
import { type Reason, scaffolded } from "./scaffold.ts";

/** `nn.Linear(…)` of these layers as `SampledLinear(…)`, defined over the file's classes. */
export function sampledEdit(subject: Subject, paths: ReadonlySet<string>, ratio: number): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const calls = constructions(subject, paths).filter((call) => code.dotted(call.func) === "torch.nn.Linear");
  if (calls.length === 0)
    return { reason: "the layers are built by another class or file, or by a call that builds others too" };
  return scaffolded(subject, {
    title: `Estimate the weights' gradients from ${Math.round(100 * ratio)} % of the rows`,
    above: (torch) => sampledCode(torch, ratio),
    edits: calls.map((call) => replace(call.func, "SampledLinear", code)),
  });
}

/** The largest rows are kept as they are; draws of the others are weighted by what is left, shared out among them. */
const sampledCode = (torch: string, ratio: number) => `
def sampled_rows(x, count):
    """Rows for an unbiased sum, and their weights: the largest as they are, others drawn by their norms."""
    p, order = (${torch}.linalg.vector_norm(x, dim=1, dtype=${torch}.float32) + 1e-12).sort(descending=True)
    p = p / p.sum()
    place = ${torch}.arange(len(x), device=x.device)
    rest = 1 - p.cumsum(0) + p
    share, sure = (rest[:count] / (count - place[:count])).min(0)
    drawn = ${torch}.multinomial(p * (place >= sure), count, replacement=True)
    at = ${torch}.where(place[:count] < sure, place[:count], drawn)
    weight = (share / p[at]).masked_fill(place[:count] < sure, 1)
    return order[at], weight.to(x.dtype)


class SampledProduct(${torch}.autograd.Function):
    """The weight's gradient is estimated from a part of the rows (WTA-CRS, arXiv 2305.15265); the rest is exact."""

    @staticmethod
    def forward(ctx, x, weight, bias, ratio):
        rows = x.flatten(0, -2)
        index, scale = sampled_rows(rows, max(1, int(ratio * len(rows))))
        ctx.save_for_backward(rows[index] * scale[:, None], index, weight)
        return ${torch}.nn.functional.linear(x, weight, bias)

    @staticmethod
    def backward(ctx, grad):
        rows, index, weight = ctx.saved_tensors
        flat = grad.flatten(0, -2)
        to_x = grad @ weight.to(grad.dtype) if ctx.needs_input_grad[0] else None
        to_bias = flat.sum(0) if ctx.needs_input_grad[2] else None
        return to_x, flat[index].t() @ rows.to(grad.dtype), to_bias, None


class SampledLinear(${torch}.nn.Linear):
    def forward(self, x):
        if not (self.training and ${torch}.is_grad_enabled()):
            return super().forward(x)
        return SampledProduct.apply(x, self.weight, self.bias, ${ratio})
`;
