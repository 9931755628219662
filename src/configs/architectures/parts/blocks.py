"""Texts in blocks: cut, laid beside their neighbours, and the masks of windows over them."""
import torch
from torch.nn import functional as F


def padded(x, axis, before, behind):
    """`x` with zeros along one axis."""
    widths = [0, 0] * x.ndim
    place = 2 * (x.ndim - 1 - axis)
    widths[place], widths[place + 1] = before, behind
    return F.pad(x, widths, mode="constant", value=0)


def in_blocks(x, length, axis):
    """An axis as blocks of `length`, the last one padded."""
    missing = -x.shape[axis] % length
    if missing > 0:
        x = padded(x, axis, 0, missing)
    shape = x.shape
    return x.reshape(*shape[:axis], shape[axis] // length, length, *shape[axis + 1 :])


def beside_neighbours(x, axis, along):
    """Each block with the one before and the one behind it."""
    count = x.shape[axis]
    x = padded(x, axis, 1, 1)
    start = [slice(0, None)] * axis
    return torch.cat([x[tuple([*start, slice(i, i + count)])] for i in range(3)], dim=along)


def window_mask(padding, length):
    """`[B, 1, blocks, length, 3 · length]`: true where a token of a block may look, less than a block away."""
    blocks = in_blocks(padding, length, 1)
    three = beside_neighbours(blocks, 1, 2)
    mask = torch.logical_and(blocks.unsqueeze(-1), three.unsqueeze(-2))
    places = torch.arange(3 * length, dtype=torch.int32)
    distances = places.unsqueeze(0) - places[length:-length].unsqueeze(1)
    near = (torch.abs(distances) < length)[None, None, :, :].to(mask.device)
    return torch.logical_and(mask, near).unsqueeze(1)
