"""Rotary position embeddings."""
import torch
from torch import nn


def rotate_half(x, interleaved=False):
    if not interleaved:
        x1, x2 = x.chunk(2, dim=-1)
        return torch.cat((-x2, x1), dim=-1)
    x1, x2 = x[..., ::2], x[..., 1::2]
    return torch.stack((-x2, x1), dim=-1).flatten(-2)


def apply_rotary_emb(x, cos, sin, interleaved=False, inplace=False, seqlen_offsets=0, cu_seqlens=None, max_seqlen=None):
    width = cos.shape[-1] * 2
    if cu_seqlens is None and isinstance(seqlen_offsets, int):
        cos = cos[seqlen_offsets : seqlen_offsets + x.shape[1]]
        sin = sin[seqlen_offsets : seqlen_offsets + x.shape[1]]
        spread = lambda t: (t.repeat_interleave(2, -1) if interleaved else torch.cat((t, t), -1))[:, None]
        turned = x[..., :width] * spread(cos) + rotate_half(x[..., :width], interleaved) * spread(sin)
        return torch.cat([turned, x[..., width:]], dim=-1) if width != x.shape[-1] else turned
    return torch.empty_like(x)


apply_rotary_emb_torch = apply_rotary_emb
apply_rotary_emb_func = apply_rotary_emb


def apply_rotary_emb_qkv_(qkv, cos, sin, cos_k=None, sin_k=None, interleaved=False, seqlen_offsets=0, **kwargs):
    q = apply_rotary_emb(qkv[:, :, 0], cos, sin, interleaved, seqlen_offsets=seqlen_offsets)
    k = apply_rotary_emb(qkv[:, :, 1], cos if cos_k is None else cos_k, sin if sin_k is None else sin_k, interleaved,
                         seqlen_offsets=seqlen_offsets)
    return torch.stack((q, k, qkv[:, :, 2]), dim=2)


class RotaryEmbedding(nn.Module):
    def __init__(self, dim, base=10000.0, interleaved=False, scale_base=None, pos_idx_in_fp32=True, device=None):
        super().__init__()
        self.dim, self.base, self.interleaved, self.scale_base = dim, float(base), interleaved, scale_base
        self.register_buffer("inv_freq", 1.0 / (base ** (torch.arange(0, dim, 2, device=device, dtype=torch.float32) / dim)), persistent=False)
        scale = (torch.arange(0, dim, 2, device=device, dtype=torch.float32) + 0.4 * dim) / (1.4 * dim) if scale_base is not None else None
        self.register_buffer("scale", scale, persistent=False)
        self._seq_len_cached = 0
        self._cos_cached = self._sin_cached = None

    def _update_cos_sin_cache(self, seqlen, device=None, dtype=None):
        if seqlen > self._seq_len_cached:
            self._seq_len_cached = seqlen
            t = torch.arange(seqlen, device=device, dtype=torch.float32)
            freqs = torch.outer(t, self.inv_freq)
            self._cos_cached, self._sin_cached = torch.cos(freqs).to(dtype), torch.sin(freqs).to(dtype)

    def forward(self, qkv, kv=None, seqlen_offset=0, max_seqlen=None, num_heads_q=None):
        seqlen = qkv.shape[1]
        self._update_cos_sin_cache(seqlen + (seqlen_offset if isinstance(seqlen_offset, int) else 0), device=qkv.device, dtype=qkv.dtype)
        cos, sin = self._cos_cached, self._sin_cached
        if kv is None:
            return apply_rotary_emb_qkv_(qkv, cos, sin, interleaved=self.interleaved, seqlen_offsets=seqlen_offset)
        q = apply_rotary_emb(qkv, cos, sin, self.interleaved, seqlen_offsets=seqlen_offset)
        k = apply_rotary_emb(kv[:, :, 0], cos, sin, self.interleaved, seqlen_offsets=seqlen_offset)
        return q, torch.stack((k, kv[:, :, 1]), dim=2)
