"""`pack` and `unpack`: several tensors joined along the axes that a `*` stands for, and taken apart again."""
import math

import torch

from ._pattern import EinopsError


def _around_star(pattern, name):
    axes = pattern.split()
    if len(axes) != len(set(axes)):
        raise EinopsError('Duplicates in axes names in {}(..., "{}")'.format(name, pattern))
    if "*" not in axes:
        raise EinopsError('No *-axis in {}(..., "{}")'.format(name, pattern))
    return axes.index("*"), len(axes) - axes.index("*") - 1


def pack(tensors, pattern):
    before, after = _around_star(pattern, "pack")
    flat, shapes = [], []
    for i, tensor in enumerate(tensors):
        shape = tensor.shape
        if len(shape) < before + after:
            raise EinopsError(
                "packed tensor #{} (enumeration starts with 0) has shape {}, while pattern {} assumes at least {} axes".format(
                    i, tuple(shape), pattern, before + after
                )
            )
        end = len(shape) - after
        shapes.append(shape[before:end])
        flat.append(tensor.reshape((*shape[:before], -1, *shape[end:])))
    return torch.cat(flat, dim=before), shapes


def unpack(tensor, packed_shapes, pattern):
    before, after = _around_star(pattern, "unpack")
    shape = tensor.shape
    if len(shape) != before + 1 + after:
        raise EinopsError(
            "unpack(..., {}) received input of wrong dim with shape {}".format(pattern, tuple(shape))
        )
    lengths = [-1 if -1 in one else math.prod(one) for one in packed_shapes]
    unknown = [i for i, length in enumerate(lengths) if length == -1]
    if len(unknown) > 1:
        raise EinopsError("unpack(..., {}) received more than one -1 in {}".format(pattern, packed_shapes))
    if unknown:
        lengths[unknown[0]] = shape[before] - sum(length for length in lengths if length != -1)
    elif sum(lengths) != shape[before]:
        raise EinopsError("unpack(..., {}): lengths {} do not add up to {}".format(pattern, lengths, shape[before]))
    parts, start = [], 0
    for length, own in zip(lengths, packed_shapes):
        part = tensor[(*[slice(None)] * before, slice(start, start + length))]
        parts.append(part.reshape((*shape[:before], *own, *shape[before + 1 :])))
        start = start + length
    return parts
