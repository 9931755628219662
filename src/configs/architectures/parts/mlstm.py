"""The mLSTM's recurrence as plain PyTorch runs it: whole chunks at once, the rest step by step.

A head's state is a matrix `[B, heads, K, V]`, the sum of its keys `[B, heads, K]`, and the largest exponent so far `[B, heads, 1]`.
Queries and keys are `[B, heads, T, K]`, values `[B, heads, T, V]`, gates `[B, heads, T]`.
"""
import torch
from torch.nn import functional as F


def soft_cap(x, cap):
    """Values between plus and minus `cap`."""
    return x if cap is None else cap * torch.tanh(x / cap)


def chunk_states(key, value, decay, gate, state, size):
    """The states before each chunk and behind the last one, those of a head below each other."""
    batch, heads, _, width = key.shape
    count, kind, device = decay.shape[2], key.dtype, key.device
    matrices = torch.zeros((batch, heads, (count + 1) * width, value.shape[-1]), dtype=kind, device=device)
    sums = torch.zeros((batch, heads, (count + 1) * width), dtype=kind, device=device)
    tops = torch.zeros((batch, heads, count + 1), dtype=kind, device=device)
    if state is None:
        matrix = torch.zeros((batch, heads, width, value.shape[-1]), dtype=kind, device=device)
        state = matrix, torch.zeros((batch, heads, width), dtype=kind, device=device), torch.zeros((batch, heads, 1), dtype=kind, device=device)
    matrix, total, top = state
    left = decay[..., -1, None] - decay + gate
    whole = decay[..., -1]
    most = left.max(-1).values
    top = top.squeeze(-1)
    for i in range(count):
        matrices[:, :, i * width : (i + 1) * width, :] = matrix
        sums[:, :, i * width : (i + 1) * width] = total
        tops[:, :, i] = top
        most_here, whole_here = most[:, :, i], whole[:, :, i]
        next_top = torch.max(whole_here + top, most_here)
        key_here, value_here = (one[:, :, i * size : (i + 1) * size, :] for one in (key, value))
        shares = torch.exp(left[:, :, i, :] - next_top[..., None])[:, :, :, None]
        gated = key_here * shares
        kept = torch.exp(whole_here + top - next_top)[:, :, None]
        next_matrix = kept[..., None] * matrix + gated.transpose(-2, -1) @ value_here
        next_total = kept * total + gated.transpose(-2, -1).sum(-1)
        matrix, total, top = next_matrix, next_total, next_top
    matrices[:, :, -width:, :] = matrix
    sums[:, :, -width:] = total
    tops[:, :, -1] = top
    return matrices, sums, tops


def chunk_outputs(query, key, value, matrices, sums, tops, gate, decay, size, eps):
    """What each token reads of the state before its chunk and of its own chunk, `[B, heads, T, V]`."""
    batch, heads, rows, wide = matrices.shape
    count = decay.shape[2]
    width, scale = rows // count, (rows // count) ** -0.5
    matrices = matrices.view(batch, heads, count, width, wide)
    sums = sums.view(batch, heads, count, width)
    query, key = (one.view(batch, heads, count, size, width) for one in (query, key))
    value = value.view(batch, heads, count, size, wide)
    below = torch.tril(torch.ones((size, size), dtype=torch.bool, device=query.device))
    spans = decay[:, :, :, :, None] - decay[:, :, :, None, :]
    spans_seen = torch.where(below, spans, -float("inf"))
    logs = spans_seen + gate[:, :, :, None, :]
    most = torch.max(logs, dim=-1, keepdim=False).values
    far = decay + tops[:, :, :, None]
    top = torch.maximum(far, most)[:, :, :, :, None]
    far = far[:, :, :, :, None]
    steady = logs - top
    shares = torch.exp(steady)
    scores = (query @ key.transpose(-2, -1)) * scale
    weights = scores * shares
    far_shares = torch.exp(far - top)
    gated = query * far_shares * scale
    read = gated @ matrices + weights @ value
    norm = gated @ sums.unsqueeze(-1) + weights.sum(dim=-1, keepdim=True)
    bound = torch.maximum(torch.abs(norm), torch.exp(-top))
    out = read / (bound + eps)
    return out.view(batch, heads, count * size, wide)


