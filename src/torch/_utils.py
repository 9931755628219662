"""Tensors joined to one vector and taken apart again."""
import torch


def _flatten_dense_tensors(tensors):
    return torch.cat([x.contiguous().view(-1) for x in tensors])


def _unflatten_dense_tensors(flat, tensors):
    outputs, at = [], 0
    for x in tensors:
        outputs.append(flat.narrow(0, at, x.numel()).view_as(x))
        at += x.numel()
    return tuple(outputs)


class ExceptionWrapper:
    pass
