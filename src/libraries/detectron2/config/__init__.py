"""Configurations, and classes built from them."""
import functools
import inspect

from _libraries.cfg_node import CfgNode

from .lazy import LazyCall, instantiate


def configurable(init_func=None, *, from_config=None):
    """`__init__` takes either its own arguments or a CfgNode, from which `from_config` makes them."""
    if init_func is not None:
        @functools.wraps(init_func)
        def wrapped(self, *args, **kwargs):
            if _has_config(args, kwargs):
                init_func(self, **_arguments(type(self).from_config, args, kwargs))
            else:
                init_func(self, *args, **kwargs)

        return wrapped

    def wrap(function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            return function(**_arguments(from_config, args, kwargs)) if _has_config(args, kwargs) else function(*args, **kwargs)

        wrapped.from_config = from_config
        return wrapped

    return wrap


def _has_config(args, kwargs):
    return bool(args) and isinstance(args[0], CfgNode) or isinstance(kwargs.get("cfg"), CfgNode)


def _arguments(from_config, args, kwargs):
    takes = list(inspect.signature(from_config).parameters.values())
    if any(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in takes):
        return from_config(*args, **kwargs)
    names = {one.name for one in takes}
    made = from_config(*args, **{name: value for name, value in kwargs.items() if name in names})
    made.update({name: value for name, value in kwargs.items() if name not in names})
    return made


def get_cfg():
    return CfgNode()
