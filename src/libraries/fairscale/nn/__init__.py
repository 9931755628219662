"""Wrappers that change where a model lives, not what it is."""
from .checkpoint import checkpoint_wrapper


def auto_wrap(module, **kwargs):
    return module


wrap = auto_wrap


class enable_wrap:
    def __init__(self, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False


def FullyShardedDataParallel(module, *args, **kwargs):
    return module
