"""Attention as transformers runs it: F.scaled_dot_product_attention, or products and a softmax where a config says eager."""
import torch
from torch import nn
from torch.nn import functional as F


def repeat_heads(x, times):
    """Each key head as often as query heads share it."""
    if times == 1:
        return x
    batch, heads, length, width = x.shape
    return x[:, :, None].expand(batch, heads, times, length, width).reshape(batch, heads * times, length, width)


def attend(query, key, value, mask=None, causal=False, scale=None, dropout=0.0, eager=False):
    """`[B, heads, T, width]` → `[B, T, heads, width]`."""
    groups = query.shape[1] // key.shape[1]
    if eager:
        return eager_attention(query, repeat_heads(key, groups), repeat_heads(value, groups), mask, causal, scale, dropout)
    shared = {}
    if groups > 1:
        if mask is None and key.shape[-1] == value.shape[-1] <= 256:
            shared = {"enable_gqa": True}
        else:
            key, value = repeat_heads(key, groups), repeat_heads(value, groups)
    causal = causal and mask is None and query.shape[2] > 1
    out = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout, scale=scale, is_causal=causal, **shared)
    return out.transpose(1, 2).contiguous()


def eager_attention(query, key, value, mask, causal, scale, dropout):
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    scores = torch.matmul(query, key.transpose(2, 3)) * scale
    if mask is None and causal:
        mask = causal_mask(query, query.shape[2], key.shape[2])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf")) if mask.dtype == torch.bool else scores + mask
    weights = F.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
    weights = F.dropout(weights, p=dropout, training=dropout > 0)
    return torch.matmul(weights, value).transpose(1, 2).contiguous()


def causal_mask(like, queries, keys, window=None):
    """`[1, 1, queries, keys]`: true where a query may look."""
    rows = torch.arange(queries, device=like.device)[:, None] + (keys - queries)
    columns = torch.arange(keys, device=like.device)[None, :]
    mask = columns <= rows
    if window is not None:
        mask = mask & (columns > rows - window)
    return mask[None, None]


def decoder_mask(x, padding=None, window=None, past=0):
    """The mask of a causal decoder: none where the causal flag alone says it, as transformers leaves it out."""
    if isinstance(padding, torch.Tensor) and padding.dim() == 4:
        return padding
    length = x.shape[1] + past
    if padding is None and (window is None or length < window):
        return None
    mask = causal_mask(x, x.shape[1], length, window)
    return mask if padding is None else mask & padding[:, None, None, :].bool()


def padding_mask(x, padding):
    """The mask of an encoder: none, or every query's view of the keys that are no padding."""
    if padding is None or padding.dim() == 4:
        return padding
    return padding[:, None, None, :].bool().expand(x.shape[0], 1, x.shape[1], padding.shape[1])


def split_heads(x, width):
    """`[B, T, heads · width]` → `[B, heads, T, width]`."""
    return x.view(*x.shape[:-1], -1, width).transpose(1, 2)


class RMSNorm(nn.Module):
    """Division by the root of the mean square, in float32."""

    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        dtype = x.dtype
        x = x.to(torch.float32)
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return self.weight * x.to(dtype)
