"""Attention over (batch, length, heads, width), (batch, length, width) or with groups of heads in an axis of their own."""
import torch
import torch.nn.functional as F
from _assay import unknown as _unknown

from . import attn_bias as attn_bias
from .attn_bias import AttentionBias, BlockDiagonalMask, LowerTriangularMask


def memory_efficient_attention(query, key, value, attn_bias=None, p=0.0, scale=None, *, op=None, output_dtype=None):
    if len(query.shape) == 3:
        return memory_efficient_attention(query[:, :, None], key[:, :, None], value[:, :, None], attn_bias, p, scale)[:, :, 0]
    if len(query.shape) == 5:
        flat = lambda x: x.flatten(2, 3)
        out = memory_efficient_attention(flat(query), flat(key), flat(value), attn_bias, p, scale)
        return out.unflatten(2, query.shape[2:4])
    if isinstance(attn_bias, BlockDiagonalMask):
        return _blocks(query, key, value, attn_bias, p, scale)
    causal = isinstance(attn_bias, LowerTriangularMask)
    mask = attn_bias if isinstance(attn_bias, torch.Tensor) else None
    if attn_bias is not None and mask is None and not causal:
        _unknown("attention under " + type(attn_bias).__name__ + " is not modelled")(query, key, value)
        return query.new_empty(*query.shape[:-1], value.shape[-1])
    return F.scaled_dot_product_attention(
        query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), attn_mask=mask, dropout_p=p, is_causal=causal, scale=scale
    ).transpose(1, 2)


memory_efficient_attention_forward = memory_efficient_attention


def _blocks(query, key, value, bias, p, scale):
    """Sequences one behind the other, each attending to itself; equal ones side by side are one call."""
    parts, q_at, k_at = [], 0, 0
    lengths = list(zip(bias.q_lengths, bias.k_lengths))
    i = 0
    while i < len(lengths):
        count = 1
        while i + count < len(lengths) and lengths[i + count] == lengths[i]:
            count += 1
        q_len, k_len = lengths[i]
        cut = lambda x, at, length: x[:, at : at + count * length].reshape(count, length, *x.shape[2:])
        out = memory_efficient_attention(cut(query, q_at, q_len), cut(key, k_at, k_len), cut(value, k_at, k_len),
                                         LowerTriangularMask() if bias.causal else None, p, scale)
        parts.append(out.reshape(1, count * q_len, *out.shape[2:]))
        q_at, k_at, i = q_at + count * q_len, k_at + count * k_len, i + count
    return torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]
