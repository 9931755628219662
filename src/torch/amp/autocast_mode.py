"""Autocast: operations inside run in a reduced type, as PyTorch's lists say."""
import functools

import torch
from torch._modes import forget_casts, get_autocast, set_autocast


class autocast:
    def __init__(self, device_type="cuda", dtype=None, enabled=True, cache_enabled=None):
        self.device = device_type
        self.enabled = enabled
        self.fast_dtype = torch.float16 if device_type != "cpu" else torch.bfloat16
        if dtype is not None:
            self.fast_dtype = dtype

    def __enter__(self):
        self.before = set_autocast(self.fast_dtype if self.enabled else None)
        return self

    def __exit__(self, *args):
        set_autocast(self.before)
        if self.before is None:
            forget_casts()
        return False

    def __call__(self, func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            with self:
                return func(*args, **kwargs)

        return wrapper


def is_autocast_available(device_type):
    return True


def custom_fwd(fwd=None, *, device_type="cuda", cast_inputs=None):
    if fwd is None:
        return lambda func: custom_fwd(func, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def wrapper(*args, **kwargs):
        if cast_inputs is None or get_autocast() is None:
            return fwd(*args, **kwargs)
        cast = [x.to(cast_inputs) if isinstance(x, torch.Tensor) and x.is_floating_point() else x for x in args]
        with autocast(device_type, enabled=False):
            return fwd(*cast, **kwargs)

    return wrapper


def custom_bwd(bwd=None, *, device_type="cuda"):
    return (lambda func: func) if bwd is None else bwd
