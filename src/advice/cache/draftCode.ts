/** The draft model of SpecKV and SpecPC as code (arXiv:2506.08373), for a model whose family has no small one. */

export interface DraftShape {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** All parameters of `Draft`: its head is the embedding. */
export function draftParams({ vocabulary, width, layers }: DraftShape): number {
  return vocabulary * width + layers * (12 * width ** 2 + 13 * width) + 2 * width;
}

/** The module with what SpecKV or SpecPC asks of it; \`torch\` is how the file calls it. */
export function draftCode(torch: string, asks: "ahead" | "chosen"): string {
  return `
class DraftLayer(${torch}.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = ${torch}.nn.LayerNorm(width), ${torch}.nn.LayerNorm(width)
        self.qkv, self.out = ${torch}.nn.Linear(width, 3 * width), ${torch}.nn.Linear(width, width)
        self.up, self.down = ${torch}.nn.Linear(width, 4 * width), ${torch}.nn.Linear(4 * width, width)

    def forward(self, x, past=None):
        """Also gives its queries, and keys and values to go on from."""
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        if past is not None:
            k, v = ${torch}.cat([past[0], k], dim=2), ${torch}.cat([past[1], v], dim=2)
        y = ${torch}.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=past is None)
        x = x + self.out(y.transpose(1, 2).flatten(2))
        return x + self.down(${torch}.nn.functional.gelu(self.up(self.norm2(x)))), q, (k, v)


class Draft(${torch}.nn.Module):
    """A small decoder that reads the prompt first (arXiv:2506.08373); train it on what the large model writes."""

    def __init__(self, vocabulary, width, depth, heads):
        super().__init__()
        self.embed = ${torch}.nn.Embedding(vocabulary, width)
        self.layers = ${torch}.nn.ModuleList([DraftLayer(width, heads) for _ in range(depth)])
        self.norm = ${torch}.nn.LayerNorm(width)

    @${torch}.no_grad()
${asks === "ahead" ? aheadCode(torch) : chosenCode(torch)}`;
}

const aheadCode = (torch: string) => `    def ahead(self, ids, count):
        """The prompt [B, S] with \`count\` tokens guessed behind it."""
        caches, token = [None] * len(self.layers), ids
        for _ in range(count):
            x = self.embed(token)
            for i, layer in enumerate(self.layers):
                x, _, caches[i] = layer(x, caches[i])
            token = ${torch}.nn.functional.linear(self.norm(x[:, -1:]), self.embed.weight).argmax(-1)
            ids = ${torch}.cat([ids, token], dim=1)
        return ids
`;

const chosenCode = (torch: string) => `    def chosen(self, ids, capacity, window=64, pool=33):
        """The \`capacity\` tokens of a prompt [B, S] that its last ones attend to, in their order."""
        x, best = self.embed(ids), None
        late = ${torch}.arange(1, window + 1, device=ids.device)[:, None] / window
        for layer in self.layers:
            x, query, (key, _) = layer(x)
            scores = query[:, :, -window:] @ key.transpose(-2, -1) * query.size(-1) ** -0.5
            scores = (scores.softmax(-1) * late).sum(2).amax(1)
            best = scores if best is None else ${torch}.maximum(best, scores)
        best = ${torch}.nn.functional.max_pool1d(best[:, None, :-window], pool, 1, pool // 2)[:, 0]
        kept = best.topk(capacity - window, dim=-1).indices.sort(-1).values
        return ${torch}.cat([ids.gather(1, kept), ids[:, -window:]], dim=1)
`;

/** SpecKV's choice of the keys and values of a prompt. */
export function keptCode(torch: string, capacity: number, lookahead: number): string {
  return `
def kept_prompt(query, key, value, window=32, kernel=7):
    """${capacity} keys and values of a prompt that its last tokens and ${lookahead} drafted ones attend to (SpecKV, arXiv:2506.08373)."""
    prompt = key.size(2) - ${lookahead}
    if query.size(2) == 1 or prompt <= ${capacity}:
        return key, value
    old, recent = key[:, :, : prompt - window], slice(prompt - window, prompt)
    looking = query[:, :, prompt - window :].unflatten(1, (key.size(1), -1)).flatten(2, 3)
    scores = (looking @ old.transpose(-2, -1) * query.size(-1) ** -0.5).softmax(-1).amax(2)
    scores = ${torch}.nn.functional.max_pool1d(scores, kernel, 1, kernel // 2)
    kept = scores.topk(${capacity} - window, dim=-1).indices.sort(-1).values[..., None]
    return tuple(
        ${torch}.cat([one.gather(2, kept.expand(-1, -1, -1, one.size(-1))), one[:, :, recent]], dim=2)
        for one in (key, value)
    )
`;
}
