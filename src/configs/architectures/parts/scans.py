"""State-space scans as plain PyTorch runs them: Mamba's step by step, Mamba 2's in chunks; the convolution before them."""
import torch
from torch import nn
from torch.nn import functional as F

from assay import kv_state

from .activations import activation


def causal_conv1d(channels, kernel, bias):
    """A depthwise convolution over time; `causal` runs it."""
    return nn.Conv1d(channels, channels, kernel, groups=channels, padding=kernel - 1, bias=bias)


def causal(conv, x, act, state=None):
    """`[B, C, T]` → `[B, C, T]` by a depthwise convolution that sees no token to come.

    `state`: what the last tokens left, `[B, C, kernel]`, in place of the padding; one token joins it.
    """
    length, kind = x.shape[-1], x.dtype
    weight = conv.weight.squeeze(1)
    kv_state(x, weight.shape[-1], read=True)
    if state is None:
        x = F.conv1d(x.to(weight.dtype), weight.unsqueeze(1), conv.bias, padding=weight.shape[-1] - 1, groups=x.shape[1])[:, :, :length]
    else:
        x = torch.cat([state, x], dim=-1).to(weight.dtype)
        state.copy_(x[:, :, -state.shape[-1] :])
        x = F.conv1d(x, weight.unsqueeze(1), conv.bias, groups=x.shape[1])[:, :, -length:]
    return (x if act is None else activation(act)(x)).to(kind)


def masked(x, padding):
    """Tokens that are padding, set to zero."""
    return x if padding is None else (x * padding[:, :, None]).to(x.dtype)


def selective_scan(x, step, decay, inward, outward, skip, gate, bias):
    """Mamba's recurrence over `[B, C, T]` with a state of `[B, C, N]`; gives the outputs and the last state.

    `step`: `[B, C, T]` before its softplus. `decay`: `[C, N]`. `inward`, `outward`: `[B, T, N]`. `skip`, `bias`: `[C]`.
    """
    kind = x.dtype
    step = F.softplus(step + bias.to(step.dtype)[..., None])
    kept = torch.exp(decay[None, :, None, :] * step[:, :, :, None])
    added = (step[:, :, :, None] * inward[:, None, :, :].float()) * x[:, :, :, None].float()
    state = torch.zeros(x.shape[0], x.shape[1], decay.shape[-1], dtype=kind, device=x.device)
    outs = []
    for i in range(x.shape[-1]):
        state = kept[:, :, i] * state + added[:, :, i]
        out = torch.matmul(state.to(kind), outward[:, i, :].unsqueeze(-1))
        outs.append(out[:, :, 0])
    kv_state(state)
    out = torch.stack(outs, dim=-1)
    out = out + x * skip[None, :, None]
    out = out * F.silu(gate)
    return out, state


def selective_step(state, x, step, decay, inward, outward, skip, gate, bias):
    """One token of `selective_scan`: `x`, `step`, `gate` are `[B, C]`; the state is written in place."""
    kind = x.dtype
    step = F.softplus(step + bias.to(step.dtype))
    kept = torch.exp(step.float()[..., None] * decay.float())
    inward = step.float()[..., None] * inward.float()[:, None, :]
    state_now = state.float() * kept + inward * x.float()[..., None]
    state.copy_(state_now.to(state.dtype))
    out = torch.matmul(state_now.to(outward.dtype), outward.unsqueeze(-1)).squeeze(-1)
    out = out + x * skip
    return (out * F.silu(gate)).to(kind)


def lengthened(x, by):
    """Zeros behind the second axis."""
    return F.pad(x, (0, 0, 0, 0, 0, by, 0, 0) if x.dim() == 4 else (0, 0, 0, by, 0, 0))


def chunked(x, by, size):
    x = lengthened(x, by)
    return x.reshape(x.shape[0], -1, size, *x.shape[2:])


