"""Attention behind modules of its own, so that a parallel plan can name it."""
from typing import NamedTuple

import torch
import torch.nn.functional as F
from _assay import unknown as _unknown
from torch import nn


class VarlenMetadata(NamedTuple):
    cu_seq_q: torch.Tensor
    cu_seq_k: torch.Tensor
    max_q: int
    max_k: int


class ScaledDotProductAttentionWrapper(nn.Module):
    sdpa_backends = []

    def forward(self, q, k, v, *, scale=None, enable_gqa=False, is_causal=True):
        return F.scaled_dot_product_attention(q, k, v, scale=scale, is_causal=is_causal, enable_gqa=enable_gqa)


class FlexAttentionWrapper(nn.Module):
    def forward(self, q, k, v, *, score_mod=None, block_mask=None, scale=None, return_lse=False, enable_gqa=False):
        from torch.nn.attention.flex_attention import flex_attention

        return flex_attention(q, k, v, block_mask=block_mask, scale=scale, enable_gqa=enable_gqa, return_lse=return_lse)


class VarlenAttentionWrapper(nn.Module):
    """Documents one behind the other: their lengths, which decide the cost, are in the data."""

    def forward(self, xq, xk, xv, attention_masks, scale=None):
        _unknown("the lengths of the documents in a batch are not known")(xq, xk, xv)
        return xq.transpose(1, 2).flatten(0, 1).new_empty(xq.shape[0] * xq.shape[2], xq.shape[1], xv.shape[-1])


def get_causal_mask_mod():
    return lambda b, h, q_idx, kv_idx: q_idx >= kv_idx


def get_document_mask_mod(batch, eos_id):
    documents = torch.zeros_like(batch, dtype=torch.int32)
    return lambda b, h, q_idx, kv_idx: documents[b, q_idx] == documents[b, kv_idx]


def get_fixed_block_mask_mod(fixed_block_size):
    return lambda b, h, q_idx, kv_idx: q_idx // fixed_block_size == kv_idx // fixed_block_size


def get_sliding_window_mask_mod(window_size):
    if window_size < 1:
        raise ValueError("window_size must be >= 1 for sliding window attention mask, got %s" % window_size)
    return lambda b, h, q_idx, kv_idx: (kv_idx <= q_idx) & (q_idx - kv_idx < window_size)


def create_attention_mask(*args, **kwargs):
    from torch.nn.attention.flex_attention import create_block_mask

    return create_block_mask(*args, **kwargs)
