"""torch.nn: layers, losses, parameters and what goes with them."""

from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter  # isort: skip
from .modules import *
from . import attention, functional, init, modules, parallel, utils
from .parallel import DataParallel


def factory_kwargs(kwargs):
    """The `device`, `dtype` and `memory_format` that a module was made with, `factory_kwargs` counted in."""
    if kwargs is None:
        return {}
    known = {"device", "dtype", "memory_format"}
    surplus = set(kwargs) - known - {"factory_kwargs"}
    if surplus:
        raise TypeError(f"unexpected kwargs {surplus}")
    found = dict(kwargs.get("factory_kwargs", {}))
    found.update((name, kwargs[name]) for name in known if name in kwargs)
    return found
