"""DeepSeek's sparse attention: an indexer scores every token, and each query attends to the best of them."""
import torch
from torch import nn
from torch.nn import functional as F

from .attention import attend
from .cache import keep, keep_index
from .latent import LatentAttention
from .masks import is_eager
from .rotary import rotate_interleaved, rotate


class Indexer(nn.Module):
    """Picks the tokens that each query attends to, `[B, T, index_topk]`, without gradients.

    `pairs`: its rotary features turn in pairs of neighbours.
    """

    def __init__(self, config, layer, pairs):
        super().__init__()
        self.layer, self.pairs = layer, pairs
        self.heads, self.width = config.index_n_heads, config.index_head_dim
        self.turned, self.most = config.qk_rope_head_dim, config.index_topk
        self.wq_b = nn.Linear(config.q_lora_rank, self.heads * self.width, bias=False)
        self.wk = nn.Linear(config.hidden_size, self.width, bias=False)
        self.k_norm = nn.LayerNorm(self.width, eps=1e-6)
        self.weights_proj = nn.Linear(config.hidden_size, self.heads, bias=False)

    @torch.no_grad()
    def forward(self, x, squeezed, positions, mask, cache=None):
        parts = [self.turned, self.width - self.turned]
        query = self.wq_b(squeezed)
        query = query.view(*x.shape[:-1], self.heads, self.width)
        query_turned, query_plain = torch.split(query, parts, dim=-1)
        key = self.k_norm(self.wk(x)).unsqueeze(2)
        key_turned, key_plain = torch.split(key, parts, dim=-1)
        turn = rotate_interleaved if self.pairs else rotate
        query_turned, key_turned = turn(query_turned, key_turned, positions, axis=2)
        query = torch.cat([query_turned, query_plain], dim=-1)
        key = torch.cat([key_turned, key_plain], dim=-1).squeeze(2)
        key = keep_index(key, cache, self.layer)
        scores = torch.matmul(query.float(), key.transpose(-1, -2).float().unsqueeze(1)) * self.width**-0.5
        scores = F.relu(scores)
        shares = self.weights_proj(x.to(self.weights_proj.weight.dtype)).float() * self.heads**-0.5
        scores = torch.matmul(shares.unsqueeze(-2), scores).squeeze(-2)
        scores = scores.masked_fill(~mask, float("-inf")) if mask.dtype == torch.bool else scores + mask
        return scores.topk(min(self.most, scores.shape[-1]), dim=-1).indices.to(torch.int32)


class SparseLatentAttention(LatentAttention):
    """Latent attention that caches every head's keys and values, and looks at the tokens that an indexer picks.

    `pairs_index`: the indexer's rotary features turn in pairs. A layer without an indexer takes what an earlier one picked.
    """

    pairs_index = False

    def __init__(self, config, layer, indexed=True):
        super().__init__(config, layer)
        self.indexer = Indexer(config, layer, self.pairs_index) if indexed else None

    def forward(self, x, positions, mask, cache=None, picked=None):
        batch, length = x.shape[:-1]
        squeezed = self.q_a_layernorm(self.q_a_proj(x))
        query = self.q_b_proj(squeezed).view(batch, length, -1, self.plain + self.turned).transpose(1, 2)
        query_plain, query_turned = torch.split(query, [self.plain, self.turned], dim=-1)
        latent = self.kv_a_proj_with_mqa(x)
        plain, key_turned = torch.split(latent, [self.config.kv_lora_rank, self.turned], dim=-1)
        plain = self.kv_a_layernorm(plain).view(batch, 1, length, -1)
        key_turned = key_turned.view(batch, 1, length, self.turned)
        query_turned, key_turned = rotate_interleaved(query_turned, key_turned, positions)
        query = torch.cat((query_plain, query_turned), dim=-1)
        key, value = keep(*self.expanded(plain, key_turned), cache, self.layer)
        if self.indexer is not None:
            picked = self.indexer(x, squeezed, positions, mask[:, 0, :, :], cache)
        unpicked = picked.new_ones((batch, length, key.shape[2]), dtype=torch.bool)
        unpicked = unpicked.scatter(-1, picked.long(), False).unsqueeze(1)
        if mask.dtype == torch.bool:
            mask = mask & ~unpicked
        else:
            mask = mask.masked_fill(unpicked, torch.finfo(x.dtype).min)
        dropout = (self.config.attention_dropout or 0.0) if self.training else 0.0
        out, weights = attend(query, key, value, mask, False, self.scale, dropout, is_eager(self.config))
        out = out.reshape(batch, length, -1).contiguous()
        out = self.o_proj(out)
        return out, weights, picked
