"""One step operation by operation: what each takes over what was alive, what stays, and what was freed before it."""

import math

import torch
from torch.utils._python_dispatch import TorchDispatchMode


def shown(value):
    if isinstance(value, torch.Tensor):
        return [str(value.dtype)[6:], list(value.shape), None if value.is_contiguous() else list(value.stride())]
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value[:6]] if len(value) < 400 else len(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, (int, float, bool, str)) or value is None:
        return value
    return str(value)[:40]


class Watch(TorchDispatchMode):
    """Operations as [part, name, freed before, stays, taken at most, arguments, results]."""

    def __init__(self):
        super().__init__()
        self.operations = []
        self.part = "forward"
        self.last = None

    def note(self, part):
        self.part = {"forward": "backward", "backward": "optimizer"}.get(part, part)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        out = func(*args, **(kwargs or {}))
        after = torch.cuda.memory_allocated()
        freed = 0 if self.last is None else self.last - before
        peak = torch.cuda.max_memory_allocated() - before
        name = func.__name__ if hasattr(func, "__name__") else str(func)
        if freed or peak or after != before or "copy" in name:
            entry = [self.part, name, freed, after - before, peak, shown(list(args)), shown(out)]
            self.operations.append(entry)
        self.last = after
        return out
