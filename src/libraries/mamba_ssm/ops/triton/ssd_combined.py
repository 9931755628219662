"""Mamba-2's chunked scan: its kernels multiply matrices whose cost is not modelled."""
import torch
from _assay import unknown as _unknown


def mamba_chunk_scan_combined(x, dt, A, B, C, chunk_size, D=None, z=None, dt_bias=None, initial_states=None, seq_idx=None,
                              cu_seqlens=None, dt_softplus=False, return_final_states=False, **kwargs):
    _unknown("the cost of Mamba-2's chunked scan is not modelled")(x, B, C)
    out = torch.empty_like(x)
    if return_final_states:
        return out, x.new_empty(x.shape[0], x.shape[2], x.shape[3], B.shape[-1])
    return out
