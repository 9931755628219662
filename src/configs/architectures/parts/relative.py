"""T5's attention."""
import math

import torch
from torch import nn

from .attention import attend, split_heads
from .cache import keep, keep_crossed
from .masks import is_eager


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
            found += (distance > 0).to(torch.long) * count
            distance = torch.abs(distance)
        else:
            distance = -torch.min(distance, torch.zeros_like(distance))
        exact = count // 2
        near = distance < exact
        span = math.log(self.config.relative_attention_max_distance / exact)
        far = exact + (torch.log(distance.float() / exact) / span * (count - exact)).to(torch.long)
        far = torch.min(far, torch.full_like(far, count - 1))
        found += torch.where(near, distance, far)
        return found

    def sources(self, x):
        return split_heads(self.k(x), self.config.d_kv), split_heads(self.v(x), self.config.d_kv)

    def bias(self, query, keys, past):
        """What is added to the scores, `[1, heads, queries, keys]`."""
        length = query.shape[2]
        if not self.biased:
            return torch.zeros((1, self.config.num_heads, length, keys), device=query.device, dtype=query.dtype)
        rows = torch.arange(length, dtype=torch.long, device=query.device)[:, None] + past
        columns = torch.arange(keys, dtype=torch.long, device=query.device)[None, :]
        values = self.relative_attention_bias(self.buckets(columns - rows))
        values = values.permute([2, 0, 1]).unsqueeze(0)
        return values

    def forward(self, x, mask=None, memory=None, bias=None, cache=None):
        past = 0 if cache is None else cache.length(self.layer)
        query = split_heads(self.q(x), self.config.d_kv)
        if self.cross:
            key, value = keep_crossed(lambda: self.sources(memory), cache, self.layer)
        else:
            key, value = self.sources(x if memory is None else memory)
        if self.decodes and not self.cross:
            key, value = keep(key, value, cache, self.layer)
        if bias is None:
            bias = self.bias(query, key.shape[-2], past)
        dropout = self.config.dropout_rate if self.training else 0.0
        if is_eager(self.config):
            out, weights = self.written(query, key, value, bias, mask, dropout)
        else:
            out, weights = attend(query, key, value, self.shift(query, key, bias, mask), scale=1.0, dropout=dropout)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.o(out)
        return out, bias, weights

    def shift(self, query, key, bias, mask):
        """The bias with what must not be looked at in it."""
        lowest = torch.finfo(key.dtype).min
        if mask is not None:
            return torch.where(mask, bias, lowest)
        if not self.decodes or self.cross or query.shape[2] == 1:
            return bias
        queries, keys = query.shape[2], key.shape[2]
        seen = torch.arange(queries, device=key.device)[:, None] >= torch.arange(keys, device=key.device)[None, :]
        return torch.where(seen.view(1, 1, queries, keys), bias, lowest)

    def written(self, query, key, value, bias, mask, dropout):
        weights = torch.matmul(query, key.transpose(2, 3)) * 1.0
        weights = weights + bias
        if mask is not None:
            weights = weights + mask
        weights = nn.functional.softmax(weights, dim=-1)
        weights = nn.functional.dropout(weights, p=dropout, training=self.training)
        out = torch.matmul(weights, value)
        out = out.transpose(1, 2).contiguous()
        return out, weights
