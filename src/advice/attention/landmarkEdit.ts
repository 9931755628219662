/** Landmark attention as code (arXiv:2305.16300): landmark tokens, the grouped softmax, and retrieval for single queries. */
import type { Fix } from "../../cost/report.ts";
import { integers } from "../../tensor/size.ts";
import type { Operation } from "../../trace/trace.ts";
import { before, replace } from "../code/edits.ts";
import { constructionOf, layersOf } from "../code/flow.ts";
import { codeOf, functionOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { linearUses } from "../training/linears.ts";
import { type Reason, scaffolded } from "../training/scaffold.ts";
import type { Blocks } from "./landmarks.ts";
import { ownCoreEdit } from "./ownCore.ts";
import type { CallSite } from "./sites.ts";

export function landmarkEdit(subject: Subject, sites: readonly CallSite[], blocks: Blocks): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const { tree } = subject.figures;
  const embedding = subject.inference.events.find(
    (event): event is Operation => event.kind === "operation" && event.name === "aten.embedding",
  );
  const embed = code.callAt(embedding?.at);
  const func = embed && functionOf(embed, code);
  const [ids] = embed?.args ?? [];
  const [first] = func?.body ?? [];
  const table = embedding?.inputs[0];
  const layer = layersOf(tree).find(({ parameters }) =>
    parameters.some(({ tensor }) => tensor.storage === table?.storage),
  );
  const made = layer && constructionOf(layer, code);
  const [count] = made?.args ?? [];
  const use = linearUses(subject.inference, tree).at(-1);
  const head = code.callAt(use?.operation.at);
  const [states] = head?.args ?? [];
  const [vocabulary] = integers(table?.shape ?? []);
  if (!func || !first || ids?.kind !== "Name" || !count || !vocabulary)
    return { reason: "the table that embeds tokens is not built and read in this file" };
  if (!func.args.some(({ name }) => name === "past_key_values") || !states || functionOf(states, code) !== func)
    return { reason: "no method of this file is given past_key_values and calls the head" };
  if (use?.parameter.storage === table?.storage)
    return { reason: "the head shares the table that gets a landmark's row" };
  const core = ownCoreEdit(subject, sites, {
    title: "",
    name: "landmark_attention",
    source: (torch) => attentionCode(torch, blocks),
  });
  if ("reason" in core) return core;
  const indent = " ".repeat(code.span(first).column);
  const lines = [
    `past = 0 if past_key_values is None else past_key_values[0][0].size(-2)`,
    `${indent}${ids.id}, kept = with_landmarks(${ids.id}, past, ${vocabulary})`,
  ].join("\n");
  return scaffolded(subject, {
    title: `Attend to the best ${blocks.blocks} blocks by their landmarks`,
    above: (torch) => tokensCode(torch, blocks),
    edits: [
      ...core.edits,
      before(first, lines, code),
      replace(count, `${code.text(count)} + 1`, code),
      replace(states, `${code.text(states)}[:, kept]`, code),
    ],
  });
}

const tokensCode = (torch: string, { block }: Blocks) => `
def with_landmarks(ids, past, landmark, block=${block}):
    """Tokens [B, S] with a landmark behind every \`block\` of them, and where the tokens stand among them."""
    at = ${torch}.arange(ids.size(1), device=ids.device)
    open_ = past % (block + 1)
    marked = (open_ + ids.size(1)) // block
    spread = ids.new_full((ids.size(0), ids.size(1) + marked), landmark)
    at = at + (at + open_) // block
    return spread.index_copy(1, at, ids), at
`;

const attentionCode = (torch: string, { block, blocks, local }: Blocks) => `
def landmark_attention(query, key, value, is_causal=False, enable_gqa=False, block=${block}, blocks=${blocks}, local=${local}):
    """A query meets its own block, and others as far as their landmarks are met (arXiv:2305.16300); [B, H, S, D]."""
    count, length, size = query.size(2), key.size(2), block + 1
    past = length - count
    query = query.unflatten(1, (key.size(1), -1)) * query.size(-1) ** -0.5
    if count > 2 or length <= local + blocks * size:
        return grouped_attention(query, key, value, past, size).flatten(1, 2)
    first = (length - local) // size * size
    best = (query.flatten(2, 3) @ key[:, :, block:first:size].transpose(-2, -1)).amax(2).topk(blocks, dim=-1).indices
    at = (best[..., None] * size + ${torch}.arange(size, device=key.device)).flatten(2)[..., None]
    met = [
        ${torch}.cat([one.gather(2, at.expand(-1, -1, -1, one.size(-1))), one[:, :, first:]], dim=2)
        for one in (key, value)
    ]
    return grouped_attention(query, *met, blocks * size + past - first, size).flatten(1, 2)


def grouped_attention(query, key, value, past, size):
    """Softmax over a query's own block and the landmarks of closed ones, whose tokens share what their landmark gets."""
    length = key.size(2)
    groups = -(-length // size)
    scores = query @ key[:, :, None].transpose(-2, -1)
    at, near = ${torch}.arange(past, length, device=key.device)[:, None], ${torch}.arange(length, device=key.device)
    seen = (near // size == at // size) & (near <= at)
    closed = ${torch}.arange(groups, device=key.device) < at // size
    blocks = ${torch}.nn.functional.pad(scores, (0, groups * size - length)).unflatten(-1, (groups, size))
    marks = blocks[..., -1].masked_fill(~closed, float("-inf"))
    outer = ${torch}.cat([marks, scores.masked_fill(~seen, float("-inf"))], dim=-1).softmax(-1)
    inner = blocks[..., :-1].softmax(-1) * outer[..., :groups, None]
    weights = ${torch}.nn.functional.pad(inner, (0, 1)).flatten(-2)[..., :length] + outer[..., groups:]
    return weights @ value[:, :, None]
`;
