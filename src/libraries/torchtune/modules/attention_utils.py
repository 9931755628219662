"""Masks of several documents in one row."""
import torch

_MaskType = torch.Tensor


def create_block_causal_mask(seq_lens):
    rows = [
        torch.block_diag(*[torch.tril(torch.ones(length, length, dtype=torch.bool)) for length in lengths])
        for lengths in seq_lens
    ]
    return torch.stack(rows)


def packed_block_causal_mask(seq_lens):
    return create_block_causal_mask(seq_lens)
