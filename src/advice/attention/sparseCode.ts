/** Longformer's and BigBird's patterns as code over the kernel that is there, and the edit that puts it in. */
import type { Fix } from "../../cost/report.ts";
import { integer } from "../../tensor/size.ts";
import { behind, type Edit, importTorch } from "../code/edits.ts";
import { methodOf } from "../code/modules.ts";
import { type Code, codeOf, functionOf, ownerOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { ownCoreEdit } from "./ownCore.ts";
import type { CallSite } from "./sites.ts";

type Reason = { readonly reason: string };

export interface SparseForm {
  readonly isLongformer: boolean;
  readonly window: number;
  readonly globals: number;
  readonly block: number;
  readonly random: number;
  /** CUDA compute capability, which the kernel depends on; undefined: not known. */
  readonly capability: number | undefined;
}

/** Attention over the pattern, and for Longformer's global tokens projections of their own. */
export function sparseEdit(subject: Subject, sites: readonly CallSite[], form: SparseForm): Fix | Reason {
  if (sites.some(({ calls }) => calls.some(({ isMasked }) => isMasked)))
    return { reason: "its mask has to be cut into chunks as the keys are, which is not written for you" };
  const { isLongformer, globals } = form;
  const code = codeOf(subject.file, subject.text);
  return ownCoreEdit(subject, sites, {
    title: `Attend in ${isLongformer ? "Longformer" : "BigBird"}'s pattern`,
    name: isLongformer ? "banded_attention" : "block_sparse_attention",
    source: (torch) => (isLongformer ? bandCode(torch, form) : blockCode(torch, form)),
    first: isLongformer && globals > 0 ? (site) => projected(subject, code, site, globals) : undefined,
  });
}

/** Projections of the global tokens in `__init__`, and what they give before the other arguments of the call. */
function projected(
  { inference }: Subject,
  code: Code,
  { at, calls: [call] }: CallSite,
  globals: number,
): { text: string; edits: readonly Edit[] } | Reason {
  const node = code.nodes.find((one) => {
    const span = code.span(one);
    return at?.path === code.path && span.line === at.line && span.column === at.column;
  });
  const func = node && functionOf(node, code);
  const owner = func && ownerOf(func, code);
  const last = owner && methodOf(owner, "__init__")?.body.at(-1);
  const given = func?.args[1]?.name;
  const input = call && inference.calls[call.operation.module]?.inputs[0];
  if (!last || !given || input?.shape.length !== 3)
    return { reason: "the layer is given no [sequences, positions, features] from which global tokens are projected" };
  const width = integer(input.shape[2] ?? 1);
  const { name } = importTorch(code);
  const made = behind(
    last,
    `self.global_query, self.global_pair = ${name}.nn.Linear(${width}, ${width}), ${name}.nn.Linear(${width}, ${2 * width})`,
    code,
  );
  if (!made) return { reason: "the end of __init__ shares its line with other code" };
  return { text: `self.global_query(${given}[:, :${globals}]), self.global_pair(${given})`, edits: [made] };
}

const bandCode = (torch: string, { window, globals }: SparseForm) => `
def banded_attention(${globals > 0 ? "global_query, global_pair, " : ""}query, key, value, dropout_p=0.0, scale=None):
    """Longformer (arXiv:2004.05150): ${window} keys around each query${globals > 0 ? `, and ${globals} global tokens` : ""}; [B, H, S, D]."""
    attend = ${torch}.nn.functional.scaled_dot_product_attention
    batch, heads, length, width = query.shape
    half, first = ${window / 2}, ${globals}
    chunks = -(-length // half)

    def chunked(one, beside):  # [B * chunks, H, half + 2 * beside, D]
        one = ${torch}.nn.functional.pad(one, (0, 0, beside, beside + chunks * half - length))
        return one.unfold(2, half + 2 * beside, half).permute(0, 2, 1, 4, 3).flatten(0, 1)

    def met_by_all(one):
        return one[:, None, :, :first].expand(-1, chunks, -1, -1, -1).flatten(0, 1)

    keys = ${torch}.cat([met_by_all(key), chunked(key, half)], dim=2)
    values = ${torch}.cat([met_by_all(value), chunked(value, half)], dim=2)
    at = ${torch}.arange(-half, 2 * half, device=query.device)
    band = (at - ${torch}.arange(half, device=query.device)[:, None]).abs() <= half
    position = ${torch}.arange(0, chunks * half, half, device=query.device)[:, None] + at
    seen = band & ((position >= first) & (position < length))[:, None]
    seen = ${torch}.nn.functional.pad(seen, (first, 0), value=True)
    seen = seen[None, :, None].expand(batch, -1, 1, -1, -1).flatten(0, 1)
    out = attend(chunked(query, 0), keys, values, attn_mask=seen, dropout_p=dropout_p, scale=scale)
    out = out.unflatten(0, (batch, chunks)).transpose(1, 2).flatten(2, 3)[:, :, :length]
${
  globals > 0
    ? `    global_query = global_query.unflatten(-1, (heads, width)).transpose(1, 2)
    global_key, global_value = global_pair.unflatten(-1, (2, heads, width)).permute(2, 0, 3, 1, 4)
    whole = attend(global_query, global_key, global_value, dropout_p=dropout_p, scale=scale)
    return ${torch}.cat([whole, out[:, :, first:]], dim=2)
`
    : `    return out
`
}`;

const blockCode = (torch: string, { block, random }: SparseForm) => `
def block_sparse_attention(query, key, value, dropout_p=0.0, scale=None):
    """BigBird (arXiv:2007.14062): three blocks of ${block} around each, the first, the last and ${random} at random; [B, H, S, D]."""
    attend = ${torch}.nn.functional.scaled_dot_product_attention
    batch, heads, length, width = query.shape
    size, count = ${block}, length // ${block}
    row = ${torch}.arange(1, count - 1)[:, None]
    always = ${torch}.cat([row * 0, row * 0 + count - 1, row - 1, row, row + 1], dim=1)
    chance = ${torch}.rand(count - 2, count, generator=${torch}.Generator().manual_seed(0))
    table = chance.scatter(1, always, 2.0).topk(${5 + random}).indices.flatten().to(query.device)

    def chosen(one):  # [B, H * (count - 2), ${5 + random} * size, D]
        one = one.reshape(batch, heads, count, size * width).index_select(2, table)
        return one.view(batch, heads * (count - 2), ${5 + random} * size, width)

    inner = query[:, :, size:-size].reshape(batch, heads * (count - 2), size, width)
    inner = attend(inner, chosen(key), chosen(value), dropout_p=dropout_p, scale=scale)
    ends = ${torch}.cat([query[:, :, :size], query[:, :, -size:]], dim=2)
    ends = attend(ends, key, value, dropout_p=dropout_p, scale=scale)
    inner = inner.reshape(batch, heads, length - 2 * size, width)
    return ${torch}.cat([ends[:, :, :size], inner, ends[:, :, size:]], dim=2)
`;
