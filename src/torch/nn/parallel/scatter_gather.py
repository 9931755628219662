import torch
from torch._native import Tensor


def scatter(inputs, target_gpus, dim=0):
    """Tensors cut along `dim`, everything else handed to each device."""
    count = len(target_gpus)

    def parts(value):
        if isinstance(value, Tensor):
            return list(value.chunk(count, dim))
        if isinstance(value, (tuple, list)) and value:
            return [type(value)(row) for row in zip(*map(parts, value))]
        if isinstance(value, dict) and value:
            return [type(value)(row) for row in zip(*map(parts, value.items()))]
        return [value for _ in range(count)]

    return parts(inputs)


def scatter_kwargs(inputs, kwargs, target_gpus, dim=0):
    rows = scatter(inputs, target_gpus, dim) if inputs else [() for _ in target_gpus]
    named = scatter(kwargs, target_gpus, dim) if kwargs else [{} for _ in target_gpus]
    return tuple(rows), tuple(named)


def gather(outputs, target_device, dim=0):
    """The devices' outputs as one, in the form of the first."""
    first = outputs[0]
    if isinstance(first, Tensor):
        return torch.cat(list(outputs), dim) if first.dim() > 0 else torch.stack(list(outputs))
    if first is None:
        return None
    if isinstance(first, dict):
        return type(first)((key, gather([one[key] for one in outputs], target_device, dim)) for key in first)
    return type(first)(gather(list(row), target_device, dim) for row in zip(*outputs))
