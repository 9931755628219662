from torch.utils import checkpoint, data


def set_module(obj, mod):
    obj.__module__ = mod