def segment_sum(x):
    """`[..., L]` → `[..., L, L]`: sums over each span that ends at a row and starts behind a column."""
    size = x.size(-1)
    x = x[..., None].expand(*x.size(), size)
    below = torch.tril(torch.ones(size, size, device=x.device, dtype=torch.bool), diagonal=-1)
    x = x.masked_fill(~below, 0)
    sums = torch.cumsum(x, dim=-2)
    on = torch.tril(torch.ones(size, size, device=x.device, dtype=torch.bool), diagonal=0)
    return sums.masked_fill(~on, -torch.inf)


def chunk_scan(x, step, decay, inward, outward, size, skip, bias, limit, state=None):
    """Mamba 2's state-space duality over `[B, T, H, P]`, in chunks of `size`; gives the outputs and the last state `[B, H, P, N]`.

    `step`: `[B, T, H]` before its softplus. `decay`, `skip`, `bias`: `[H]`. `inward`, `outward`: `[B, T, groups, N]`.
    """
    batch, length, heads, width = x.shape
    step = F.softplus(step + bias.to(step.dtype))
    step = torch.clamp(step, min=limit[0], max=limit[1])
    x = x.float()
    each = heads // inward.shape[2]
    inward = inward.float().repeat_interleave(each, dim=2, output_size=heads)
    outward = outward.float().repeat_interleave(each, dim=2, output_size=heads)
    by = (size - length % size) % size
    residual = skip[..., None] * lengthened(x, by)
    x = x * step[..., None].float()
    decay = decay.to(x.dtype) * step.float()
    x, decay, inward, outward = [chunked(one, by, size) for one in (x, decay, inward, outward)]
    decay = decay.permute(0, 3, 1, 2)
    sums = torch.cumsum(decay, dim=-1)
    spans = torch.exp(segment_sum(decay))
    scores = (outward[:, :, :, None, :, :] * inward[:, :, None, :, :, :]).sum(dim=-1)
    weights = (scores[..., None] * spans.permute(0, 2, 3, 4, 1)[..., None]).sum(dim=-1)
    near = (weights[..., None] * x[:, :, None]).sum(dim=3)
    to_end = torch.exp(sums[:, :, :, -1:] - sums)
    inward_left = inward * to_end.permute(0, -2, -1, 1)[..., None]
    states = (inward_left[..., None, :] * x[..., None]).sum(dim=2)
    before = torch.zeros_like(states[:, :1]) if state is None else state[:, None].to(dtype=states.dtype)
    states = torch.cat([before, states], dim=1)
    between = torch.exp(segment_sum(F.pad(sums[:, :, :, -1], (1, 0)))).transpose(1, 3)
    states = (between[..., None, None] * states[:, :, None, ...]).sum(dim=1)
    states, last = states[:, :-1], states[:, -1]
    kv_state(last)
    from_start = torch.exp(sums)
    read = outward[..., None, :] * states[:, :, None, ...]
    far = read.sum(-1) * from_start.permute(0, 2, 3, 1)[..., None]
    out = near + far
    out = out.reshape(batch, -1, heads, width)
    out = out + residual
    return (out[:, :length] if by > 0 else out), last


def chunk_step(state, x, step, decay, inward, outward, skip, bias):
    """One token of `chunk_scan`: `x` is `[B, H, P]`, `step` `[B, H]`; the state is written in place."""
    batch, heads, width = x.shape
    groups, size = inward.shape[1:]
    step = F.softplus(step[..., None].expand(-1, -1, width) + bias[:, None].expand(-1, width).to(step.dtype))[..., None]
    kept = torch.exp(step.float() * decay[:, None, None].expand(-1, width, size).float())
    inward = spread_groups(inward, heads).reshape(batch, heads, 1, size)
    state_now = state * kept + (step * inward) * x[..., None]
    state.copy_(state_now.to(state.dtype))
    outward = spread_groups(outward, heads).reshape(batch, heads, size)
    read = state_now.to(outward.dtype).view(batch * heads, width, size)
    out = torch.bmm(read, outward.view(batch * heads, size, 1)).view(batch, heads, width)
    return (out + x * skip[:, None].expand(-1, width)).to(x.dtype)


def spread_groups(x, heads):
    """`[B, groups, N]`, each group for its heads, written out."""
    batch, groups, size = x.shape
    return x.reshape(batch, groups, 1, size).expand(batch, groups, heads // groups, size).contiguous()
