"""T5's attention."""
import math

import torch
from torch import nn

from .attention import attend, causal_mask, split_heads
from .cache import keep


class RelativeAttention(nn.Module):
    """Scores that learned biases shift by how far apart two tokens are."""

    def __init__(self, config, decodes, biased=False, layer=0, cross=False):
        super().__init__()
        self.config, self.decodes, self.layer, self.cross = config, decodes, layer, cross
        inner = config.num_heads * config.d_kv
        self.q = nn.Linear(config.d_model, inner, bias=False)
        self.k = nn.Linear(config.d_model, inner, bias=False)
        self.v = nn.Linear(config.d_model, inner, bias=False)
        self.o = nn.Linear(inner, config.d_model, bias=False)
        self.biased = biased
        if biased:
            self.relative_attention_bias = nn.Embedding(config.relative_attention_num_buckets, config.num_heads)

    def buckets(self, distance):
        """Distances as buckets, exact for near ones and logarithmic for far ones."""
        count, found = self.config.relative_attention_num_buckets, 0
        if not self.decodes:
            count //= 2
            found = (distance > 0).to(torch.long) * count
            distance = torch.abs(distance)
        else:
            distance = -torch.min(distance, torch.zeros_like(distance))
        exact = count // 2
        span = math.log(self.config.relative_attention_max_distance / exact)
        far = exact + (torch.log(distance.float() / exact) / span * (count - exact)).to(torch.long)
        far = torch.min(far, torch.full_like(far, count - 1))
        return found + torch.where(distance < exact, distance, far)

    def bias(self, query, keys):
        """What is added to the scores, `[1, heads, queries, keys]`."""
        length = query.shape[2]
        if not self.biased:
            return torch.zeros((1, self.config.num_heads, length, keys), device=query.device, dtype=query.dtype)
        rows = torch.arange(length, dtype=torch.long, device=query.device)[:, None] + (keys - length)
        columns = torch.arange(keys, dtype=torch.long, device=query.device)[None, :]
        return self.relative_attention_bias(self.buckets(columns - rows)).permute([2, 0, 1]).unsqueeze(0)

    def forward(self, x, mask=None, memory=None, bias=None, cache=None):
        source = x if memory is None else memory
        query, key, value = (split_heads(proj(one), self.config.d_kv) for proj, one in ((self.q, x), (self.k, source), (self.v, source)))
        if self.decodes and not self.cross:
            key, value = keep(key, value, cache, self.layer)
        if bias is None:
            bias = self.bias(query, key.shape[-2])
        shift = bias
        if mask is None and self.decodes and not self.cross and query.shape[2] > 1:
            mask = causal_mask(query, query.shape[2], key.shape[2])
        if mask is not None:
            shift = torch.where(mask, bias, torch.finfo(key.dtype).min)
        dropout = self.config.dropout_rate if self.training else 0.0
        out = attend(query, key, value, shift, scale=1.0, dropout=dropout, eager=self.config.attn_implementation == "eager")
        return self.o(out.reshape(*x.shape[:-1], -1)), bias
