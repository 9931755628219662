"""Masks that are known to be causal by their type."""

from enum import IntEnum

import torch


class CausalVariant(IntEnum):
    UPPER_LEFT = 1
    LOWER_RIGHT = 2


class CausalBias:
    """Stands for a lower-triangular mask of (queries, keys), aligned at one of two corners."""

    def __init__(self, variant, seq_len_q, seq_len_kv):
        self.variant = variant
        self.seq_len_q = seq_len_q
        self.seq_len_kv = seq_len_kv

    @property
    def shape(self):
        return torch.Size((self.seq_len_q, self.seq_len_kv))

    def _materialize(self, device=None):
        ones = torch.ones(self.seq_len_q, self.seq_len_kv, device=device, dtype=torch.bool)
        aligned = self.variant == CausalVariant.LOWER_RIGHT
        return torch.tril(ones, diagonal=self.seq_len_kv - self.seq_len_q if aligned else 0)


def causal_upper_left(*size):
    if len(size) != 2:
        raise RuntimeError("causal_upper_left only supports 2D tensors")
    return CausalBias(CausalVariant.UPPER_LEFT, *size)


def causal_lower_right(*size):
    if len(size) != 2:
        raise RuntimeError("causal_lower_right only supports 2D tensors")
    return CausalBias(CausalVariant.LOWER_RIGHT, *size)
