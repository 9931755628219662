/** The Bottlenecked Transformer's processor as code, and where it goes (arXiv:2505.16950). */
import type { Fix } from "../../cost/report.ts";
import { integers } from "../../tensor/size.ts";
import { before, behind, type Edit, replace, statementOf } from "../code/edits.ts";
import { methodOf } from "../code/modules.ts";
import { type Code, codeOf, keyword, ownerOf } from "../code/tree.ts";
import { loopAround } from "../scripts/training.ts";
import type { Subject } from "../subject.ts";
import { type Reason, scaffolded } from "../training/scaffold.ts";
import { cacheSites } from "./cacheSites.ts";

export interface ProcessorForm {
  readonly width: number;
  readonly hidden: number;
  readonly isGated: boolean;
  readonly recalled: number;
  readonly recent: number;
}

/** A processor in each layer that caches, and the loop that says when a reasoning step has ended. */
export function processorEdit(subject: Subject, form: ProcessorForm): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const sites = cacheSites(subject);
  const [, heads = 1, , width = 1] = integers(subject.kvCaches[0]?.[0]?.shape ?? []);
  const edits = sites.flatMap(({ func, pair, query, key, value }): Edit[] => {
    const last = ownerOf(func, code) && methodOf(ownerOf(func, code) as never, "__init__")?.body.at(-1);
    const made = last && behind(last, `self.processor = CacheProcessor(${heads}, ${width})`, code);
    return made ? [made, replace(pair, `self.processor(${query}, ${key}, ${value})`, code)] : [];
  });
  if (edits.length === 0)
    return { reason: "no method of this file hands on the keys and values of its attention by their names" };
  return scaffolded(subject, {
    title: "Rewrite the cache at the end of each reasoning step",
    above: (torch) => processorCode(torch, form),
    edits: [...edits, ...stepEnds(code)],
  });
}

/** Before each call in a decode loop the processors are told whether its token ends a reasoning step. */
function stepEnds(code: Code): readonly Edit[] {
  return code.calls.flatMap((call): Edit[] => {
    const [token] = call.args;
    if (!token || !keyword(call, "past_key_values") || !loopAround(call, code)) return [];
    if (call.func.kind !== "Name" && call.func.kind !== "Attribute") return [];
    const statement = statementOf(call, code);
    const indent = " ".repeat(code.span(statement).column);
    const lines = [
      `for part in ${code.text(call.func)}.modules():`,
      `${indent}    if isinstance(part, CacheProcessor):`,
      `${indent}        part.ended = bool((${code.text(token)} == NEWLINE).all())`,
    ];
    return [before(statement, lines.join("\n"), code)];
  });
}

const processorCode = (torch: string, { width, hidden, isGated, recalled, recent }: ProcessorForm) => `
NEWLINE = 198  # the tokenizer's number of "\\n"


class CacheProcessor(${torch}.nn.Module):
    """Rewrites keys and values of a reasoning step and of those it attended to (arXiv:2505.16950); to be trained."""

    def __init__(self, heads, size, width=${width}, hidden=${hidden}, recalled=${recalled}, recent=${recent}):
        super().__init__()
        linear = ${torch}.nn.Linear
        self.into, self.back = linear(2 * heads * size, width, bias=False), linear(width, 2 * heads * size, bias=False)
        self.qkv, self.out = linear(width, 3 * width, bias=False), linear(width, width, bias=False)
        self.up, self.down = linear(width, ${isGated ? "2 * " : ""}hidden, bias=False), linear(hidden, width, bias=False)
        self.norm1, self.norm2 = ${torch}.nn.LayerNorm(width), ${torch}.nn.LayerNorm(width)
        self.amount = ${torch}.nn.Parameter(${torch}.tensor(-4.0))
        self.recalled, self.recent, self.queries, self.ended = recalled, recent, [], False

    def forward(self, query, key, value):
        self.queries = [*self.queries, query[:, :, -self.recent :]][-self.recent :]
        if not self.ended:
            return key, value
        asked = ${torch}.cat(self.queries, dim=2)[:, :, -self.recent :]
        self.queries, step = [], asked.size(2)
        grouped = asked.unflatten(1, (key.size(1), -1)).flatten(2, 3)
        mass = (grouped @ key.transpose(-2, -1) * key.size(-1) ** -0.5).softmax(-1).mean((1, 2))[:, :-step]
        older = mass.topk(min(self.recalled, mass.size(-1)), dim=-1).indices
        now = ${torch}.arange(key.size(2) - step, key.size(2), device=key.device).expand(key.size(0), -1)
        at = ${torch}.cat([older, now], dim=1)[:, None, :, None].expand(-1, key.size(1), -1, key.size(-1))
        x = ${torch}.cat([key.gather(2, at), value.gather(2, at)], dim=1).transpose(1, 2).flatten(2)
        change = self.back(self.block(self.into(x))).unflatten(-1, (2, key.size(1), -1)).permute(2, 0, 3, 1, 4)
        change = self.amount.sigmoid() * change
        return key.scatter_add(2, at, change[0]), value.scatter_add(2, at, change[1])

    def block(self, x):
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, 16, -1)).permute(2, 0, 3, 1, 4)
        y = ${torch}.nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + self.out(y.transpose(1, 2).flatten(2))
${
  isGated
    ? `        gate, up = self.up(self.norm2(x)).chunk(2, dim=-1)
        return x + self.down(${torch}.nn.functional.silu(gate) * up)`
    : `        return x + self.down(${torch}.nn.functional.gelu(self.up(self.norm2(x))))`
}
`;
