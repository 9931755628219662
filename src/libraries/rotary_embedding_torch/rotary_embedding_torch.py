"""The frequencies are a parameter that is not trained unless asked for; tables are kept as buffers without a place in the state."""
from math import pi

import torch
from torch import nn


def broadcat(tensors, dim=-1):
    return torch.cat(torch.broadcast_tensors(*tensors), dim=dim)


def rotate_half(x):
    x = x.unflatten(-1, (-1, 2))
    x1, x2 = x.unbind(dim=-1)
    return torch.stack((-x2, x1), dim=-1).flatten(-2)


def apply_rotary_emb(freqs, t, start_index=0, scale=1.0, seq_dim=-2, freqs_seq_dim=None):
    dtype = t.dtype
    if freqs_seq_dim is not None or t.ndim == 3:
        freqs = freqs[-t.shape[seq_dim] :]
    width = freqs.shape[-1]
    end = start_index + width
    left, middle, right = t[..., :start_index], t[..., start_index:end], t[..., end:]
    middle = middle * freqs.cos() * scale + rotate_half(middle) * freqs.sin() * scale
    return torch.cat((left, middle, right), dim=-1).type(dtype)


def apply_learned_rotations(rotations, t, start_index=0, freq_ranges=None):
    if freq_ranges is not None:
        rotations = (rotations.unsqueeze(-1) * freq_ranges).flatten(-2)
    return apply_rotary_emb(rotations.repeat_interleave(2, dim=-1), t, start_index=start_index)


class RotaryEmbedding(nn.Module):
    def __init__(self, dim, custom_freqs=None, freqs_for="lang", theta=10000, max_freq=10, num_freqs=1, learned_freq=False,
                 use_xpos=False, xpos_scale_base=512, interpolate_factor=1.0, theta_rescale_factor=1.0, seq_before_head_dim=False,
                 cache_if_possible=True, cache_max_seq_len=8192):
        super().__init__()
        theta = theta * theta_rescale_factor ** (dim / (dim - 2))
        self.freqs_for = freqs_for
        if custom_freqs is not None:
            freqs = custom_freqs
        elif freqs_for == "lang":
            freqs = 1.0 / (theta ** (torch.arange(0, dim, 2)[: dim // 2].float() / dim))
        elif freqs_for == "pixel":
            freqs = torch.linspace(1.0, max_freq / 2, dim // 2) * pi
        else:
            freqs = torch.ones(num_freqs).float()
        self.cache_if_possible, self.cache_max_seq_len, self.learned_freq = cache_if_possible, cache_max_seq_len, learned_freq
        self.register_buffer("cached_freqs", torch.zeros(cache_max_seq_len, dim), persistent=False)
        self.cached_freqs_seq_len = 0
        self.freqs = nn.Parameter(freqs, requires_grad=learned_freq)
        self.register_buffer("dummy", torch.tensor(0), persistent=False)
        self.seq_before_head_dim = seq_before_head_dim
        self.default_seq_dim = -3 if seq_before_head_dim else -2
        self.interpolate_factor, self.use_xpos = interpolate_factor, use_xpos
        if use_xpos:
            self.scale_base = xpos_scale_base
            self.register_buffer("scale", (torch.arange(0, dim, 2) + 0.4 * dim) / (1.4 * dim), persistent=False)
            self.register_buffer("cached_scales", torch.zeros(cache_max_seq_len, dim), persistent=False)

    @property
    def device(self):
        return self.dummy.device

    def get_seq_pos(self, seq_len, device=None, dtype=None, offset=0):
        return (torch.arange(seq_len, device=device, dtype=dtype) + offset) / self.interpolate_factor

    def forward(self, t, seq_len=None, offset=0):
        freqs = t.type(self.freqs.dtype).unsqueeze(-1) * self.freqs
        return freqs.repeat_interleave(2, dim=-1)

    def rotate_queries_or_keys(self, t, seq_dim=None, offset=0, scale=None):
        seq_dim = self.default_seq_dim if seq_dim is None else seq_dim
        length = t.shape[seq_dim]
        freqs = self.forward(self.get_seq_pos(length, device=t.device, dtype=t.dtype, offset=offset), seq_len=length, offset=offset)
        if seq_dim == -3:
            freqs = freqs.unsqueeze(1)
        return apply_rotary_emb(freqs, t, scale=1.0 if scale is None else scale, seq_dim=seq_dim)

    def rotate_queries_with_cached_keys(self, q, k, seq_dim=None, offset=0):
        seq_dim = self.default_seq_dim if seq_dim is None else seq_dim
        return self.rotate_queries_or_keys(q, seq_dim, k.shape[seq_dim] - q.shape[seq_dim] + offset), self.rotate_queries_or_keys(k, seq_dim, offset)

    def get_scale(self, t, seq_len=None, offset=0):
        power = (t - len(t) // 2) / self.scale_base
        scale = self.scale ** power.unsqueeze(-1)
        return scale.repeat_interleave(2, dim=-1)

    def rotate_queries_and_keys(self, q, k, seq_dim=None):
        seq_dim = self.default_seq_dim if seq_dim is None else seq_dim
        seq = self.get_seq_pos(q.shape[seq_dim], device=q.device, dtype=q.dtype)
        freqs, scale = self.forward(seq), self.get_scale(seq)
        if seq_dim == -3:
            freqs, scale = freqs.unsqueeze(1), scale.unsqueeze(1)
        return apply_rotary_emb(freqs, q, scale=scale, seq_dim=seq_dim), apply_rotary_emb(freqs, k, scale=scale**-1, seq_dim=seq_dim)

    def get_axial_freqs(self, *dims, offsets=None):
        parts = []
        for i, dim in enumerate(dims):
            pos = torch.linspace(-1, 1, steps=dim, device=self.device) if self.freqs_for == "pixel" else torch.arange(dim, device=self.device)
            freqs = self.forward(pos, seq_len=dim)
            at = [None] * len(dims)
            at[i] = slice(None)
            parts.append(freqs[(..., *at, slice(None))])
        return torch.cat(torch.broadcast_tensors(*parts), dim=-1)
