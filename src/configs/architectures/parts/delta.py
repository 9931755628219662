"""Gated delta nets: each head carries a state that a token decays, corrects by what it did not foretell, and reads."""
import torch
from torch import nn
from torch.nn import functional as F

from assay import kv_state

from .scans import causal, masked
from .states import conv_inputs, keep_state, started


class GatedNorm(nn.Module):
    """An RMS norm of each head, and then a gate."""

    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x, gate):
        kind = x.dtype
        x = x.to(torch.float32)
        variance = x.pow(2).mean(-1, keepdim=True)
        x = x * torch.rsqrt(variance + self.eps)
        x = self.weight * x.to(kind)
        x = x * F.silu(gate.to(torch.float32))
        return x.to(kind)


class DeltaNet(nn.Module):
    """Projections, a convolution over the last tokens, and the delta rule, in chunks or for one token.

    A family has `key_heads`, `value_heads`, `key_width`, `value_width` and a `conv1d` before it is called, and says by
    `projected` what the convolution reads (`[B, C, T]`), what the layer keeps to its end, and what until then; by `rates`
    the logarithm of the decay and the strength of a correction; and by `read` what becomes of the heads' outputs.
    """

    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        self.key_heads, self.value_heads = config.linear_num_key_heads, config.linear_num_value_heads
        self.key_width, self.value_width = config.linear_key_head_dim, config.linear_value_head_dim
        self.keys, self.values = self.key_heads * self.key_width, self.value_heads * self.value_width

    def scan(self, *args):
        return delta_scan(*args)

    def step(self, *args):
        return delta_step(*args)

    def forward(self, x, padding=None, cache=None):
        x = masked(x, padding)
        batch, length = x.shape[:2]
        begun = started(cache, self.layer)
        one = begun and length == 1
        mixed, more, parts = self.projected(x)
        if one:
            mixed = causal(self.conv1d, mixed, self.config.hidden_act, cache.convolved[self.layer])
        else:
            if cache is not None:
                mixed = conv_inputs(cache, self.layer, mixed, self.config.linear_conv_kernel_dim)
            mixed = causal(self.conv1d, mixed, self.config.hidden_act)
            if cache is not None:
                mixed = mixed[:, :, -length:]
        parts = torch.split(mixed.transpose(1, 2), [self.keys, self.keys, self.values], dim=-1)
        query, key = (part.reshape(batch, length, -1, self.key_width) for part in parts[:2])
        value = parts[2].reshape(batch, length, -1, self.value_width)
        decay, strength = self.rates(x, more)
        each = self.value_heads // self.key_heads
        if each > 1:
            query, key = query.repeat_interleave(each, dim=2), key.repeat_interleave(each, dim=2)
        state = cache.recurrent[self.layer] if begun else None
        out, state = (self.step if one else self.scan)(query, key, value, decay, strength, state)
        if cache is not None:
            keep_state(cache, self.layer, state)
        return self.read(out, x, more)


def log_decay(rate, step, bias):
    """How much of the state is kept, as a logarithm: `[B, T, H]` from a rate for each head and a step for each token."""
    return -rate.float().exp() * F.softplus(step.float() + bias)


def unit(x):
    return x * torch.rsqrt((x * x).sum(dim=-1, keepdim=True) + 1e-6)


def wide_heads(*tensors):
    """`[B, T, H, …]` → `[B, H, T, …]` in float32."""
    return [one.transpose(1, 2).to(torch.float32, memory_format=torch.contiguous_format) for one in tensors]


def delta_scan(query, key, value, decay, strength, state=None, size=64):
    """The gated delta rule over `[B, T, H, width]` in chunks of `size`; gives the outputs and the last state `[B, H, K, V]`.

    `decay`, `strength`: `[B, T, H]`, the decay as a logarithm. A chunk's corrections are one triangular system.
    """
    kind, length = query.dtype, query.shape[1]
    query, key, value, strength, decay = wide_heads(query, key, value, strength, decay)
    query = unit(query)
    key = unit(key)
    query = query * query.shape[-1] ** -0.5
    by = (size - length % size) % size
    query, key, value = (F.pad(one, (0, 0, 0, by)) for one in (query, key, value))
    strength, decay = (F.pad(one, (0, by)) for one in (strength, decay))
    value_strong = value * strength.unsqueeze(-1)
    key_strong = key * strength.unsqueeze(-1)
    query, key, key_strong, value_strong = [
        one.reshape(one.shape[0], one.shape[1], -1, size, one.shape[-1]) for one in (query, key, key_strong, value_strong)
    ]
    decay = decay.reshape(decay.shape[0], decay.shape[1], -1, size)
    later = torch.ones(size, size, dtype=torch.bool, device=query.device).triu(1)
    sums = decay.cumsum(dim=3)
    between = sums.unsqueeze(4) - sums.unsqueeze(3)
    between = between.masked_fill(later, float("-inf"))
    between = between.exp()
    system = (key_strong @ key.transpose(-1, -2)) * between
    scores = (query @ key.transpose(-1, -2)) * between
    key_faded = key_strong * sums.exp().unsqueeze(-1)
    value_new = torch.linalg.solve_triangular(system, value_strong, upper=False, unitriangular=True)
    key_known = torch.linalg.solve_triangular(system, key_faded, upper=False, unitriangular=True)
    if state is None:
        shape = (*key.shape[:2], key.shape[-1], value.shape[-1])
        state = torch.zeros(shape, dtype=value_new.dtype, device=value_new.device)
    else:
        state = state.to(value_new)
    out = torch.zeros_like(value_new)
    query = query * sums.exp().unsqueeze(-1)
    key = key * (sums[..., -1:] - sums).exp().unsqueeze(-1)
    kept = sums[..., -1].exp()[..., None, None]
    for i in range((length + by) // size):
        correction = value_new[:, :, i] - key_known[:, :, i] @ state
        before = query[:, :, i] @ state
        out[:, :, i] = before + scores[:, :, i] @ correction
        state = state * kept[:, :, i] + key[:, :, i].transpose(-1, -2) @ correction
    kv_state(state)
    out = out.reshape(*out.shape[:2], -1, out.shape[-1])[:, :, :length]
    return out.transpose(1, 2).to(kind, memory_format=torch.contiguous_format), state


def delta_step(query, key, value, decay, strength, state):
    """One token of `delta_scan`."""
    kind = query.dtype
    query, key, value, strength, decay = wide_heads(query, key, value, strength, decay)
    query = unit(query)
    key = unit(key)
    query = query / query.shape[-1] ** 0.5
    state = state.to(value)
    out = torch.zeros_like(value)
    state = state * decay[:, :, 0].exp()[..., None, None]
    foretold = (state * key[:, :, 0].unsqueeze(-1)).sum(dim=-2)
    correction = (value[:, :, 0] - foretold) * strength[:, :, 0].unsqueeze(-1)
    state = state + key[:, :, 0].unsqueeze(-1) * correction.unsqueeze(-2)
    out[:, :, 0] = (state * query[:, :, 0].unsqueeze(-1)).sum(dim=-2)
    return out.transpose(1, 2).contiguous().to(kind), state
