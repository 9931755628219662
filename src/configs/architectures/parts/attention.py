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


def attend(query, key, value, mask=None, causal=False, scale=None, dropout=0.0, eager=False, wide=True, cap=None):
    """`[B, heads, T, width]` → `[B, T, heads, width]`, and the weights, which only eager attention has."""
    groups = query.shape[1] // key.shape[1]
    if eager:
        return eager_attention(query, key, value, groups, mask, scale, dropout, wide, cap)
    shared = {}
    if groups > 1:
        if mask is None and key.shape[-1] == value.shape[-1] <= 256:
            shared = {"enable_gqa": True}
        else:
            key, value = repeat_heads(key, groups), repeat_heads(value, groups)
    length = query.shape[2]
    causal = causal and mask is None and length > 1
    if causal and key.shape[2] > length:
        key, value = key[:, :, :length], value[:, :, :length]
    out = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout, scale=scale, is_causal=causal, **shared)
    out = out.transpose(1, 2).contiguous()
    return out, None


def eager_attention(query, key, value, groups, mask, scale, dropout, wide, cap=None):
    """Products and a softmax: in float32 where `wide`, brought to the values' type where that is None.

    A mask is added to the scores, `cap` bounds them by tanh.
    """
    keys, values = repeat_heads(key, groups), repeat_heads(value, groups)
    weights = torch.matmul(query, keys.transpose(2, 3)) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if cap is not None:
        weights = weights / cap
        weights = torch.tanh(weights)
        weights = weights * cap
    if mask is not None:
        weights = weights + mask
    if wide:
        weights = F.softmax(weights, dim=-1, dtype=torch.float32).to(query.dtype)
    else:
        weights = F.softmax(weights, dim=-1)
        if wide is None:
            weights = weights.to(value.dtype)
    weights = F.dropout(weights, p=dropout, training=dropout > 0)
    out = torch.matmul(weights, values)
    out = out.transpose(1, 2).contiguous()
    return out, weights


def sink_attention(query, key, value, mask, sinks, scale, dropout, training):
    """Attention with a learned score for each head that takes its share of the softmax and gives nothing.

    Scores are written out: the sink stands beside them, and no fused kernel of PyTorch knows it.
    """
    groups = query.shape[1] // key.shape[1]
    key, value = repeat_heads(key, groups), repeat_heads(value, groups)
    scores = torch.matmul(query, key.transpose(2, 3)) * scale
    if mask is not None:
        scores = scores + mask
    sinks = sinks.reshape(1, -1, 1, 1).expand(query.shape[0], -1, query.shape[-2], -1)
    scores = torch.cat([scores, sinks], dim=-1)
    scores = scores - scores.max(dim=-1, keepdim=True).values
    weights = F.softmax(scores, dim=-1, dtype=scores.dtype)[..., :-1]
    weights = F.dropout(weights, p=dropout, training=training)
    weights = weights.to(value.dtype)
    out = torch.matmul(weights, value)
    return out.transpose(1, 2).contiguous(), weights


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
        variance = x.pow(2).mean(-1, keepdim=True)
        x = x * torch.rsqrt(variance + self.eps)
        return self.weighed(x, dtype)

    def weighed(self, x, dtype):
        return self.weight * x.to(dtype)


class WideRMSNorm(RMSNorm):
    """The same, whose weight is multiplied before the result is narrowed."""

    def weighed(self, x, dtype):
        return (self.weight * x).to(dtype)