def chunks(query, key, value, gate, forget, state, size, eps):
    """The outputs of whole chunks and the last state."""
    batch, heads, length, width = query.shape
    if length % size != 0:
        raise ValueError(f"{length} tokens are no whole number of chunks of {size}")
    gate, forget = (one.view(batch, heads, length // size, size) for one in (gate, forget))
    forget_log = F.logsigmoid(forget)
    decay = forget_log.cumsum(-1)
    matrices, sums, tops = chunk_states(key, value, decay, gate, state, size)
    out = chunk_outputs(query, key, value, matrices[:, :, :-width, :], sums[:, :, :-width], tops[:, :, :-1], gate, decay, size, eps)
    return out, (matrices[:, :, -width:, :], sums[:, :, -width:], tops[:, :, -1:])


def step(query, key, value, gate, forget, state, eps, state_kind):
    """One token, without its axis: `[B, heads, V]` and the next state."""
    kind, width = query.dtype, query.shape[-1]
    matrix, total, top = (one.to(dtype=state_kind) for one in state)
    forget_log = F.logsigmoid(forget)
    next_top = torch.max(forget_log + top, gate)
    kept = torch.exp(forget_log + top - next_top)
    added = torch.exp(gate - next_top)
    scaled = query * width**-0.5
    next_matrix = kept[:, :, :, None] * matrix.clone() + added[:, :, :, None] * (key[:, :, :, None] @ value[:, :, None, :])
    next_total = kept * total.clone() + added * key
    read = scaled[:, :, None, :] @ next_matrix.to(dtype=kind)
    read = read.squeeze(2).to(dtype=state_kind)
    norm = scaled[:, :, None, :] @ next_total[:, :, :, None].to(dtype=kind)
    norm = norm.squeeze(2)
    least = torch.exp(-next_top)
    bound = (torch.maximum(norm.abs(), least) + eps).to(dtype=state_kind)
    out = read / bound
    out = out.to(dtype=kind)
    return out, tuple(one.to(dtype=state_kind) for one in (next_matrix, next_total, next_top))


def steps(query, key, value, gate, forget, state, eps, state_kind):
    """Tokens one behind the other."""
    state = tuple(one.to(dtype=state_kind) for one in state)
    outs = []
    for i in range(query.shape[2]):
        out, state = step(query[:, :, i, :], key[:, :, i, :], value[:, :, i, :], gate[:, :, i, None], forget[:, :, i, None], state, eps, state_kind)
        outs.append(out)
    return torch.stack(outs, dim=-2), state


def any_length(query, key, value, gate, forget, state, size, eps, state_kind):
    """As many whole chunks as there are, and steps for the tokens behind them; a single token is one step."""
    batch, heads, length, width = key.shape
    if state is None:
        sizes = (batch, heads, width, value.shape[-1]), (batch, heads, width), (batch, heads, 1)
        state = tuple(torch.zeros(one, device=key.device, dtype=torch.float32) for one in sizes)
    if length == 1:
        out, state = step(query.squeeze(2), key.squeeze(2), value.squeeze(2), gate, forget, state, eps, state_kind)
        return out[:, :, None, :], state
    outs, whole = [], length // size * size
    if whole > 0:
        parts = [one[..., :whole, :].contiguous() for one in (query, key, value)]
        out, state = chunks(*parts, *(one[..., :whole].contiguous() for one in (gate, forget)), state, size, eps)
        outs.append(out)
    if length > whole:
        parts = [one[..., whole:, :].contiguous() for one in (query, key, value)]
        out, state = steps(*parts, *(one[..., whole:].contiguous() for one in (gate, forget)), state, eps, state_kind)
        outs.append(out)
    return torch.concatenate(outs, dim=2), state
