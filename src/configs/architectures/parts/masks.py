"""Attention masks as transformers makes them: left out where SDPA's own flag says it, added to the scores in eager mode."""
import torch
from torch.cuda import is_current_stream_capturing as is_capturing


def is_eager(config):
    """Whether scores are written out: asked for, or all that the family has."""
    return config.eager_only or config.attn_implementation == "eager"


def decoder_mask(config, x, padding=None, window=None, cache=None, positions=None, skips=True, chunked=False):
    """What each token may look at: itself and what came before, in a window where there is one.

    `skips`: none is made where attention can tell by itself. `chunked`: windows do not slide, they lie side by side.
    """
    if isinstance(padding, torch.Tensor) and padding.dim() == 4:
        return padding
    length = x.shape[1]
    past = 0 if cache is None else cache.length()
    keys, start = (length if padding is None else padding.shape[-1], 0) if cache is None else cache.span(length, window)
    if padding is not None:
        padding = filled(padding.to(device=x.device, dtype=torch.bool), keys + start)
    chunks = chunk_starts(x, padding) if chunked else None
    packed = find_packed(positions, x.shape[0]) if padding is None and cache is None and positions is not None else None
    plain = (length == 1 or keys == length or past == 0) and (window is None or keys < window)
    if skips and plain and padding is None and not is_eager(config) and not is_capturing():
        return None
    rows = torch.arange(length, device=x.device) + past
    columns = torch.arange(keys, device=x.device) + start
    if chunked:
        mask = seen_in_chunks(rows[None, None, :, None], columns[None, None, None, :], window, chunks)
    else:
        mask = seen(rows[None, None, :, None], columns[None, None, None, :], window)
    if packed is not None:
        batch = torch.arange(x.shape[0], device=x.device)[:, None, None, None]
        same = packed[batch, rows[None, None, :, None]] == packed[batch, columns[None, None, None, :]]
        mask = mask.new_ones((), dtype=torch.bool) & mask & same
    return finished(config, x, mask, padding, columns)


def padding_mask(config, x, padding=None, memory=None, window=None):
    """What an encoder's token may look at, or a decoder's of an encoder's: every token that is no padding, `window` away at most."""
    if (padding is None and window is None and not is_capturing()) or (padding is not None and padding.dim() == 4):
        return padding
    keys = (x if memory is None else memory).shape[1]
    if padding is not None:
        padding = filled(padding.to(device=x.device, dtype=torch.bool), keys)
        keys = padding.shape[-1]
    rows = torch.arange(x.shape[1], device=x.device) + 0
    columns = torch.arange(keys, device=x.device) + 0
    mask = (rows >= 0)[None, None, :, None]
    if window is not None:
        distance = abs(rows[None, None, :, None] - columns[None, None, None, :])
        mask = rows.new_ones((), dtype=torch.bool) & (distance <= window) & mask
    return finished(config, x, mask, padding, columns)


def memory_mask(config, x, padding, memory):
    """What a decoder's token may look at of an encoder's; what was given where there is no encoder."""
    return padding if memory is None else padding_mask(config, x, padding, memory)


def seen(rows, columns, window=None):
    if window is None:
        return columns <= rows
    near = rows.new_ones((), dtype=torch.bool) & (columns > rows - window)
    return near & (columns <= rows)


def chunk_starts(x, padding):
    """Where each sequence's first chunk starts: behind the padding before it."""
    if padding is None:
        return torch.zeros(x.shape[0], device=x.device, dtype=int)
    return (padding.cumsum(dim=-1) == torch.zeros_like(padding)).sum(dim=-1)


def seen_in_chunks(rows, columns, size, starts):
    starts = starts[torch.arange(starts.shape[0], device=rows.device)[:, None, None, None]]
    same = rows.new_ones((), dtype=torch.bool) & ((columns - starts) // size == (rows - starts) // size)
    return same & (columns <= rows)


def finished(config, x, mask, padding, columns):
    """The mask with the padding in it, and in eager mode as numbers that are added."""
    batch, _ = torch.arange(x.shape[0], device=x.device), torch.arange(1, device=x.device)
    if padding is not None:
        mask = mask.new_ones((), dtype=torch.bool) & mask & padding[batch[:, None, None, None], columns[None, None, None, :]]
    mask = mask.expand(x.shape[0], -1, x.shape[1], columns.shape[0])
    if not is_eager(config):
        return mask
    return torch.where(mask, torch.tensor(0.0, device=mask.device, dtype=x.dtype), torch.finfo(x.dtype).min)


def filled(padding, length):
    """The padding, as long as the keys."""
    missing = length - padding.shape[-1]
    return torch.nn.functional.pad(padding, (0, missing)) if missing > 0 else padding


def find_packed(positions, batch):
    """The search for several sequences packed into one row, which finds none here; while a graph is captured, it cannot look."""
    if positions.shape[0] != batch:
        positions = positions.expand(batch, -1)
    steps = torch.diff(positions, prepend=positions[:, :1] - 1, dim=-1)
    packed = (steps != 1).cumsum(-1)
    if is_capturing():
        return packed
    (packed[:, -1] == 0).all()
    return None


def causal_mask(like, queries, keys):
    """`[1, 1, queries, keys]`: true where a query may look."""
    rows = torch.arange(queries, device=like.device)[:, None] + (keys - queries)
    return (torch.arange(keys, device=like.device)[None, :] <= rows)[None, None]
